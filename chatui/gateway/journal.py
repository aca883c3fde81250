"""Keeps the course of programs' jobs, without a word of what was asked or answered unless a program wishes it.

A job is not written before its end: when the app dies its program's line breaks, and the program asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from chatui.accounts.allowances import note_usage
from chatui.conversations.measures import attempt_ms, tokens_taken
from chatui.conversations.saver import Saver
from chatui.domain.asks import texts_of
from chatui.domain.echoes import without_echo
from chatui.domain.errors import BackendError
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, Stage
from chatui.domain.machine import MachineLoad
from chatui.domain.people import KeyId
from chatui.gateway.kept import Keeping, write_kept
from chatui.scheduler.job import Job
from storage import accounts, failures, jobs
from storage.database import Clocks
from storage.tables import Failure
from storage.tables import Job as JobRow

PURPOSE = "api"
"""What the row of such a job says that it was for."""


@dataclass(frozen=True, slots=True)
class _Followed:
    """A job that is not over: with which key it was asked and when, and where it is to be kept."""

    key: KeyId
    asked_at: datetime
    keeping: Keeping | None


class RequestJournal:
    """Writes what failed, what was used, and in the end that there was a job."""

    def __init__(self, saver: Saver, clocks: Clocks, machine: Callable[[], MachineLoad] = MachineLoad) -> None:
        self._saver = saver
        self._clocks = clocks
        self._machine = machine
        self._followed: dict[JobId, _Followed] = {}

    def follows(self, job_id: JobId) -> bool:
        """Whether the job is a program's."""
        return job_id in self._followed

    def follow(self, job_id: JobId, key: KeyId, keeping: Keeping | None = None) -> None:
        """Have a job counted for a key until it is over, and then kept where that is wished."""
        self._followed[job_id] = _Followed(key, self._clocks.now(), keeping)

    def keeping_of(self, job_id: JobId) -> Keeping | None:
        """Tell where a job will be kept; None for nowhere."""
        followed = self._followed.get(job_id)
        return followed.keeping if followed else None

    def forget(self, job_id: JobId) -> None:
        """Take back `follow`."""
        self._followed.pop(job_id, None)

    def jobs_of(self, key: KeyId) -> list[JobId]:
        """List what a key asked for that is not over."""
        return [job for job, followed in self._followed.items() if followed.key == key]

    def dropped(self, job: Job) -> None:
        """Forget the job."""
        self.forget(job.id)

    def started(self, job: Job) -> None:
        """Write nothing."""

    def progressed(self, job: Job) -> None:
        """Write nothing."""

    def requeued(self, job: Job) -> None:
        """Write nothing."""

    def failed(self, job: Job, error: BackendError, stage: Stage | None) -> None:
        """Record a failed attempt."""
        failure = self._failure(job, error, stage)

        def record(session: Session) -> None:
            if accounts.get_account(session, job.submission.user) is not None:
                failures.record_failure(session, failure)

        self._saver.save(record)

    async def finished(self, job: Job, end: JobFinished) -> None:
        """Have the end written soon: nobody but the program waits for it, and it has the answer already."""
        took, user, at = tokens_taken(job, end), job.submission.user, self._clocks.now()
        row, keeping = self._row(job, end, at), self.keeping_of(job.id)

        def write(session: Session) -> None:
            if accounts.get_account(session, user) is None:
                return
            jobs.add_job(session, row)
            if keeping is not None:
                write_kept(session, keeping, job, end, at)
            if took is not None:
                note_usage(session, user, job.request.model, took, at)

        self._saver.save(write)
        self.forget(job.id)

    def _row(self, job: Job, end: JobFinished, at: datetime) -> JobRow:
        followed = self._followed.get(job.id)
        return JobRow(
            id=job.id,
            account_id=job.submission.user,
            purpose=PURPOSE,
            model=job.request.model,
            priority=job.submission.priority,
            state=end.state,
            arrival=job.arrival,
            attempts=job.attempt,
            backend=job.backend,
            error_code=end.code,
            created_at=followed.asked_at if followed else at,
            finished_at=at,
        )

    def _failure(self, job: Job, error: BackendError, stage: Stage | None) -> Failure:
        machine = self._machine()
        return Failure(
            job_id=job.id,
            attempt_number=job.attempt,
            code=error.code,
            detail=without_echo(error.detail or str(error), texts_of(job.request)),
            stage=stage or "queued",
            backend=job.backend or "",
            model=job.request.model,
            account_id=job.submission.user,
            bytes_received=len((job.text + job.thinking).encode()),
            tokens_received=job.pieces,
            duration_ms=attempt_ms(job, job.clock()),
            memory_available=machine.memory_available,
            load_average=machine.load_average,
            created_at=self._clocks.now(),
        )
