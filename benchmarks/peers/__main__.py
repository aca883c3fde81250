"""The same questions through every front end side by side; `python -m benchmarks.peers --json`.

Each seed and trace is played on every way at the same moment, each against a scripted Ollama of its own with room for
one model, so that whatever else the machine does falls on all of them alike. What is compared with is installed by
`make bench-peers`; what is not there is left out. The built-in model is asked afterwards, each way by itself.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

from benchmarks.peers.measures import Measured, against_the_best, pooled
from benchmarks.peers.pace import SCRIPTED, Pace
from benchmarks.peers.play import Outcome, play
from benchmarks.peers.real import real
from benchmarks.peers.trace import Trace, traces
from benchmarks.peers.ways import WAYS
from benchmarks.report import Progress, parser, table, tell, tell_figures

Columns = Mapping[str, Callable[[Measured], str]]
COLUMNS: Columns = MappingProxyType(
    {
        "completed": lambda one: f"{one.completed}/{one.stayed}",
        "tokens/s": lambda one: f"{one.tokens_per_s:.1f}",
        "swaps": lambda one: f"{one.swaps:.0f}",
        "light p50": lambda one: f"{one.light_p50_s:.0f}",
        "light p95": lambda one: f"{one.light_p95_s:.0f}",
        "high p50": lambda one: f"{one.high_p50_s:.0f}",
        "high p95": lambda one: f"{one.high_p95_s:.0f}",
        "high asked": lambda one: str(one.high_asked),
        "normal p95": lambda one: f"{one.normal_p95_s:.0f}",
        "low p95": lambda one: f"{one.low_p95_s:.0f}",
        "Jain": lambda one: f"{one.jain:.3f}",
        "wasted": lambda one: f"{one.wasted_share:.2%}",
        "errors": lambda one: str(one.errors),
    },
)
REAL_COLUMNS: Columns = {name: cell for name, cell in COLUMNS.items() if name not in {"swaps", "wasted"}}
REAL_SEEDS = 3


async def main(*, seconds: float, seeds: int, scratch: Path) -> dict[str, float]:
    """Play everything, print a table of each trace, and hand back the figures."""
    tell(f"{_paced(SCRIPTED)}; seconds to the first word.")
    found: dict[str, Mapping[str, Measured]] = {}
    played = traces(seconds)
    progress = Progress(len(played) * seeds)
    for name, trace in played.items():
        runs: dict[str, list[Outcome]] = {}
        for seed in range(seeds):
            progress.step(f"{trace.title}, seed {seed}")
            for way, outcome in (await _side_by_side(trace, seed, scratch / f"{name} {seed}")).items():
                runs.setdefault(way, []).append(outcome)
        progress.over()
        found[name] = {way: pooled(outcomes) for way, outcomes in runs.items()}
        tell(_table(f"{trace.title}, {seeds} x {seconds:.0f} s", found[name], COLUMNS))
    pace, ways = await real(min(seeds, REAL_SEEDS), seconds, scratch / "real")
    tell(f"{_paced(pace)} here.", _table("one real model", ways, REAL_COLUMNS))
    return _flat(found) | _unswapped(_flat({"real": ways})) | against_the_best(found)


def _paced(pace: Pace) -> str:
    return f"Time runs {pace.speed:.0f} times as fast, a word stands for {pace.tokens_a_word:.0f} tokens"


async def _side_by_side(trace: Trace, seed: int, scratch: Path) -> dict[str, Outcome]:
    asks = trace.asks(seed)
    played = await asyncio.gather(*(play(way, asks, scratch / str(at)) for at, way in enumerate(WAYS)))
    return {way: outcome for way, outcome in zip(WAYS, played, strict=True) if outcome is not None}


def _table(title: str, ways: Mapping[str, Measured], columns: Columns) -> str:
    return table(title, list(columns), {name: [of(one) for of in columns.values()] for name, one in ways.items()})


def _flat(found: Mapping[str, Mapping[str, Measured]]) -> dict[str, float]:
    """Name every figure by trace, way and column."""
    return {
        f"{trace}/{way}/{column}": value
        for trace, ways in found.items()
        for way, one in ways.items()
        for column, value in asdict(one).items()
    }


def _unswapped(figures: Mapping[str, float]) -> dict[str, float]:
    """Leave out what is only seen in the scripted server."""
    return {name: value for name, value in figures.items() if not name.endswith(("/swaps", "/wasted_share"))}


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--quick", action="store_true", help="one seed and a short trace: does it all still work?")
    flags.add_argument("--seeds", type=int, default=5, help="how many draws of each trace")
    flags.add_argument("--seconds", type=float, default=900.0, help="seconds for which each draw asks")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        effort = (300.0, 1) if arguments.quick else (arguments.seconds, arguments.seeds)
        measured = asyncio.run(main(seconds=effort[0], seeds=effort[1], scratch=Path(directory)))
    if arguments.json:
        tell_figures(measured)
