"""The outcomes of all seeds taken together, and this app against the best of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import geometric_mean, mean

from benchmarks.peers.play import Outcome
from benchmarks.peers.ways import OURS
from benchmarks.scheduling.measures import quantile
from chatui.domain.jobs import Priority


@dataclass(frozen=True, slots=True)
class Measured:
    """One way on one trace. Seconds to the first word over all seeds; tokens a second that reached somebody.

    The waits are those of light people: of all their questions, and of those of each priority. `high_asked` tells how
    many of high priority there were: of few, the 95th percentile is hardly more than the luck of one.
    """

    stayed: int
    completed: int
    errors: int
    tokens_per_s: float
    swaps: float
    light_p50_s: float
    light_p95_s: float
    high_p50_s: float
    high_p95_s: float
    high_asked: int
    normal_p95_s: float
    low_p95_s: float
    jain: float
    wasted_share: float


def pooled(outcomes: Sequence[Outcome]) -> Measured:
    """Take the seeds together: waits and tokens as if they were one, the rest as means."""
    light = [first for outcome in outcomes for first in outcome.light_firsts]
    high, normal, low = (_asked_with(priority, outcomes) for priority in (Priority.HIGH, Priority.NORMAL, Priority.LOW))
    reached, written = (sum(outcome.reached for outcome in outcomes), sum(outcome.written for outcome in outcomes))
    tokens = sum(outcome.reached * outcome.tokens_a_word for outcome in outcomes)
    return Measured(
        stayed=sum(outcome.stayed for outcome in outcomes),
        completed=sum(outcome.completed for outcome in outcomes),
        errors=sum(outcome.errors for outcome in outcomes),
        tokens_per_s=tokens / sum(outcome.lasted for outcome in outcomes),
        swaps=mean(outcome.swaps for outcome in outcomes),
        light_p50_s=quantile(light, 0.5),
        light_p95_s=quantile(light, 0.95),
        high_p50_s=quantile(high, 0.5),
        high_p95_s=quantile(high, 0.95),
        high_asked=len(high),
        normal_p95_s=quantile(normal, 0.95),
        low_p95_s=quantile(low, 0.95),
        jain=mean(outcome.jain for outcome in outcomes),
        wasted_share=max(0.0, 1 - reached / written) if written else 0.0,
    )


def _asked_with(priority: Priority, outcomes: Sequence[Outcome]) -> list[float]:
    return [first for outcome in outcomes for first in outcome.of(priority)]


Traces = Mapping[str, Mapping[str, Measured]]
"""What each way came to on each trace."""


def against_the_best(traces: Traces) -> dict[str, float]:
    """Tell how this app does against the best of the others on each trace, and the geometric mean of that."""
    ours = [ways[OURS] for ways in traces.values()]
    found = {
        "light_p95_vs_best_peer": _ratio(traces, lambda one: one.light_p95_s, min),
        "high_p95_vs_best_peer": _ratio(traces, lambda one: one.high_p95_s, min),
        "throughput_vs_best": _ratio(traces, lambda one: one.tokens_per_s, max),
    }
    return found | {"errors": sum(one.errors for one in ours), "wasted_share": mean(one.wasted_share for one in ours)}


def ratio(ways: Mapping[str, Measured], of: Callable[[Measured], float], best: Callable[[list[float]], float]) -> float:
    """Tell this app's figure over the best of the others'."""
    return of(ways[OURS]) / max(1e-9, best([of(one) for name, one in ways.items() if name != OURS]))


def _ratio(traces: Traces, of: Callable[[Measured], float], best: Callable[[list[float]], float]) -> float:
    return geometric_mean([max(1e-9, ratio(ways, of, best)) for ways in traces.values()])
