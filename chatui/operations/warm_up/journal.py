"""The course of warm-ups is kept by whoever runs them, as a whole: nothing of it is written as it goes."""

from __future__ import annotations

from chatui.domain.errors import BackendError
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, Stage
from chatui.scheduler.job import Job


class WarmUpJournal:
    """The scheduler's `Journal` for warm-ups. One that a restart took is due again soon enough."""

    def __init__(self) -> None:
        self._followed: set[JobId] = set()

    def follow(self, job_id: JobId) -> None:
        """Take a job for a warm-up."""
        self._followed.add(job_id)

    def forget(self, job_id: JobId) -> None:
        """Take back `follow`."""
        self._followed.discard(job_id)

    def follows(self, job_id: JobId) -> bool:
        """Whether the job is a warm-up."""
        return job_id in self._followed

    def dropped(self, job: Job) -> None:
        """Write nothing."""

    def started(self, job: Job) -> None:
        """Write nothing."""

    def progressed(self, job: Job) -> None:
        """Write nothing."""

    def failed(self, job: Job, error: BackendError, stage: Stage | None) -> None:
        """Write nothing."""

    def requeued(self, job: Job) -> None:
        """Write nothing."""

    async def finished(self, job: Job, end: JobFinished) -> None:
        """Write nothing."""
