"""One journal for the scheduler over several: each job's course goes to the one that follows it."""

from __future__ import annotations

from chatui.conversations.journal import AnswerJournal
from chatui.domain.errors import BackendError
from chatui.domain.events import JobFinished
from chatui.domain.jobs import Stage
from chatui.scheduler.job import Job


class Journals:
    """The scheduler's `Journal`. What `temporary` does not follow is `durable`."""

    def __init__(self, durable: AnswerJournal, temporary: AnswerJournal) -> None:
        self._durable = durable
        self._temporary = temporary

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

    def _of(self, job: Job) -> AnswerJournal:
        return self._temporary if self._temporary.follows(job.id) else self._durable
