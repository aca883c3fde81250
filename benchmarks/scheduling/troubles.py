"""People who go away, and loads that fail."""

from __future__ import annotations

import random
from dataclasses import replace
from statistics import mean

from benchmarks.scheduling.contenders import CONTENDERS
from benchmarks.scheduling.crowds import TWO_MODELS
from benchmarks.scheduling.effort import Effort, Part, spread
from benchmarks.scheduling.measures import quantile, wasted_share
from benchmarks.scheduling.simulation import Contender, Simulation, World
from benchmarks.scheduling.workload import HEAVY

OUTAGE = (1200.0, 1440.0)


def abandonment(effort: Effort) -> Part:
    """Let everybody go away who has seen no word after one to three minutes."""
    crowd = replace(TWO_MODELS, patience=(60.0, 180.0), seconds=TWO_MODELS.seconds * effort.share)
    rows = {
        "strict FIFO, nothing cancelled": ("strict FIFO", False),
        "strict FIFO, cancelled": ("strict FIFO", True),
        "ours": ("ours", True),
    }
    lines = [
        "",
        "abandonment: who has seen no word after 60 to 180 s goes away",
        f"{'':32}{'answered':>16}{'wasted':>16}",
    ]
    wasted: dict[str, list[float]] = {}
    for label, (name, cancels) in rows.items():
        make = CONTENDERS[name]
        runs = [_run(make(), World(crowd.asks(seed), cancels=cancels), seed) for seed in range(effort.seeds)]
        wasted[label] = [wasted_share(run.records.values(), run.server.tokens) for run in runs]
        lines.append(f"{label:32}{spread(_answered(runs), 3):>16}{spread(wasted[label], 4):>16}")
    return Part(lines, {"wasted_share": mean(wasted["ours"])})


def failures(effort: Effort) -> Part:
    """Let 15 of 100 loads fail, and all of them for four minutes."""
    crowd = replace(TWO_MODELS, seconds=TWO_MODELS.seconds * effort.share)
    runs = [
        _run(CONTENDERS["ours"](), World(crowd.asks(seed), load_fails=_load_fails), seed)
        for seed in range(effort.seeds)
    ]
    lost = sum(record.ended_at is None for run in runs for record in run.records.values())
    waits = [
        quantile([w for r in run.records.values() if r.ask.user != HEAVY and (w := r.first_token_after)], 0.95)
        for run in runs
    ]
    return Part(
        [
            "",
            "15 % of loads fail, and every one from second 1200 to 1440",
            f"{'':20}{'answered':>16}{'light p95':>16}{'lost':>8}",
            f"{'ours':20}{spread(_answered(runs), 4):>16}{spread(waits):>16}{lost:>8}",
        ],
    )


def _run(contender: Contender, world: World, seed: int) -> Simulation:
    return Simulation(contender, world, seed).run()


def _load_fails(now: float, rng: random.Random) -> bool:
    return OUTAGE[0] <= now < OUTAGE[1] or rng.random() < 0.15


def _answered(runs: list[Simulation]) -> list[float]:
    """Tell the share of asks that were answered while somebody waited, per run."""
    return [mean(record.gone_at is None and not record.failed for record in run.records.values()) for run in runs]
