"""The states of a job and the one table of its transitions."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NewType
from uuid import UUID

JobId = NewType("JobId", UUID)


class Priority(IntEnum):
    """The class of a job; lower numbers go first. Ageing lifts the waiting (see `scheduler.queue`)."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


class Turn(StrEnum):
    """When a waiting job runs, as its person wishes."""

    IN_TURN = "turn"
    GIVING_WAY = "pass"  # others may pass, but its turn still comes
    IDLE = "idle"  # when nobody else waits, however long that takes


class StopReason(StrEnum):
    """Why a job was stopped that its person did not stop: while it waited, they lost the right to ask for it."""

    MODEL = "model_forbidden"
    ROLE = "may_not_ask"


class JobState(StrEnum):
    """Where a job is in its life. A retry goes back to `QUEUED`, with the arrival it had."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def final(self) -> bool:
        """Whether nothing follows this state."""
        return not TRANSITIONS[self]


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.STOPPED, JobState.FAILED}),
    JobState.RUNNING: frozenset(
        {JobState.QUEUED, JobState.DONE, JobState.STOPPED, JobState.FAILED, JobState.INTERRUPTED},
    ),
    JobState.DONE: frozenset(),
    JobState.STOPPED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.INTERRUPTED: frozenset(),
}


class Stage(StrEnum):
    """What a running attempt is doing."""

    LOADING = "loading"
    READING = "reading"
    THINKING = "thinking"
    WRITING = "writing"
