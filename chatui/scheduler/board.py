"""The live jobs, and who wants to hear when any of them changes its place."""

from __future__ import annotations

from collections.abc import Callable

from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId
from chatui.scheduler.job import Job
from chatui.scheduler.journal import Journal


class Board:
    """Every job that waits or runs, until its end is saved."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.jobs: dict[JobId, Job] = {}
        self._subscribers: list[Callable[[], None]] = []

    async def finish(self, job: Job, end: JobFinished) -> None:
        """Save the end of a job, then tell it: who sees a job as over can rely on the database."""
        await self.journal.finished(job, end)
        job.finish(end)
        self._forget(job)

    def drop(self, job: Job) -> None:
        """Forget a job that never became durable."""
        self.journal.dropped(job)
        self._forget(job)

    def _forget(self, job: Job) -> None:
        self.jobs.pop(job.id, None)
        self.changed()

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Have `changed` called when the queue changes; returns what ends the subscription."""
        self._subscribers.append(changed)
        return lambda: self._subscribers.remove(changed)

    def changed(self) -> None:
        """Tell the subscribers that the queue changed."""
        for changed in tuple(self._subscribers):
            changed()
