"""What differs between several futures of the same present, drawn so that together they cover all that may come."""

from __future__ import annotations

import math
import random
from collections.abc import Hashable


class Chances:
    """For each uncertain thing every future gets another one of as many equal parts of its range (a Latin hypercube).

    A handful of such futures tells about as much as three times as many that are drawn freely; a single one gets the
    middle of everything.
    """

    def __init__(self, futures: int, rng: random.Random) -> None:
        self.futures = futures
        self._rng = rng
        self._parts: dict[Hashable, list[int]] = {}
        self._shifts: dict[Hashable, float] = {}

    def of(self, future: int) -> Chance:
        """The draws of one future, from 0."""
        return Chance(self, future)

    def part(self, what: Hashable, future: int) -> int:
        """Tell which part of its range `what` gets in a future."""
        parts = self._parts.get(what)
        if parts is None:
            parts = self._parts[what] = self._rng.sample(range(self.futures), self.futures)
        return parts[future]

    def shift(self, what: Hashable) -> float:
        """Tell how far into its part each future goes for `what`."""
        return self._shifts.setdefault(what, self._rng.random())


class Chance:
    """The draws of one future: the same thing is drawn the same each time."""

    def __init__(self, chances: Chances, future: int) -> None:
        self._chances = chances
        self._future = future

    def of(self, what: Hashable) -> float:
        """Draw a share between 0 and 1."""
        return (self._chances.part(what, self._future) + 0.5) / self._chances.futures

    def one_of(self, what: Hashable, many: int) -> int:
        """Draw an index below `many`; each index comes up, however few futures there are."""
        share = (self._chances.part(what, self._future) + self._chances.shift(what)) / self._chances.futures
        return int(many * share)

    def pause(self, what: Hashable) -> float:
        """Draw a pause between events that come at random, of the mean 1."""
        part, parts = self._chances.part(what, self._future), self._chances.futures
        return parts * (_area(1 - part / parts) - _area(1 - (part + 1) / parts))


def _area(rest: float) -> float:
    """Tell the integral of -ln from 0 to `rest`: over a part of the range it gives the mean pause there."""
    return rest - rest * math.log(rest) if rest > 0 else 0.0
