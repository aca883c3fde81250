"""One attempt in flight."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from chatui.domain.events import ReplyFinished
from chatui.domain.jobs import JobState, StopReason


@dataclass(eq=False, slots=True)
class Running:
    """The task of an attempt, since when it runs, and what the job becomes, and why, when it is ended from here."""

    attempt: asyncio.Task[ReplyFinished]
    since: float
    then: JobState = JobState.INTERRUPTED
    why: StopReason | None = None
    concluded: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, then: JobState, why: StopReason | None = None) -> None:
        """End the attempt; the job goes on to `then`. The first stop outranks whatever else ended it."""
        if self.then is not JobState.STOPPED:
            self.then, self.why = then, why
        self.attempt.cancel()
