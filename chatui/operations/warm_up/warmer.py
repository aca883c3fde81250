"""One warm-up: a short ask that runs when nobody waits, and once more to see what it is worth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from chatui.domain.errors import Refused
from chatui.domain.events import AttemptStarted, JobFinished, StageEntered
from chatui.domain.jobs import JobId, JobState, Priority, Stage
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role, Sampling, Think, UserId
from chatui.operations.fleet import Fleet
from chatui.operations.warm_up.journal import WarmUpJournal
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.scheduler import Scheduler

HOUSE: Final = UserId(UUID(int=0))
"""For whom warm-ups run: nobody, so that no person's share pays for them."""

_COLD, _WARM = "Good morning.", "Hello again."
_OUTPUT: Final = {Stage.THINKING, Stage.WRITING}


class Outcome(StrEnum):
    """How a warm-up went."""

    LOADED = "loaded"  # the model was loaded, and answers
    WARM = "warm"  # it was there already, and answers
    GAVE_WAY = "gave_way"  # people needed the server all the time
    FAILED = "failed"
    MISSED = "missed"  # the machine slept, or the app did not run


@dataclass(frozen=True, slots=True)
class WarmedUp:
    """How a warm-up went; the times to the first token in seconds, `cold` with the load."""

    outcome: Outcome
    backend: str | None = None
    cold: float | None = None
    warm: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Ping:
    """The end of a short ask: the seconds that it took, and whether the model was loaded for it."""

    job: Job
    seconds: float
    loaded: bool


class Warmer:
    """Warms models up through the queue, as background work: it waits until nobody else does, and yields."""

    def __init__(self, scheduler: Scheduler, fleet: Fleet, journal: WarmUpJournal, clock: Callable[[], float]) -> None:
        self._scheduler = scheduler
        self._fleet = fleet
        self._journal = journal
        self._clock = clock

    async def warm_up(
        self, model: ModelName, stays: timedelta, patience: timedelta, backend: str | None = None
    ) -> WarmedUp:
        """Have a model loaded and see that it answers; it then stays for `stays` after its last use.

        `backend` names the server where that is to be; without it, it is where the queue would have it.

        Gives way when its turn does not come within `patience`. Where it had to be loaded it is asked once more, so
        that both times are known.
        """
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return await self._warm_up(model, stays, backend)
        except TimeoutError:
            return WarmedUp(Outcome.GAVE_WAY)
        except Refused as refusal:
            return WarmedUp(Outcome.GAVE_WAY, error=str(refusal))

    async def _warm_up(self, model: ModelName, stays: timedelta, only: str | None) -> WarmedUp:
        first = await self._ping(self._request(model, _COLD, stays), only)
        if (failed := _failure(first.job)) is not None:
            return failed
        backend = first.job.backend
        if not first.loaded:
            return WarmedUp(Outcome.WARM, backend, warm=first.seconds)
        again = await self._ping(self._request(model, _WARM, stays), only)
        warm = again.seconds if _failure(again.job) is None and not again.loaded else None
        return WarmedUp(Outcome.LOADED, backend, cold=first.seconds, warm=warm)

    async def _ping(self, request: ChatRequest, only: str | None) -> _Ping:
        job_id = JobId(uuid4())
        self._journal.follow(job_id)
        try:
            with self._ends_of_loads(request.model) as ends:
                submission = Submission(job_id, HOUSE, request, 1, Priority.LOW, background=True, only_backend=only)
                job = await self._scheduler.submit(submission, _keep_nothing)
                async with aclosing(job.watch()) as events:
                    async for _ in events:
                        pass
        except asyncio.CancelledError:
            await asyncio.shield(self._scheduler.stop(job_id))
            raise
        finally:
            self._journal.forget(job_id)
        loading = _loading(job, ends)
        return _Ping(job, (loading or 0.0) + _answering(job), loaded=loading is not None)

    @contextmanager
    def _ends_of_loads(self, model: ModelName) -> Iterator[list[float]]:
        """Note when loads of the model end: the course of a job tells only when they begin."""
        ends: list[float] = []
        under_way = False

        def changed() -> None:
            nonlocal under_way
            was, under_way = under_way, self._scheduler.loading(model) is not None
            if was and not under_way:
                ends.append(self._clock())

        unsubscribe = self._scheduler.subscribe(changed)
        try:
            yield ends
        finally:
            unsubscribe()

    def _request(self, model: ModelName, text: str, stays: timedelta) -> ChatRequest:
        about = self._fleet.about(model)
        thinks = about is not None and "thinking" in about.capabilities
        return ChatRequest(
            model,
            (ChatMessage(Role.USER, text),),
            1,
            Sampling(temperature=0.0),
            think=Think.OFF if thinks else None,
            keep_alive=stays,
        )


def _loading(job: Job, ends: list[float]) -> float | None:
    """Tell how long the load took that was made for a job; None where the model was there already."""
    begins = [event.at for event in job.timeline if isinstance(event, StageEntered) and event.stage is Stage.LOADING]
    if not begins:
        return None
    return next((end - begins[-1] for end in ends if end >= begins[-1]), 0.0)


def _answering(job: Job) -> float:
    """Tell how long the last attempt took to its first token, or to its end where that had none."""
    began = first = 0.0
    for event in job.timeline:
        match event:
            case AttemptStarted(at=at):
                began = first = at
            case StageEntered(at=at, stage=stage) if stage in _OUTPUT and first == began:
                first = at
            case JobFinished(at=at) if first == began:
                first = at
    return first - began


def _failure(job: Job) -> WarmedUp | None:
    """Tell how a job failed; None for one that answered."""
    if job.state is JobState.DONE:
        return None
    error = job.outcome.error if job.outcome else None
    if error is None:
        return WarmedUp(Outcome.GAVE_WAY, job.backend)
    return WarmedUp(Outcome.FAILED, job.backend, error=str(error))


async def _keep_nothing(job: Job) -> None:
    """A warm-up that a restart took is due again soon."""
