"""Figures of one run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.scheduling.simulation import Record, Simulation
from benchmarks.scheduling.workload import HEAVY, Ask
from chatui.domain.jobs import Priority
from chatui.domain.messages import UserId


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in seconds to the first token; `light` leaves the heavy person out."""

    tokens_per_second: float
    swaps: float
    light_p50: float
    light_p95: float
    high_p95: float
    low_max: float
    heavy_p95: float
    jain: float


def figures(run: Simulation) -> Figures:
    """Measure one run over people and classes."""
    waits = [(record.ask, after) for record in run.records.values() if (after := record.first_token_after) is not None]
    light = [after for ask, after in waits if ask.user != HEAVY]
    return Figures(
        tokens_per_second=run.server.tokens / run.now,
        swaps=run.server.loads,
        light_p50=quantile(light, 0.5),
        light_p95=quantile(light, 0.95),
        high_p95=quantile([w for ask, w in waits if ask.priority is Priority.HIGH and ask.user != HEAVY], 0.95),
        low_max=max((w for ask, w in waits if ask.priority is Priority.LOW and ask.user != HEAVY), default=0.0),
        heavy_p95=quantile([after for ask, after in waits if ask.user == HEAVY], 0.95),
        jain=fairness(run),
    )


def quantile(values: Iterable[float], q: float) -> float:
    """Tell the value that a share `q` of all does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0


def fairness(run: Simulation) -> float:
    """Tell Jain's index of what people were served by the end of the asking, against their max-min fair shares.

    The shares divide what this policy served in all, so that the index tells fairness alone, not speed.
    """
    demand: dict[UserId, float] = defaultdict(float)
    for record in run.records.values():
        demand[record.ask.user] += record.ask.output_tokens
    served = run.served_at_snapshot
    shares = max_min(demand, sum(served.values()))
    return jain([served.get(user, 0) / share for user, share in shares.items() if share > 0])


def jain(values: Sequence[float]) -> float:
    """Tell Jain's index: 1 when all are equal, 1/n when one has all."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def max_min(demand: dict[UserId, float], total: float) -> dict[UserId, float]:
    """Share a total so that nobody has more than demanded, and who has less than another has all that was demanded."""
    shares: dict[UserId, float] = {}
    left = total
    for served, user in enumerate(sorted(demand, key=lambda user: demand[user])):
        shares[user] = min(demand[user], left / (len(demand) - served))
        left -= shares[user]
    return shares


def wasted_share(records: Iterable[Record], tokens: int) -> float:
    """Tell which share of all tokens was written for people who had gone."""
    return sum(record.wasted for record in records) / tokens if tokens else 0.0


def asked_by(asks: Sequence[Ask], user: UserId) -> int:
    """Tell how many tokens a person asked for."""
    return sum(ask.output_tokens for ask in asks if ask.user == user)
