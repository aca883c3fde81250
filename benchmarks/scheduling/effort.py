"""How much is run, and what one part of the benchmark hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev


@dataclass(frozen=True, slots=True)
class Effort:
    """Seeds, the share of each scenario's time that is played, and the queue lengths whose cost is measured."""

    seeds: int = 8
    share: float = 1.0
    queued: tuple[int, ...] = (1_000, 10_000, 100_000)


QUICK = Effort(seeds=1, share=0.1, queued=(1_000, 10_000))


@dataclass(frozen=True)
class Part:
    """Tables as lines of text, and the figures under their JSON keys."""

    lines: Sequence[str]
    figures: Mapping[str, float] = field(default_factory=dict)


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Write a mean and, behind ±, the standard deviation over the seeds."""
    deviation = stdev(values) if len(values) > 1 else 0.0
    return f"{mean(values):.{digits}f} ±{deviation:.{digits}f}"
