"""Figures as people say them: pure."""

from __future__ import annotations

from math import ceil, floor

_MINUTES_FROM_S = 120
_COARSE_FROM_S = 10


def rounded(low: float, high: float) -> tuple[int, int, bool]:
    """An interval of seconds, widened to figures as coarse as it is itself; True: in minutes.

    Nobody can say "43 to 68 s" of a guess, and figures that change with every look are read as noise.
    """
    if high > _MINUTES_FROM_S:
        return max(floor(low / 60), 1), ceil(high / 60), True
    step = next(step for step, up_to in ((1, 10.0), (5, 60.0), (10, float("inf"))) if high <= up_to)
    return floor(low / step) * step, max(ceil(high / step) * step, 1), False


def gigabytes(size: int) -> str:
    """A size as the model servers tell it, in powers of ten."""
    return f"{size / 1e9:.1f} GB"


def about(seconds: float) -> int:
    """Seconds as a guess: from ten on in tens."""
    return max(1, round(seconds)) if seconds < _COARSE_FROM_S else round(seconds / 10) * 10
