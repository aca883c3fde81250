"""`python -m benchmarks.streaming --json` prints tables; its last line is one flat JSON object.

10, 50, 100 and 200 people each watch an answer of 30 tokens a second grow at the end of 200 messages: in tabs of the
app, started as ever, and then in pages of a plain `gr.ChatInterface` over the same model server. The lag of a token is
the time from when the model server wrote it to when a page had it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path

from benchmarks.streaming.history import prepare
from benchmarks.streaming.rounds import Round, play, started
from tests.support.app import running_app

CROWDS = (10, 50, 100, 200)


async def main(*, seconds: float, crowds: Sequence[int], directory: Path) -> dict[str, float]:
    """Measure both, print the tables, and hand back the figures."""
    async with started("benchmarks.streaming.crowd") as (crowd, model):
        ours = await _ours(crowd, model, directory, crowds, seconds)
        _print("Samovar", ours)
        theirs = [await _chat_interface(crowd, model, people, seconds) for people in crowds]
        _print("gr.ChatInterface", theirs)
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


def _print(name: str, rounds: Sequence[Round]) -> None:
    print(f"\n{name:18}{'delivered':>11}{'lag p50 ms':>12}{'lag p95 ms':>12}{'server, cores':>15}{'crowd, cores':>14}")
    for at in rounds:
        seen = at.seen
        print(
            f"{f'{at.people} people':18}{seen.delivered_share:>11.1%}{seen.lag_p50_ms:>12.0f}{seen.lag_p95_ms:>12.0f}"
            f"{at.core_share:>15.2f}{seen.crowd_core_share:>14.2f}",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON in the last line")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long all watch at once, in each round")
    parser.add_argument("--people", type=int, nargs="+", default=CROWDS, help="how many, round by round")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = asyncio.run(main(seconds=arguments.seconds, crowds=arguments.people, directory=Path(scratch) / "data"))
    if arguments.json:
        print(json.dumps(found))
