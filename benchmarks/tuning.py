"""Whether the guided measurement finds the same number of workers as one that spares no time.

`python -m benchmarks.tuning --json` prints a table; its last line is one flat JSON object. The app runs in this process
with its built-in model. First the guided measurement is asked for, as an admin's click does it; then every number of
workers is measured up to `--maximum`, in `--rounds` rounds each, in an order that is shuffled anew for each round, with
one worker between any two. Both take the knee by the same rule.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.report import Progress, parser, table, tell, tell_figures
from chatui.backends.embedded import MODEL_NAME
from chatui.core import Core, start_core
from chatui.operations.tuning.answers import Target
from chatui.operations.tuning.knee import Point, Reading, knee, points_of
from chatui.operations.tuning.states import State
from chatui.settings import Settings
from storage import tunings
from storage.tables import TuningRun

_LONGEST = timedelta(minutes=2)


async def main(*, maximum: int, rounds: int, directory: Path) -> dict[str, Any]:
    """Measure in both ways."""
    async with AsyncExitStack() as stack:
        core = await start_core(Settings(data=directory, ollama_host=None, backup_hours=0), stack)
        queue = asyncio.create_task(core.scheduler.run())
        stack.callback(queue.cancel)
        guided = await _guided(core, maximum)
        exhaustive = await _exhaustive(core, maximum, rounds)
    tell(_table(guided, exhaustive))
    return _figures(guided, exhaustive)


async def _guided(core: Core, maximum: int) -> list[Point]:
    """Have it measured as an admin has it done."""
    row = TuningRun(model=MODEL_NAME, maximum=maximum, state=State.WANTED, asked_at=core.database.clocks.now())
    run_id = (await core.database.write(lambda session: tunings.add_run(session, row))).id
    await core.tunings.look()
    await core.tunings.settle()
    run = await core.database.read(lambda session: tunings.run_by_id(session, run_id))
    if run is None or run.state != State.FOUND:
        raise RuntimeError(f"nothing was found: {run}")
    tell(f"The guided measurement tried {len(run.points)} numbers; ended by {run.reason}.")
    return [Point(**point) for point in run.points]


async def _exhaustive(core: Core, maximum: int, rounds: int) -> list[Point]:
    """Measure every number of workers, in no order."""
    ground, readings, order = core.tunings.ground, list[Reading](), random.Random(1)
    (name,) = (status.name for status in core.fleet.statuses())
    with ground.widened(maximum), ground.workers.measuring(name, maximum):
        await ground.answers.at_once(Target(MODEL_NAME, name), 1, _LONGEST)
        progress = Progress(rounds)
        for number in range(1, rounds + 1):
            progress.step(f"every number of workers, round {number}")
            counts = list(range(1, maximum + 1))
            order.shuffle(counts)
            for workers in [each for count in counts for each in ((count, 1) if count > 1 else (1,))]:
                readings.append(await ground.answers.at_once(Target(MODEL_NAME, name), workers, _LONGEST))
        progress.over()
    return points_of(readings)


def _table(guided: Sequence[Point], exhaustive: Sequence[Point]) -> str:
    quick = {point.workers: f"{point.tokens_per_second:.1f}" for point in guided}
    rows = {
        str(point.workers): (
            quick.get(point.workers, ""),
            f"{point.tokens_per_second:.1f}",
            f"{point.first_token:.2f}",
        )
        for point in exhaustive
    } | {"knee": (str(_knee(guided)), str(_knee(exhaustive)), "")}
    return table("workers", ("tokens/s, guided", "exhaustive", "first token s"), rows)


def _figures(guided: Sequence[Point], exhaustive: Sequence[Point]) -> dict[str, Any]:
    quick, thorough = _knee(guided), _knee(exhaustive)
    return {
        "guided_knee_workers": quick,
        "exhaustive_knee_workers": thorough,
        "knee_difference_workers": abs(quick - thorough),
        "guided_rounds": sum(point.rounds for point in guided),
        "exhaustive_rounds": sum(point.rounds for point in exhaustive),
        **{f"guided_tokens_per_second_{point.workers}": round(point.tokens_per_second, 1) for point in guided},
        **{f"exhaustive_tokens_per_second_{point.workers}": round(point.tokens_per_second, 1) for point in exhaustive},
        **{f"exhaustive_first_token_seconds_{point.workers}": round(point.first_token, 2) for point in exhaustive},
    }


def _knee(points: Sequence[Point]) -> int:
    found = knee(points)
    return found.workers if found else 0


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument(
        "--maximum", type=int, default=5, help="the most workers; by itself one more than the usual contexts"
    )
    flags.add_argument("--rounds", type=int, default=6, help="how often the exhaustive measurement tries each")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = asyncio.run(main(maximum=arguments.maximum, rounds=arguments.rounds, directory=Path(scratch) / "data"))
    if arguments.json:
        tell_figures(found)
