"""What the scheduler tells whoever keeps the jobs: it decides what must be kept, never how."""

from __future__ import annotations

from typing import Protocol

from chatui.domain.errors import BackendError
from chatui.domain.events import JobFinished
from chatui.domain.jobs import Stage
from chatui.scheduler.job import Job


class Journal(Protocol):
    """Keeps the course of jobs. All but the last return at once; none raises: a full disk must not stop an answer."""

    def dropped(self, job: Job) -> None:
        """The job could not be made durable: nobody waits for it."""

    def started(self, job: Job) -> None:
        """An attempt began; `job.attempt` is its number."""

    def progressed(self, job: Job) -> None:
        """Text was added. Called for each piece: the journal chooses how often it writes."""

    def failed(self, job: Job, error: BackendError, stage: Stage | None) -> None:
        """The attempt failed in `stage`."""

    def requeued(self, job: Job) -> None:
        """The job waits again, with the arrival it had."""

    async def finished(self, job: Job, end: JobFinished) -> None:
        """The job ends with `end`: returns when that is durable, or kept to be written once storage recovers."""
