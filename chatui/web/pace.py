"""How fast somebody may go on: some steps at once, then so many a second. Pure."""

from __future__ import annotations


class Pace:
    """Counts steps: `burst` of them are free, and `per_second` become free again. Times are monotonic seconds."""

    def __init__(self, per_second: float, burst: int, now: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._free = float(burst)
        self._seen = now

    def step(self, now: float) -> float:
        """Take a step; tells for how many seconds to stand still before it."""
        self._free = min(self._burst, self._free + (now - self._seen) * self._per_second) - 1
        self._seen = now
        return max(0.0, -self._free / self._per_second)
