"""One journal for the scheduler over several: each job's course goes to the one that follows it."""

from __future__ import annotations

from typing import Protocol

from chatui.domain.errors import BackendError
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, Stage
from chatui.scheduler.job import Job
from chatui.scheduler.journal import Journal


class FollowingJournal(Journal, Protocol):
    """A journal that knows which jobs are its own."""

    def follows(self, job_id: JobId) -> bool:
        """Whether the job is kept here."""


class Journals:
    """The scheduler's `Journal`. What none of the `others` follows is `durable`."""

    def __init__(self, durable: Journal, *others: FollowingJournal) -> None:
        self._durable = durable
        self._others = others

    def dropped(self, job: Job) -> None:
        """The job could not be kept."""
        self._of(job).dropped(job)

    def started(self, job: Job) -> None:
        """An attempt began."""
        self._of(job).started(job)

    def progressed(self, job: Job) -> None:
        """Text was added."""
        self._of(job).progressed(job)

    def failed(self, job: Job, error: BackendError, stage: Stage | None) -> None:
        """The attempt failed."""
        self._of(job).failed(job, error, stage)

    def requeued(self, job: Job) -> None:
        """The job waits again."""
        self._of(job).requeued(job)

    async def finished(self, job: Job, end: JobFinished) -> None:
        """The job ends."""
        await self._of(job).finished(job, end)

    def _of(self, job: Job) -> Journal:
        return next((journal for journal in self._others if journal.follows(job.id)), self._durable)
