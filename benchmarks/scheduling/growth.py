"""The limit that grows by itself, beside fixed worker counts, on a machine that changes under it."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import mean
from uuid import UUID

from benchmarks.scheduling.contenders import UNBOUNDED
from benchmarks.scheduling.effort import Effort, Part, spread
from benchmarks.scheduling.server import Machine
from benchmarks.scheduling.simulation import Simulation, World
from benchmarks.scheduling.workload import MODELS, Ask, length
from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import UserId
from chatui.scheduler.decision import Auto, Fixed, Limit
from chatui.scheduler.policy import Policy

PEOPLE = 16
HALF = 7200.0

# Six streams write most; above eight the memory does not suffice.
MACHINE = Machine(crashes_above=8)

# Something else takes the processor: three streams write most, more get into each other's way.
SLOWER = Machine(speeds=(12.0, 16.0, 19.0, 17.0, 14.0, 11.0, 9.0, 8.0), crashes_above=8)

FIXED = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12)


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens per second before and after the machine changed, and crashes."""

    before: float
    after: float
    crashes: int


def growth(effort: Effort) -> Part:
    """Compare the adaptive limit with every fixed one."""
    half = HALF * max(effort.share, 0.25)
    limits: dict[str, Limit] = {f"fixed {workers}": Fixed(workers) for workers in FIXED}
    limits["adaptive"] = Auto(PEOPLE)
    runs = {name: [_rates(limit, half, seed) for seed in range(effort.seeds)] for name, limit in limits.items()}
    lines = ["", "growth of the limit: tokens per second before and after the machine becomes another one"]
    lines += [f"{'':20}{'before':>15}{'after':>15}{'crashes':>12}"]
    lines += [_row(name, of_limit) for name, of_limit in runs.items()]
    return Part(lines, _compared(runs))


def _rates(limit: Limit, half: float, seed: int) -> Rates:
    draw = _asker(random.Random(seed))
    asks = [draw(UserId(UUID(int=1 + number)), number * 0.3) for number in range(PEOPLE)]
    world = World(
        asks,
        MACHINE,
        until=2 * half,
        again=lambda ask, now: draw(ask.user, now),
        changes=((half, SLOWER),),
    )
    run = Simulation(Policy(replace(UNBOUNDED, limit=limit)), world, seed).run()
    before = next(tokens for now, tokens in run.samples if now >= half)
    return Rates(before / half, (run.server.tokens - before) / half, run.crashes)


def _asker(rng: random.Random) -> Callable[[UserId, float], Ask]:
    """Make what draws a person's next question: they ask again as soon as they are answered."""
    numbers = itertools.count(1)

    def draw(user: UserId, at: float) -> Ask:
        number = next(numbers)
        return Ask(
            job_id=JobId(UUID(int=number)),
            arrival=number,
            user=user,
            model=MODELS[0],
            priority=Priority.NORMAL,
            at=at,
            prompt_tokens=length(rng, 250.0, 0.8),
            output_tokens=length(rng, 350.0, 0.64),
            patience=math.inf,
        )

    return draw


def _row(name: str, runs: list[Rates]) -> str:
    before, after = (spread([getattr(run, when) for run in runs], 2) for when in ("before", "after"))
    return f"{name:20}{before:>15}{after:>15}{mean(run.crashes for run in runs):>12.1f}"


def _compared(runs: dict[str, list[Rates]]) -> dict[str, float]:
    """Tell the worse of the two halves against the fixed count that is best in it."""

    def against_best(when: str) -> float:
        means: dict[str, float] = {
            name: mean(getattr(run, when) for run in of_limit) for name, of_limit in runs.items()
        }
        return means["adaptive"] / max(rate for name, rate in means.items() if name != "adaptive")

    return {
        "limit_vs_best_fixed": min(against_best("before"), against_best("after")),
        "limit_crashes": float(sum(run.crashes for run in runs["adaptive"])),
    }
