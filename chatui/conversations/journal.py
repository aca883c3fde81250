"""Keeps the course of jobs in the database: the scheduler's `Journal`.

Text is written at the first token, every half second while it grows, and at the end: what a crash can take is half a
second of it. What the database refuses is kept and written once it can be; a piece of text is not, since the next one
or the end brings it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from chatui.accounts.allowances import note_usage
from chatui.conversations.endings import answer_fields
from chatui.conversations.measures import attempt_ms, tokens_taken
from chatui.conversations.saver import Saving
from chatui.conversations.written import NOTHING, Written
from chatui.domain.asks import texts_of
from chatui.domain.echoes import without_echo
from chatui.domain.errors import BackendError
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, Stage
from chatui.domain.machine import MachineLoad
from chatui.domain.messages import ConversationId, MessageId, UserId
from chatui.scheduler.job import Job
from storage import failures, jobs, messages
from storage.database import Clocks
from storage.tables import Failure

FLUSH_EVERY = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """Where the text of a job goes, whose it is, how many older messages its request left out, and what is there."""

    user: UserId
    conversation: ConversationId
    message: MessageId
    left_out: int = 0
    before: Written = NOTHING

    def text(self, job: Job) -> str:
        """The whole answer so far."""
        return self.before.text + job.text

    def thinking(self, job: Job) -> str:
        """All of its thinking so far."""
        return self.before.thinking + job.thinking


class AnswerJournal:
    """Writes answers as they grow, and the record of what failed, with what `machine` tells of that moment."""

    def __init__(self, clocks: Clocks, saver: Saving, machine: Callable[[], MachineLoad] = MachineLoad) -> None:
        self._clocks = clocks
        self._saver = saver
        self._machine = machine
        self._places: dict[JobId, AnswerPlace] = {}
        self._grown: dict[JobId, Job] = {}
        self._flush_at: asyncio.TimerHandle | None = None
        self._listeners: list[Callable[[AnswerPlace, Job, JobFinished], None]] = []

    def follow(self, job_id: JobId, place: AnswerPlace) -> None:
        """Have the text of a job written into a message."""
        self._places[job_id] = place

    def forget(self, job_id: JobId) -> None:
        """Take back `follow`: the job was refused."""
        self._places.pop(job_id, None)

    def follows(self, job_id: JobId) -> bool:
        """Whether the text of a job comes here."""
        return job_id in self._places

    def live(self, conversation_id: ConversationId) -> list[JobId]:
        """The jobs whose answers are on their way in a conversation."""
        return [job for job, at in self._places.items() if at.conversation == conversation_id]

    def places(self) -> dict[JobId, AnswerPlace]:
        """Every answer that is on its way."""
        return dict(self._places)

    def dropped(self, job: Job) -> None:
        """Forget a job that could not be made durable."""
        self.forget(job.id)

    def started(self, job: Job) -> None:
        """Claim the job's row."""
        number, backend, now = job.attempt, job.backend or "", self._clocks.now()
        self._saver.save(lambda session: jobs.claim_job(session, job.id, number, backend, now))

    def progressed(self, job: Job) -> None:
        """Write what there is, at once for the first piece and then within `FLUSH_EVERY`, all answers together."""
        if job.pieces == 1:
            self._write([job])
            return
        self._grown[job.id] = job
        if self._flush_at is None:
            self._flush_at = asyncio.get_running_loop().call_later(FLUSH_EVERY.total_seconds(), self._flush)

    def failed(self, job: Job, error: BackendError, stage: Stage | None) -> None:
        """Record a failed attempt."""
        failure, place = self._failure(job, error, stage), self._places.get(job.id)
        received = (failure.bytes_received, failure.tokens_received)

        def record(session: Session) -> None:
            if place and jobs.get_job(session, job.id) is None:  # gone with its account: nothing of that is to stay
                return
            if stage is Stage.LOADING:  # the load was the attempt; no other call opened it
                jobs.claim_job(session, job.id, failure.attempt_number, failure.backend, failure.created_at)
            failures.record_failure(session, failure)
            jobs.finish_attempt(session, job.id, failure.attempt_number, error.code, failure.created_at, received)

        self._saver.save(record)

    def requeued(self, job: Job) -> None:
        """Put the row back in line."""
        now = self._clocks.now()
        self._saver.save(lambda session: jobs.requeue_job(session, job.id, now))

    async def finished(self, job: Job, end: JobFinished) -> None:
        """Write the end; returns once it is durable, or kept to be written later."""
        self._grown.pop(job.id, None)
        await self._saver.saved(_Ending(job, end, self._places.get(job.id), self._clocks.now()))
        place = self._places.pop(job.id, None)
        if place is not None:
            for told in tuple(self._listeners):
                told(place, job, end)

    def subscribe(self, ended: Callable[[AnswerPlace, Job, JobFinished], None]) -> None:
        """Have `ended` called after each answer that is over and written."""
        self._listeners.append(ended)

    async def settle(self) -> None:
        """Return when everything noted so far is written, or was refused."""
        await self._saver.settle()

    def _flush(self) -> None:
        grown, self._grown, self._flush_at = self._grown, {}, None
        self._write(grown.values())

    def _write(self, grown: Iterable[Job]) -> None:
        answers = [
            messages.Growing(place.message, job.attempt, place.text(job), place.thinking(job))
            for job in grown
            if (place := self._places.get(job.id)) is not None
        ]
        if answers:
            self._saver.try_to_save(lambda session: messages.update_growing(session, answers))

    def _failure(self, job: Job, error: BackendError, stage: Stage | None) -> Failure:
        place, machine = self._places.get(job.id), self._machine()
        return Failure(
            job_id=job.id,
            attempt_number=job.attempt,
            code=error.code,
            detail=without_echo(error.detail or str(error), texts_of(job.request)),
            stage=stage or "queued",
            backend=job.backend or "",
            model=job.request.model,
            account_id=job.submission.user,
            conversation_id=place.conversation if place else None,
            bytes_received=len((job.text + job.thinking).encode()),
            tokens_received=job.pieces,
            duration_ms=attempt_ms(job, job.clock()),
            memory_available=machine.memory_available,
            load_average=machine.load_average,
            created_at=self._clocks.now(),
        )


class _Ending:
    """Writes the end of a job: into the answer, the attempt, the job and its person's use, in one transaction."""

    def __init__(self, job: Job, end: JobFinished, place: AnswerPlace | None, at: datetime) -> None:
        self._job = job
        self._end = end
        self._place = place
        self._at = at
        self._took = tokens_taken(job, end)

    def __call__(self, session: Session) -> None:
        job, end = self._job, self._end
        if self._place is not None:
            fields = answer_fields(job, end, self._place.before)
            messages.update_answer(session, self._place.message, job.attempt, **fields)
        received = (len((job.text + job.thinking).encode()), job.pieces)
        jobs.finish_attempt(session, job.id, job.attempt, end.code or end.state, self._at, received)
        ended = jobs.finish_job(session, job.id, end.state, end.code, self._at)
        if ended and self._took is not None:
            note_usage(session, job.submission.user, job.request.model, self._took, self._at)
