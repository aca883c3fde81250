"""What people are told about their wait, against how long it was. The queue has the bounds of the product here.

`eta_error_median` is the median of |told / actual - 1| over everybody who was told an interval on arrival, however
short the wait. No guess could bring it to nothing: who is next in line waits until one of four answers ends that nobody
knows the length of, and the best guess at such a moment errs by 0.6 at the median.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from benchmarks.scheduling.contenders import SLOTS
from benchmarks.scheduling.crowds import LOAD_75, ONE_MODEL, THREE_MODELS, TWO_MODELS
from benchmarks.scheduling.effort import Effort, Part
from benchmarks.scheduling.simulation import Simulation, World
from benchmarks.scheduling.workload import Crowd
from chatui.scheduler.decision import Fixed, Place, PolicyConfig
from chatui.scheduler.policy import Policy

CROWDS: Mapping[str, Crowd] = {
    "two models": TWO_MODELS,
    "heavy on one": ONE_MODEL,
    "three models": THREE_MODELS,
    "load 0.75": LOAD_75,
}


# Told by how many answers come before: the fewer, the more one that nobody knows decides.
DEPTHS = (
    ("a load only", range(1)),
    ("one answer first", range(1, 2)),
    ("2 to 5", range(2, 6)),
    ("more", range(6, 999)),
)

# A real scheduler hears of each token as it comes.
TICK_S = 0.25


@dataclass(frozen=True, slots=True)
class Told:
    """One answer to "how long?", and the truth; `naive` is the place times the mean time between turns so far."""

    place: Place
    actual: float
    naive: float


def waits(effort: Effort) -> Part:
    """Compare what was told on arrival with what came."""
    lines = [
        "",
        "expected waits, told on arrival",
        f"{'':20}{'told':>8}{'error':>10}{'place x mean':>14}{'covered':>10}",
    ]
    everything: list[Told] = []
    for name, crowd in CROWDS.items():
        short = replace(crowd, seconds=crowd.seconds * effort.share)
        told = [each for seed in range(effort.seeds) for each in _told(short, seed)]
        lines.append(_row(name, told))
        everything += told
    lines.append(_row("all", everything))
    lines += [
        _row(f"  {name}", [each for each in everything if each.place.answers_before in of]) for name, of in DEPTHS
    ]
    if not everything:
        return Part([*lines, "too short: still learning"])
    return Part(lines, {"eta_error_median": _error(everything), "eta_coverage": _coverage(everything)})


def _told(crowd: Crowd, seed: int) -> list[Told]:
    """List who was told an interval; while the policy is learning it tells none."""
    run = Simulation(
        Policy(PolicyConfig(limit=Fixed(SLOTS))), World(crowd.asks(seed), tells=True, tick=TICK_S), seed
    ).run()
    starts = sorted(record.started_at for record in run.records.values() if record.started_at is not None)
    found = []
    for record in run.records.values():
        if record.told is None or record.told.low is None or record.started_at is None:
            continue
        before = sum(at <= record.ask.at for at in starts)
        naive = record.told.position * record.ask.at / max(1, before)
        found.append(Told(record.told, record.started_at - record.ask.at, naive))
    return found


def _row(name: str, told: Sequence[Told]) -> str:
    naive = median(abs(each.naive / each.actual - 1) for each in told) if told else 0.0
    return f"{name:20}{len(told):>8}{_error(told):>10.3f}{naive:>14.3f}{_coverage(told):>10.3f}"


def _error(told: Sequence[Told]) -> float:
    return median(abs((each.place.expected or 0.0) / each.actual - 1) for each in told) if told else 0.0


def _coverage(told: Sequence[Told]) -> float:
    return mean((each.place.low or 0.0) <= each.actual <= (each.place.high or 0.0) for each in told) if told else 0.0
