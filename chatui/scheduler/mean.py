"""A moving mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Mean:
    """A moving mean: the plain mean of the first values, then each new one counts `share`."""

    value: float
    count: int = 0
    share: float = 0.1

    def add(self, value: float) -> None:
        """Take in one more value."""
        self.count += 1
        self.value += max(1 / self.count, self.share) * (value - self.value)

    def leaning_on(self, prior: float, weight: float) -> float:
        """Tell the mean, drawn towards a prior that counts as `weight` values."""
        return (self.count * self.value + weight * prior) / (self.count + weight)
