"""Swaps: the only place where a model is unloaded and loaded on purpose."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from chatui.backends.base import Backend
from chatui.domain.errors import BackendError, BackendFailed, BackendUnreachable, ModelInUse
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobState, Stage
from chatui.domain.messages import ModelName
from chatui.scheduler.board import Board
from chatui.scheduler.decision import Swap
from chatui.scheduler.outcome import kind_of
from chatui.scheduler.policy import Policy
from chatui.scheduler.pool import BackendPool
from chatui.scheduler.retrier import Retrier
from chatui.scheduler.tasks import Tasks

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loading:
    """A load under way: for how many seconds, and how many it usually takes, where that was seen."""

    seconds: float
    usual: float | None


class Loader:
    """Acts on the policy's swaps, one at a time on each backend. `loaded` is called after each, good or bad."""

    def __init__(
        self,
        policy: Policy,
        board: Board,
        pool: BackendPool,
        retrier: Retrier,
        clock: Callable[[], float],
        loaded: Callable[[], None],
    ) -> None:
        self._policy = policy
        self._board = board
        self._pool = pool
        self._retrier = retrier
        self._clock = clock
        self._loaded = loaded
        self._loading: dict[str, tuple[ModelName, float]] = {}
        self._trying: set[asyncio.Task[BackendError | None]] = set()
        self._tasks = Tasks()
        self._looks = Tasks()

    def begin(self, swap: Swap) -> None:
        """Start a swap; the job at whose turn it came says so."""
        if (job := self._board.jobs.get(swap.wanted_by)) is not None:
            job.enter(Stage.LOADING)
        self._loading[swap.backend] = (swap.load, self._clock())
        self._tasks.spawn(self._swap(swap))

    def loading(self, model: ModelName) -> Loading | None:
        """How the model's load goes; None when it is not being loaded."""
        loads = [
            Loading(self._clock() - began, self._policy.usual_load(backend, model))
            for backend, (name, began) in self._loading.items()
            if name == model
        ]
        return min(loads, key=lambda load: load.seconds, default=None)

    async def unload(self, backend: str, model: ModelName) -> None:
        """Take a model out of memory that nobody uses; raises ModelInUse, or the backend's error."""
        if not self._policy.control.begin_unload(backend, model):
            raise ModelInUse
        try:
            await self._pool.backend(backend).unload(model)
        finally:
            self._policy.control.end_unload(backend)
            self._loaded()
            self._looks.spawn(self._pool.look(backend))

    async def stop(self) -> None:
        """End the loads under way; the jobs that wait for them go on waiting."""
        for trying in self._trying:
            trying.cancel()
        await self._tasks.wait()
        self._looks.cancel()

    async def _swap(self, swap: Swap) -> None:
        trying = asyncio.create_task(self._try(swap))
        self._trying.add(trying)
        await asyncio.wait({trying})
        self._trying.discard(trying)
        _, began = self._loading.pop(swap.backend)
        if not trying.cancelled():
            await self._tried(swap, trying.result(), began)

    async def _tried(self, swap: Swap, error: BackendError | None, began: float) -> None:
        now = self._clock()
        if error is None:
            self._policy.swapped(swap.backend, swap.load, now - began, now)
        else:
            self._policy.swapped(swap.backend, swap.load, None, now, kind_of(error))
            await self._failed(swap, error)
        self._loaded()
        self._looks.spawn(self._pool.look(swap.backend))

    async def _try(self, swap: Swap) -> BackendError | None:
        try:
            await _exchange(self._pool.backend(swap.backend), swap)
        except BackendError as error:
            return error
        except KeyError:
            return BackendUnreachable("the server was removed")
        except Exception as error:
            log.exception("loading %s on %s ended in a fault", swap.load, swap.backend)
            return BackendFailed(repr(error))  # whatever it was, the backend must not stay blocked
        return None

    async def _failed(self, swap: Swap, error: BackendError) -> None:
        """Count the load as an attempt of the job at whose turn it came."""
        log.info("loading %s on %s failed: %s: %s", swap.load, swap.backend, error.code, error)
        job = self._board.jobs.get(swap.wanted_by)
        if job is None or job.state is not JobState.QUEUED:
            return
        job.fail_load(swap.backend)
        self._retrier.attempted(job)
        self._board.journal.failed(job, error, Stage.LOADING)
        if (delay := self._retrier.delay(job, error)) is not None:
            self._policy.hold(job.id, self._clock() + delay.total_seconds(), self._clock())
            self._retrier.put_back(job, error, delay)
        elif self._policy.withdraw(job.id, self._clock()) is not None:
            await self._board.finish(job, JobFinished(self._clock(), JobState.FAILED, error=error))


async def _exchange(backend: Backend, swap: Swap) -> None:
    for model in swap.unload:
        await backend.unload(model)
    await backend.load(swap.load)
