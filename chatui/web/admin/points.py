"""From samples to the points of charts, and to shares of people: pure. The shapes are the live line's protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from chatui.domain.messages import UserId
from chatui.operations.recorder.sample import Sample, merged
from chatui.operations.recorder.spans import Spans, percentile

Figure = float | None
_WAITS: Final = ("wait_high", "wait_normal", "wait_low")


def _gauge(name: str) -> Callable[[Sample, float], Figure]:
    return lambda sample, _: sample.gauges.get(name)


def _sum(*names: str) -> Callable[[Sample, float], Figure]:
    return lambda sample, _: sum(sample.counts.get(name, 0.0) for name in names)


def _percentile(share: float, *names: str) -> Callable[[Sample, float], Figure]:
    def read(sample: Sample, _: float) -> Figure:
        spans: dict[int, int] = {}
        for name in names:
            _add(spans, sample.spans.get(name, {}))
        return percentile(spans, share)

    return read


def _per_second(name: str) -> Callable[[Sample, float], Figure]:
    return lambda sample, seconds: sample.counts.get(name, 0.0) / seconds


def _failures(sample: Sample, _: float) -> Figure:
    return sum(count for name, count in sample.counts.items() if name.startswith("failure."))


def _met(sample: Sample, _: float) -> Figure:
    told = sample.counts.get("eta_told", 0.0)
    return 100 * sample.counts.get("eta_met", 0.0) / told if told else None


COLUMNS: Final[Mapping[str, Callable[[Sample, float], Figure]]] = {
    "waiting_high": _gauge("waiting_high"),
    "waiting_normal": _gauge("waiting_normal"),
    "waiting_low": _gauge("waiting_low"),
    "waiting": _gauge("waiting"),
    "running": _gauge("running"),
    "wait_p50": _percentile(0.5, *_WAITS),
    "wait_p95": _percentile(0.95, *_WAITS),
    "first_p50": _percentile(0.5, "first"),
    "first_p95": _percentile(0.95, "first"),
    "tokens": _per_second("tokens"),
    "cpu": _gauge("cpu"),
    "cpu_app": _gauge("cpu_app"),
    "gpu": _gauge("gpu"),
    "memory_used": _gauge("memory_used"),
    "memory_total": _gauge("memory_total"),
    "gpu_memory_used": _gauge("gpu_memory_used"),
    "disk_free": _gauge("disk_free"),
    "done": _sum("ended.done"),
    "stopped": _sum("ended.stopped"),
    "failures": _failures,
    "swaps": _sum("swaps"),
    "eta_met": _met,
}
"""The figures of a point, in their order, after the moment in milliseconds."""


def show_point(sample: Sample, seconds: float) -> list[Figure]:
    """A sample that stands for so many seconds, as a point."""
    figures = (read(sample, seconds) for read in COLUMNS.values())
    return [round(sample.at.timestamp() * 1000), *(None if each is None else _short(each) for each in figures)]


def show_people(
    samples: Sequence[Sample], names: Mapping[UserId, str], weights: Mapping[UserId, float]
) -> list[dict[str, Any]]:
    """Who had which share of the computing, beside what their weight makes due among those who had any."""
    if not samples:
        return []
    seconds = {UserId(UUID(person)): took for person, took in merged(samples, samples[0].at).people.items()}
    known = {person: took for person, took in seconds.items() if person in names and took > 0}
    total, weight = sum(known.values()), sum(weights.get(person, 1.0) for person in known)
    return [
        {
            "name": names[person],
            "seconds": round(took, 1),
            "share": round(100 * took / total, 1),
            "due": round(100 * weights.get(person, 1.0) / weight, 1),
        }
        for person, took in sorted(known.items(), key=lambda pair: -pair[1])
    ]


def _add(to: dict[int, int], more: Spans) -> None:
    for number, count in more.items():
        to[number] = to.get(number, 0) + count


def _short(value: float) -> float:
    return int(value) if value == int(value) else float(f"{value:.4g}")
