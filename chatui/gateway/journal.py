"""Keeps the course of programs' jobs without a word of what was asked or answered.

A job is not written before its end: when the app dies its program's line breaks, and the program asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from chatui.accounts.allowances import note_usage
from chatui.conversations.measures import attempt_ms, tokens_taken
from chatui.conversations.saver import Saver
from chatui.domain.errors import BackendError
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, Stage
from chatui.domain.machine import MachineLoad
from chatui.domain.people import KeyId
from chatui.scheduler.job import Job
from storage import accounts, failures, jobs
from storage.database import Clocks
from storage.tables import Failure
from storage.tables import Job as JobRow

PURPOSE = "api"
"""What the row of such a job says that it was for."""


class RequestJournal:
    """Writes what failed, what was used, and in the end that there was a job."""

    def __init__(self, saver: Saver, clocks: Clocks, machine: Callable[[], MachineLoad] = MachineLoad) -> None:
        self._saver = saver
        self._clocks = clocks
        self._machine = machine
        self._keys: dict[JobId, KeyId] = {}
        self._asked_at: dict[JobId, datetime] = {}

    def follows(self, job_id: JobId) -> bool:
        """Whether the job is a program's."""
        return job_id in self._keys

    def follow(self, job_id: JobId, key: KeyId) -> None:
        """Have a job counted for a key until it is over."""
        self._keys[job_id] = key
        self._asked_at[job_id] = self._clocks.now()

    def forget(self, job_id: JobId) -> None:
        """Take back `follow`."""
        self._keys.pop(job_id, None)
        self._asked_at.pop(job_id, None)

    def jobs_of(self, key: KeyId) -> list[JobId]:
        """List what a key asked for that is not over."""
        return [job for job, its in self._keys.items() if its == key]

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
        row = self._row(job, end, at)

        def write(session: Session) -> None:
            if accounts.get_account(session, user) is None:
                return
            jobs.add_job(session, row)
            if took is not None:
                note_usage(session, user, job.request.model, took, at)

        self._saver.save(write)
        self.forget(job.id)

    def _row(self, job: Job, end: JobFinished, at: datetime) -> JobRow:
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
            created_at=self._asked_at.get(job.id, at),
            finished_at=at,
        )

    def _failure(self, job: Job, error: BackendError, stage: Stage | None) -> Failure:
        machine = self._machine()
        return Failure(
            job_id=job.id,
            attempt_number=job.attempt,
            code=error.code,
            detail=error.detail or str(error),
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
