"""What waits in the queue, and how waiting lifts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName, UserId

FRONT: Final = -1  # an admin put it before everybody
TOP: Final = 0
MIDDLE: Final = 1
BOTTOM: Final = 2
IDLE: Final = 3  # only when nobody else waits
LEVELS: Final = (TOP, MIDDLE, BOTTOM)


@dataclass(slots=True, eq=False)
class Entry:
    """One waiting or running job, as far as decisions need it.

    `arrival` is a total order that a job keeps over retries and restarts. Times are seconds of the monotonic clock;
    after a restart `arrived_at` may be negative, so that the time already waited still counts. The policy owns an
    entry from `submit` until `finished` or `withdraw`; nobody else writes its fields meanwhile.
    """

    job_id: JobId
    user: UserId
    model: ModelName
    priority: Priority
    arrival: int
    arrived_at: float
    prompt_tokens: int
    not_before: float = 0.0
    background: bool = False  # titles and warm-ups: run when nobody waits, and yield
    only_backend: str | None = None
    when_idle: bool = False  # a person's own choice: run when nobody waits, but do not yield once begun
    aged_from: float | None = None  # when ageing began, where that is not the arrival
    rank: int | None = None  # set by an admin: before everybody, smaller first

    @property
    def idle(self) -> bool:
        """Whether it waits until nobody else does."""
        return self.background or self.when_idle


@dataclass(frozen=True, slots=True)
class Ages:
    """After how many seconds of waiting a class rises: normal to the top; low to the middle, then like normal."""

    normal: float = 90.0
    low: float = 600.0

    def level(self, entry: Entry, now: float) -> tuple[int, float | None]:
        """Tell the entry's level at `now` and when it rises next, None for never again."""
        if entry.rank is not None:
            return FRONT, None
        if entry.idle:
            return IDLE, None
        return self._aged(entry.priority, entry.arrived_at if entry.aged_from is None else entry.aged_from, now)

    def _aged(self, priority: Priority, since: float, now: float) -> tuple[int, float | None]:
        middle = since if priority is Priority.NORMAL else since + self.low
        top = middle + self.normal
        if priority is Priority.HIGH or now >= top:
            return TOP, None
        return (MIDDLE, top) if now >= middle else (BOTTOM, middle)
