"""How long things took, counted in classes: such counts can be added up, percentiles cannot. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

SHORTEST_S: Final = 0.05
_RATIO: Final = 1.25
"""From one class to the next: a percentile is told to about a tenth."""
_CLASSES: Final = 60  # the last begins at about 8 hours

Spans = Mapping[int, int]
"""How many things took how long, by class."""


def class_of(seconds: float) -> int:
    """Tell the class of a time."""
    if seconds <= SHORTEST_S:
        return 0
    return min(_CLASSES, math.ceil(math.log(seconds / SHORTEST_S) / math.log(_RATIO)))


def longest_of(number: int) -> float:
    """Tell the longest time of a class, in seconds."""
    return SHORTEST_S * _RATIO**number


def percentile(spans: Spans, share: float) -> float | None:
    """Tell within how many seconds a `share` of the things were done; None where there were none."""
    total = sum(spans.values())
    seen = 0
    for number in sorted(spans):
        seen += spans[number]
        if seen >= share * total:
            return longest_of(number) / (1.0 if number == 0 else math.sqrt(_RATIO))
    return None
