"""One attempt in flight."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from chatui.domain.events import ReplyFinished
from chatui.domain.jobs import JobState


@dataclass(eq=False, slots=True)
class Running:
    """The task of an attempt, since when it runs, and what the job becomes when the task is ended from here."""

    attempt: asyncio.Task[ReplyFinished]
    since: float
    then: JobState = JobState.INTERRUPTED
    concluded: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, then: JobState) -> None:
        """End the attempt; the job goes on to `then`. A person's stop outranks whatever else ended it."""
        if self.then is not JobState.STOPPED:
            self.then = then
        self.attempt.cancel()
