"""The people and the model server, as a process of their own: started by `benchmarks.streaming`.

First it prints the model server's URL. Then it reads rounds as JSON, one a line (see `Order`), and prints for each
`begun` once everybody has asked, and what was seen as JSON at its end.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from benchmarks.scheduling.measures import quantile
from benchmarks.streaming.model import TOKENS_PER_SECOND, SteadyModel
from benchmarks.streaming.watching import GradioPage, OurTab, Page, Part

GRACE_S = 5.0
"""What is not seen so long after the last word was written is not delivered."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who watches: `pages` as `_page` takes them. All have asked after `ramp_s`, and watch at once for `seconds`."""

    pages: Sequence[dict[str, Any]]
    seconds: float
    ramp_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round showed: which share of the tokens was seen, and how late those that came while all watched.

    The crowd's own use of the processor tells whether it could keep up itself.
    """

    delivered_share: float
    lag_p50_ms: float
    lag_p95_ms: float
    crowd_core_share: float


async def main() -> None:
    """Serve the model, and watch whenever told to."""
    model = SteadyModel()
    await model.start()
    print(model.url, flush=True)
    first = 0
    while order := await asyncio.to_thread(sys.stdin.readline):
        outcome = await _round(model, Order(**json.loads(order)), first)
        first += 1_000
        print(json.dumps(asdict(outcome)), flush=True)


async def _round(model: SteadyModel, order: Order, first: int) -> Outcome:
    """Have everybody open their pages, then ask one after the other, then watch."""
    people, count = len(order.pages), round((order.ramp_s + order.seconds) * TOKENS_PER_SECOND)
    ready = asyncio.Barrier(people + 1)
    parts = [Part(first + place, count, order.ramp_s * place / people, ready) for place in range(people)]
    playing = [asyncio.create_task(_page(page).play(part)) for page, part in zip(order.pages, parts, strict=True)]
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({waiting, *playing}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(order.ramp_s)
    print("begun", flush=True)
    begun, before = time.perf_counter(), _own_cpu_s()
    await asyncio.sleep(order.seconds)
    used = (_own_cpu_s() - before) / order.seconds
    await asyncio.wait(playing, timeout=order.ramp_s + GRACE_S)
    for task in playing:
        task.cancel()
    for ended in await asyncio.gather(*playing, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
    lags = _lags(model, parts, begun, begun + order.seconds)
    seen = sum(len(part.seen.at) for part in parts) / (count * people)
    return Outcome(seen, quantile(lags, 0.5) * 1000, quantile(lags, 0.95) * 1000, round(used, 2))


def _page(told: dict[str, Any]) -> Page:
    return GradioPage(**told) if "save" in told else OurTab(**told)


def _own_cpu_s() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system


def _lags(model: SteadyModel, parts: Sequence[Part], begin: float, end: float) -> list[float]:
    return [
        part.seen.at[number] - at
        for part in parts
        for number, at in enumerate(model.written.get(part.stream, []))
        if begin <= at < end and number in part.seen.at
    ]


if __name__ == "__main__":
    asyncio.run(main())
