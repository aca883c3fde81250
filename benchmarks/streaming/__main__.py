"""`python -m benchmarks.streaming --json` prints tables; its last line is one flat JSON object.

10, 50, 100 and 200 people each watch an answer of 30 tokens a second grow at the end of 200 messages: in tabs of the
app, started as ever, and then in pages of a plain `gr.ChatInterface` over the same model server. The lag of a token is
the time from when the model server wrote it to when a page had it.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import parser, table, tell, tell_figures
from benchmarks.streaming.history import prepare
from benchmarks.streaming.rounds import Round, play, started
from tests.support.app import running_app

CROWDS = (10, 50, 100, 200)


async def main(*, seconds: float, crowds: Sequence[int], directory: Path) -> dict[str, float]:
    """Measure both, print the tables, and hand back the figures."""
    async with started("benchmarks.streaming.crowd") as (crowd, model):
        ours = await _ours(crowd, model, directory, crowds, seconds)
        tell(_table("Samovar", ours))
        theirs = [await _chat_interface(crowd, model, people, seconds) for people in crowds]
        tell(_table("gr.ChatInterface", theirs))
    return _figures(ours, theirs)


async def _ours(crowd: Process, model: str, directory: Path, crowds: Sequence[int], seconds: float) -> list[Round]:
    people = await prepare(directory, max(crowds))
    flags = ("--backend", f"ollama={model}", "--workers", "256", "--backup-hours", "0", "--answer-tokens", "4096")
    async with running_app(directory, *flags) as app:
        pages = [{"url": app.url, **person} for person in people]
        return [await play(crowd, app.process.pid, pages[:count], seconds) for count in crowds]


async def _chat_interface(crowd: Process, model: str, people: int, seconds: float) -> Round:
    """Each number of people on a fresh one: what it still does for those who went would slow the next down."""
    async with started("benchmarks.streaming.chat_interface", model) as (server, told):
        return await play(crowd, server.pid, [json.loads(told)] * people, seconds)


def _figures(ours: Sequence[Round], theirs: Sequence[Round]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, rounds in (("", ours), ("chatinterface_", theirs)):
        for at in rounds:
            figures |= {
                f"{name}delivered_share_{at.people}": at.seen.delivered_share,
                f"{name}lag_p50_ms_{at.people}": at.seen.lag_p50_ms,
                f"{name}lag_p95_ms_{at.people}": at.seen.lag_p95_ms,
                f"{name}cpu_core_share_{at.people}": at.core_share,
            }
    if "lag_p95_ms_50" in figures:
        figures["ours_lag_p95_ms_50"] = figures["lag_p95_ms_50"]
    return {name: round(value, 4) for name, value in figures.items()}


def _table(name: str, rounds: Sequence[Round]) -> str:
    rows = {
        f"{at.people} people": (
            f"{at.seen.delivered_share:.1%}",
            f"{at.seen.lag_p50_ms:.0f}",
            f"{at.seen.lag_p95_ms:.0f}",
            f"{at.core_share:.2f}",
            f"{at.seen.crowd_core_share:.2f}",
        )
        for at in rounds
    }
    return table(name, ("delivered", "lag p50 ms", "lag p95 ms", "server, cores", "crowd, cores"), rows)


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--seconds", type=float, default=10.0, help="how long all watch at once, in each round")
    flags.add_argument("--people", type=int, nargs="+", default=CROWDS, help="how many, round by round")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = asyncio.run(main(seconds=arguments.seconds, crowds=arguments.people, directory=Path(scratch) / "data"))
    if arguments.json:
        tell_figures(found)
