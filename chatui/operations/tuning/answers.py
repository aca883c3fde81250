"""Rounds of real answers: so many at once, asked through the queue as background work, and stopped at the first end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Final
from uuid import uuid4

from chatui.domain.errors import BackendError, Refused
from chatui.domain.events import JobFinished, JobQueued, RetryScheduled
from chatui.domain.jobs import JobId, JobState, Priority
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role, Sampling, Think
from chatui.operations.advice import Memory
from chatui.operations.tuning.knee import Reading
from chatui.operations.tuning.meter import Meter
from chatui.operations.warm_up.journal import WarmUpJournal
from chatui.operations.warm_up.warmer import HOUSE
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.scheduler import Scheduler

TOKENS: Final = 64
"""How long an answer is at most: long enough to be timed, short enough that a round takes seconds."""

_PROMPT_TOKENS: Final = 90
_TEXT: Final = (
    "It is to be about a small town by a river, the people who keep its bridge, and what they do when the water rises. "
    "Describe the weather, the houses and the bridge first, then let two of the people talk about what they remember "
    "of the last flood. Use simple words and long paragraphs, and do not come to an end."
)


class Disturbed(Exception):
    """Somebody else wants the server: the round says nothing."""


class RoundFailed(Exception):
    """The server did not answer."""

    def __init__(self, error: BackendError | None) -> None:
        super().__init__(str(error) if error else "no answer came in time")
        self.error = error


@dataclass(frozen=True, slots=True)
class Target:
    """The model on the backend that is measured. `here`: on this machine, whose memory then counts."""

    model: ModelName
    backend: str
    thinks: bool = False
    here: bool = True


class Answers:
    """Asks. `own` are the jobs that are its own."""

    def __init__(
        self,
        scheduler: Scheduler,
        journal: WarmUpJournal,
        memory: Callable[[], Memory],
        clock: Callable[[], float],
    ) -> None:
        self._scheduler = scheduler
        self._journal = journal
        self._memory = memory
        self._clock = clock
        self._numbers = count(1)
        self.own: set[JobId] = set()

    async def at_once(self, target: Target, workers: int, longest: timedelta, tokens: int = TOKENS) -> Reading:
        """Have so many answers written at once until the first ends, after `longest` at most; none is left behind.

        Raises RoundFailed, and Disturbed where the queue gave a slot to somebody else.
        """
        over = asyncio.Event()
        with self._jobs(workers) as ids:
            try:
                meter, jobs = await self._begin(target, ids, tokens, over)
                try:
                    async with asyncio.timeout(longest.total_seconds()):
                        await over.wait()
                except TimeoutError:
                    if not meter.tokens:
                        raise RoundFailed(None) from None
                now = self._clock()
                _require_answers(jobs)
                return self._reading(target, workers, meter, now)
            finally:
                await asyncio.gather(*(self._scheduler.stop(job_id) for job_id in ids))

    @contextmanager
    def _jobs(self, workers: int) -> Iterator[Sequence[JobId]]:
        ids = [JobId(uuid4()) for _ in range(workers)]
        self.own.update(ids)
        for job_id in ids:
            self._journal.follow(job_id)
        try:
            yield ids
        finally:
            self.own.difference_update(ids)
            for job_id in ids:
                self._journal.forget(job_id)

    async def _begin(
        self, target: Target, ids: Sequence[JobId], tokens: int, over: asyncio.Event
    ) -> tuple[Meter, Sequence[Job]]:
        meter = Meter(len(ids), self._clock())
        try:
            jobs = await asyncio.gather(
                *(self._scheduler.submit(self._submission(target, job_id, tokens), _keep_nothing) for job_id in ids)
            )
        except Refused as refusal:
            raise Disturbed from refusal
        for stream, job in enumerate(jobs):
            look = partial(self._look, meter, stream, job, over)
            job.subscribe(look)
            look()
        return meter, jobs

    def _look(self, meter: Meter, stream: int, job: Job, over: asyncio.Event) -> None:
        if over.is_set():
            return
        meter.wrote(stream, job.pieces, self._clock())
        if job.state is not JobState.RUNNING and job.attempt:
            over.set()

    def _submission(self, target: Target, job_id: JobId, tokens: int) -> Submission:
        # The beginnings differ, so that no server answers one from what it has read for another.
        text = f"Tale number {next(self._numbers)}: write it at full length. {_TEXT}"
        request = ChatRequest(
            target.model,
            (ChatMessage(Role.USER, text),),
            tokens,
            Sampling(temperature=0.0),
            think=Think.OFF if target.thinks else None,
        )
        return Submission(
            job_id, HOUSE, request, _PROMPT_TOKENS, Priority.LOW, background=True, only_backend=target.backend
        )

    def _reading(self, target: Target, workers: int, meter: Meter, now: float) -> Reading:
        memory = self._memory() if target.here else None
        used = memory.total_bytes - memory.available_bytes if memory else None
        free = memory.available_bytes if memory else None
        return Reading(workers, meter.tokens_per_second(now), meter.first_token(now), used, free)


def _require_answers(jobs: Sequence[Job]) -> None:
    """Return when every answer was under way or is done."""
    for job in jobs:
        match job.timeline[-1]:
            case RetryScheduled(error=error):
                raise RoundFailed(error)
            case JobFinished(error=BackendError() as error):
                raise RoundFailed(error)
            case JobFinished(state=state) if state is not JobState.DONE:
                raise Disturbed
            case JobQueued() if job.attempt:
                raise Disturbed
            case _:
                pass


async def _keep_nothing(job: Job) -> None:
    """A restart ends the measurement."""
