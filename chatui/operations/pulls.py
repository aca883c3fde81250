"""Downloads of models, which go on while nobody looks: their progress, their end, and how they are stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from chatui.backends.base import PullProgress
from chatui.domain.errors import BackendError
from chatui.domain.messages import ModelName
from chatui.operations.fleet import Fleet

log = logging.getLogger(__name__)
_SHOWN: Final = 8


class PullState(StrEnum):
    """Where a download is."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass
class Pull:
    """A download of a model to a backend. What arrived is kept there, so that the next one goes on from it.

    `fault` is the code of the `BackendError` whose text is `error`, or `removed`.
    """

    backend: str
    model: ModelName
    state: PullState = PullState.RUNNING
    step: str = ""
    error: str = ""
    fault: str = ""
    _parts: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def completed_bytes(self) -> int:
        """How much has arrived."""
        return sum(completed for completed, _ in self._parts.values())

    @property
    def total_bytes(self) -> int:
        """How much there is, of the parts that the server has told of."""
        return sum(total for _, total in self._parts.values())

    def progressed(self, progress: PullProgress) -> None:
        """Take in what the server said."""
        self.step = progress.status
        if progress.digest is not None and progress.total_bytes:
            self._parts[progress.digest] = (progress.completed_bytes or 0, progress.total_bytes)


class Pulls:
    """Runs downloads, each model once at a time on a backend, and remembers the last ones."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._pulls: dict[tuple[str, ModelName], Pull] = {}
        self._tasks: dict[tuple[str, ModelName], asyncio.Task[None]] = {}

    def all(self) -> Sequence[Pull]:
        """The downloads that run or ended lately, the newest first."""
        return list(reversed(self._pulls.values()))

    def start(self, backend: str, model: ModelName) -> None:
        """Begin a download, or go on with one that was stopped; one that runs is left alone."""
        key = (backend, model)
        if key in self._tasks:
            return
        self._pulls.pop(key, None)
        self._pulls[key] = pull = Pull(backend, model)
        self._tasks[key] = task = asyncio.create_task(self._run(pull))
        task.add_done_callback(lambda _: self._tasks.pop(key, None))
        self._forget_old()

    async def stop(self, backend: str, model: ModelName) -> None:
        """Stop a download; returns when its connection is closed. Nothing happens when there is none."""
        task = self._tasks.get((backend, model))
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def close(self) -> None:
        """Stop all of them."""
        for backend, model in tuple(self._tasks):
            await self.stop(backend, model)

    async def _run(self, pull: Pull) -> None:
        pull_state = PullState.STOPPED
        try:
            async with aclosing(self._fleet.backend(pull.backend).pull(pull.model)) as steps:
                async for step in steps:
                    pull.progressed(step)
            await self._fleet.look(pull.backend)  # who sees it as done finds it on the list
            pull_state = PullState.DONE
        except BackendError as error:
            pull_state, pull.error, pull.fault = PullState.FAILED, str(error), error.code
            log.info("the download of %s to %s failed: %s", pull.model, pull.backend, error)
        except KeyError:
            pull_state, pull.error, pull.fault = PullState.FAILED, "the server was removed", "removed"
        finally:
            pull.state = pull_state

    def _forget_old(self) -> None:
        ended = [key for key, pull in self._pulls.items() if pull.state is not PullState.RUNNING]
        for key in ended[: max(0, len(self._pulls) - _SHOWN)]:
            del self._pulls[key]
