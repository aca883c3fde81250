"""Attempts in flight: started, followed to their end, and concluded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import timedelta

from chatui.backends.base import Backend
from chatui.domain.asks import texts_of
from chatui.domain.echoes import without_echo
from chatui.domain.errors import BackendError, BackendFailed, BackendUnreachable
from chatui.domain.events import JobFinished, ReplyFinished
from chatui.domain.jobs import JobId, JobState, StopReason
from chatui.scheduler.board import Board
from chatui.scheduler.decision import Start
from chatui.scheduler.job import Job
from chatui.scheduler.outcome import Outcome, OutcomeKind, kind_of
from chatui.scheduler.policy import Policy
from chatui.scheduler.pool import BackendPool
from chatui.scheduler.retrier import Retrier
from chatui.scheduler.running import Running
from chatui.scheduler.tasks import Tasks
from chatui.scheduler.worker import Worker

log = logging.getLogger(__name__)


class Attempts:
    """Runs what the policy starts. `freed` is called as soon as a slot is free, before the end is written down."""

    def __init__(
        self,
        policy: Policy,
        board: Board,
        pool: BackendPool,
        retrier: Retrier,
        clock: Callable[[], float],
        freed: Callable[[], None],
    ) -> None:
        self._policy = policy
        self._board = board
        self._pool = pool
        self._retrier = retrier
        self._clock = clock
        self._freed = freed
        self._worker = Worker(board.journal, self._wrote)
        self._running: dict[JobId, Running] = {}
        self._tasks = Tasks()
        self._looks = Tasks()

    def __contains__(self, job_id: JobId) -> bool:
        return job_id in self._running

    def start(self, start: Start, kept: asyncio.Future[None] | None) -> None:
        """Begin an attempt; no backend hears of it before the job is `kept`."""
        job = self._board.jobs[start.entry.job_id]
        job.start_attempt(start.backend)
        attempt = asyncio.create_task(self._attempt(job, kept))
        running = self._running[job.id] = Running(attempt, self._clock())
        self._tasks.spawn(self._follow(job, running))

    def yield_slots(self, job_ids: Collection[JobId]) -> None:
        """Have background jobs give their slots to people; they wait again and start over."""
        for job_id in job_ids:
            self._running[job_id].end(JobState.QUEUED)

    async def stop(self, job_id: JobId, why: StopReason | None = None) -> None:
        """Stop a running job; when this returns its upstream connection is closed, its slot free and its end saved."""
        running = self._running[job_id]
        running.end(JobState.STOPPED, why)
        await running.concluded.wait()

    async def drain(self, limit: timedelta) -> None:
        """Wait at most `limit` for what runs, then interrupt it, and return when every end is written."""
        if self._running:
            await asyncio.wait({running.attempt for running in self._running.values()}, timeout=limit.total_seconds())
        for running in self._running.values():
            running.end(JobState.INTERRUPTED)
        await self._tasks.wait()
        self._looks.cancel()

    async def _attempt(self, job: Job, kept: asyncio.Future[None] | None) -> ReplyFinished:
        if kept is not None:
            await asyncio.shield(kept)
        self._board.journal.started(job)
        self._retrier.attempted(job)
        return await self._worker.run(job, self._backend(job))

    def _backend(self, job: Job) -> Backend:
        try:
            return self._pool.backend(job.backend or "")
        except KeyError:
            raise BackendUnreachable("the server was removed") from None

    async def _follow(self, job: Job, running: Running) -> None:
        await asyncio.wait({running.attempt})
        del self._running[job.id]
        try:
            await self._conclude(job, running)
        finally:
            running.concluded.set()

    async def _conclude(self, job: Job, running: Running) -> None:
        if running.attempt.cancelled():
            await self._ended(job, running)
        elif (error := running.attempt.exception()) is None:
            await self._done(job, running, running.attempt.result())
        elif isinstance(error, BackendError):
            await self._failed(job, running, error)
        else:
            await self._broken(job, running, error)

    async def _done(self, job: Job, running: Running, reply: ReplyFinished) -> None:
        usage = reply.usage
        seconds = self._clock() - running.since
        self._release(job, Outcome(OutcomeKind.DONE, seconds, usage.prompt_tokens, usage.output_tokens))
        await self._board.finish(job, JobFinished(self._clock(), JobState.DONE, reply.reason, usage))

    async def _ended(self, job: Job, running: Running) -> None:
        """Conclude an attempt that was ended from here. What yields is background work: it starts over, unseen."""
        if running.then is JobState.QUEUED:
            self._policy.requeue(job.id, self._outcome(OutcomeKind.YIELDED, job, running), 0.0, self._clock())
            job.give_back()
            self._board.journal.requeued(job)
            self._freed()
            return
        self._release(job, self._outcome(OutcomeKind.STOPPED, job, running))
        await self._board.finish(job, JobFinished(self._clock(), running.then, why=running.why))

    async def _failed(self, job: Job, running: Running, error: BackendError) -> None:
        said = without_echo(str(error), texts_of(job.request))
        log.info("job %s attempt %d on %s failed: %s: %s", job.id, job.attempt, job.backend, error.code, said)
        self._board.journal.failed(job, error, job.stage)
        if isinstance(error, BackendUnreachable):
            self._looks.spawn(self._pool.look(job.backend or ""))
        outcome = self._outcome(kind_of(error), job, running)
        if (delay := self._retrier.delay(job, error)) is not None:
            self._policy.requeue(job.id, outcome, self._clock() + delay.total_seconds(), self._clock())
            self._retrier.put_back(job, error, delay)
            self._freed()
        else:
            self._release(job, outcome)
            state = JobState.INTERRUPTED if job.has_output else JobState.FAILED
            await self._board.finish(job, JobFinished(self._clock(), state, error=error))

    async def _broken(self, job: Job, running: Running, error: BaseException) -> None:
        """Conclude an attempt that ended in something that is no backend's error.

        Where the job could not be made durable nobody waits for it: whoever submitted it was told. Else it is a fault
        of ours, and the job must not hang in it.
        """
        outcome = self._outcome(OutcomeKind.STOPPED, job, running)
        self._release(job, outcome)
        if job.stage is None:
            self._board.drop(job)
            return
        log.error("job %s ended in a fault", job.id, exc_info=error)
        failure = BackendFailed(repr(error))
        self._board.journal.failed(job, failure, job.stage)
        await self._board.finish(job, JobFinished(self._clock(), JobState.FAILED, error=failure))

    def _release(self, job: Job, outcome: Outcome) -> None:
        self._policy.finished(job.id, outcome, self._clock())
        self._freed()

    def _outcome(self, kind: OutcomeKind, job: Job, running: Running) -> Outcome:
        return Outcome(kind, self._clock() - running.since, job.submission.prompt_tokens, job.pieces)

    def _wrote(self, job: Job) -> None:
        self._policy.progressed(job.id, job.pieces, self._clock())
