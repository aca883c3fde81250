"""How much slower each answer is written while others are written beside it."""

from __future__ import annotations

from dataclasses import dataclass

from chatui.domain.messages import ModelName

KEPT = 0.98  # of the weight of what was seen, with each answer that ends
STEADY = 0.02  # a variance of the streams below this tells no slope
FASTEST = 4.0


@dataclass(slots=True)
class _Line:
    """A straight line through points: seconds per token over streams, the newest counting most."""

    weight: float = 0.0
    streams: float = 0.0
    seconds: float = 0.0
    squares: float = 0.0
    products: float = 0.0

    def add(self, streams: float, seconds: float) -> None:
        self.weight = self.weight * KEPT + 1
        share = 1 / self.weight
        self.streams += share * (streams - self.streams)
        self.seconds += share * (seconds - self.seconds)
        self.squares += share * (streams * streams - self.squares)
        self.products += share * (streams * seconds - self.products)

    def at(self, streams: float) -> float:
        """Tell the seconds per token with so many streams; more of them are never faster."""
        slope = (self.products - self.streams * self.seconds) / (self.squares - self.streams**2 + STEADY)
        return max(self.seconds / FASTEST, self.seconds + max(0.0, slope) * (streams - self.streams))


class Paces:
    """Learned per backend and model from answers that ended."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, ModelName], _Line] = {}

    def saw(self, backend: str, model: ModelName, streams: float, seconds_per_token: float) -> None:
        """Take in an answer beside which, itself included, `streams` were written on the mean."""
        self._lines.setdefault((backend, model), _Line()).add(streams, seconds_per_token)

    def pace(self, backend: str, model: ModelName, streams: int) -> float:
        """Tell how many times as fast as usual each of so many streams is."""
        line = self._lines.get((backend, model))
        return line.seconds / line.at(streams) if line else 1.0
