"""The figures of one stretch of time, and how several become one: pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chatui.operations.recorder.spans import Spans


@dataclass(frozen=True, slots=True)
class Sample:
    """What was so from `at` on.

    `gauges` are means (how many waited), `counts` are sums (how many tokens came), `spans` say how long things took,
    `people` how many seconds of computing each person had, by id. `looks` is how many looks the means are made of.
    """

    at: datetime
    gauges: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)
    spans: Mapping[str, Spans] = field(default_factory=dict)
    people: Mapping[str, float] = field(default_factory=dict)
    looks: int = 1


def merged(samples: Sequence[Sample], at: datetime) -> Sample:
    """Put samples that follow one another into one that begins at `at`."""
    gauges: defaultdict[str, float] = defaultdict(float)
    looks: Counter[str] = Counter()
    counts: defaultdict[str, float] = defaultdict(float)
    people: defaultdict[str, float] = defaultdict(float)
    spans: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for sample in samples:
        for name, mean in sample.gauges.items():
            gauges[name] += mean * sample.looks
            looks[name] += sample.looks
        _add(counts, sample.counts)
        _add(people, sample.people)
        for name, each in sample.spans.items():
            spans[name].update(each)
    means = {name: total / looks[name] for name, total in gauges.items()}
    return Sample(at, means, dict(counts), dict(spans), dict(people), sum(sample.looks for sample in samples) or 1)


def _add(to: defaultdict[str, float], more: Mapping[str, float]) -> None:
    for name, value in more.items():
        to[name] += value


def as_json(sample: Sample) -> dict[str, Any]:
    """Write a sample as JSON knows it, in few characters; `from_json` reads it."""
    return {
        "n": sample.looks,
        "g": {name: _short(value) for name, value in sample.gauges.items()},
        "c": {name: _short(value) for name, value in sample.counts.items() if value},
        "s": {name: {str(key): count for key, count in spans.items()} for name, spans in sample.spans.items() if spans},
        "p": {name: _short(value) for name, value in sample.people.items()},
    }


def from_json(at: datetime, kept: Mapping[str, Any]) -> Sample:
    """Read what `as_json` wrote; raises KeyError, TypeError, ValueError or AttributeError for anything else."""
    spans = {name: {int(key): int(count) for key, count in each.items()} for name, each in kept["s"].items()}
    return Sample(at, dict(kept["g"]), dict(kept["c"]), spans, dict(kept["p"]), int(kept["n"]))


def _short(value: float) -> float:
    return int(value) if value == int(value) else float(f"{value:.5g}")
