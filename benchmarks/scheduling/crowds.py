"""All contenders in the same crowds: speed, swaps, waits and fairness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from statistics import mean

from benchmarks.scheduling.contenders import CONTENDERS
from benchmarks.scheduling.effort import Effort, Part, spread
from benchmarks.scheduling.measures import Figures, figures
from benchmarks.scheduling.simulation import Simulation, World
from benchmarks.scheduling.workload import MODELS, Crowd

TWO_MODELS = Crowd()
ONE_MODEL = Crowd(heavy_model=MODELS[0])

# Three models swap more often: the same people ask less, so that the overload is about the same.
THREE_MODELS = Crowd(models=3, heavy_every=22.0, light_every=200.0)

# Three quarters of what one loaded model could do without a swap.
LOAD_75 = Crowd(heavy_every=24.0, light_every=220.0)

CROWDS: Mapping[str, Crowd] = {
    "two models that exclude each other, one heavy and nine light people": TWO_MODELS,
    "the heavy person on one model": ONE_MODEL,
    "three models": THREE_MODELS,
    "load 0.75": LOAD_75,
}

Runs = dict[str, list[Figures]]
DIGITS = (1, 0, 0, 0, 0, 0, 0, 3)
COLUMNS = ("tok/s", "swaps", "light p50", "light p95", "high p95", "low max", "heavy p95", "Jain")


def crowds(effort: Effort) -> Part:
    """Run every contender in every crowd."""
    runs = {name: _runs(crowd, effort) for name, crowd in CROWDS.items()}
    lines = [line for name, of_crowd in runs.items() for line in _table(name, of_crowd)]
    two, one = (list(runs.values())[index] for index in range(2))
    return Part(lines, _compared(two, one))


def _runs(crowd: Crowd, effort: Effort) -> Runs:
    crowd = replace(crowd, seconds=crowd.seconds * effort.share)
    return {name: [_run(crowd, make, seed) for seed in range(effort.seeds)] for name, make in CONTENDERS.items()}


def _run(crowd: Crowd, make: Callable[[], object], seed: int) -> Figures:
    world = World(crowd.asks(seed), snapshot_at=crowd.seconds)
    run = Simulation(make(), world, seed).run()  # type: ignore[arg-type]
    assert all(record.ended_at is not None for record in run.records.values()), "every ask ends"
    return figures(run)


def _table(name: str, runs: Runs) -> list[str]:
    seeds = len(next(iter(runs.values())))
    head = f"{'':20}" + "".join(f"{column:>15}" for column in COLUMNS)
    rows = [
        f"{contender:20}"
        + "".join(f"{spread(values, digits):>15}" for values, digits in zip(_columns(of), DIGITS, strict=True))
        for contender, of in runs.items()
    ]
    return ["", f"{name} (seconds to the first token; {seeds} seeds, mean ± deviation)", head, *rows]


def _columns(runs: list[Figures]) -> list[tuple[float, ...]]:
    return list(zip(*(astuple(run) for run in runs), strict=True))


def _compared(two: Runs, one: Runs) -> dict[str, float]:
    def ratio(runs: Runs, name: str, other: str) -> float:
        ours, theirs = (mean(getattr(run, name) for run in runs[who]) for who in ("ours", other))
        return ours / theirs if theirs else 0.0

    return {
        "throughput_vs_fifo": ratio(two, "tokens_per_second", "strict FIFO"),
        "light_p95_vs_fifo": ratio(two, "light_p95", "strict FIFO"),
        "high_p95_vs_fifo": ratio(two, "high_p95", "strict FIFO"),
        "jain": mean(run.jain for run in two["ours"]),
        "swaps_vs_fifo": ratio(two, "swaps", "strict FIFO"),
        "one_model_light_p95_vs_fifo": ratio(one, "light_p95", "strict FIFO"),
        "one_model_light_p95_vs_affinity": ratio(one, "light_p95", "affinity, no bound"),
    }
