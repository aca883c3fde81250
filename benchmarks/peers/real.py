"""The one-model case with a real model: the built-in one, straight, behind a semaphore, LiteLLM's proxy, and the app.

Everybody has a llama.cpp of their own with as many slots, and is asked in turn, round by round, since they share the
processor. Nothing is compressed here; the answers are short.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.gateway.door import Door
from benchmarks.gateway.places import litellm
from benchmarks.peers.caller import Heard, call
from benchmarks.peers.pace import SLOTS
from benchmarks.peers.people import app_for
from benchmarks.peers.trace import person
from benchmarks.peers.ways import OURS, PEOPLE, Way
from benchmarks.processes import ROOT, end
from benchmarks.report import table
from benchmarks.scheduling.measures import quantile
from benchmarks.scheduling.workload import HEAVY, Ask, Crowd
from chatui.backends.embedded import embedded_config
from chatui.backends.embedded_child import ChildOrder
from tests.support.forked import PROGRAM

PATH = "/v1/chat/completions"
CROWD = Crowd(seconds=6.0, light_every=6.0, heavy_every=0.6, output_tokens=24.0)
WITHIN_S = 120.0


@dataclass
class Seen:
    """What came of all rounds on one way: seconds to the first word, words a second."""

    light: list[float] = field(default_factory=list)
    count: int = 0
    seconds: float = 0.0
    errors: int = 0

    def take(self, asks: Sequence[Ask], heard: Sequence[Heard], seconds: float) -> None:
        """Take in one round."""
        firsts = [one.first_s for ask, one in zip(asks, heard, strict=True) if ask.user != HEAVY]
        self.light += [WITHIN_S if first is None else first for first in firsts]
        self.count += sum(one.count for one in heard)
        self.seconds += seconds
        self.errors += sum(bool(one.error) or one.left for one in heard)


async def real(rounds: int, scratch: Path) -> tuple[str, Mapping[str, float]]:
    """Ask in so many rounds; gives a table and the figures."""
    asks = CROWD.asks(0)
    seen: dict[str, Seen] = {}
    async with AsyncExitStack() as stack:
        ways = await _open(stack, scratch)
        for way in ways.values():
            await _ask(way, asks[0], 0.0)  # so that everybody has its model in memory
        for _ in range(rounds):
            for name, way in ways.items():
                began = time.monotonic()
                heard = await asyncio.gather(*(_ask(way, ask, began) for ask in asks))
                seen.setdefault(name, Seen()).take(asks, heard, time.monotonic() - began)
    title = f"one real model, {len(asks)} questions a round, {rounds} rounds"
    columns = ("words/s", "light p50 s", "p95 s", "errors")
    return table(title, columns, {name: _row(one) for name, one in seen.items()}), _figures(seen)


def _row(seen: Seen) -> Sequence[str]:
    waits = (f"{quantile(seen.light, share):.2f}" for share in (0.5, 0.95))
    return (f"{seen.count / seen.seconds:.1f}", *waits, str(seen.errors))


def _figures(seen: Mapping[str, Seen]) -> Mapping[str, float]:
    return {
        f"real/{name}/{column}": value
        for name, one in seen.items()
        for column, value in {
            "words_per_s": one.count / one.seconds,
            "light_p50_s": quantile(one.light, 0.5),
            "light_p95_s": quantile(one.light, 0.95),
            "errors": one.errors,
        }.items()
    }


async def _open(stack: AsyncExitStack, scratch: Path) -> Mapping[str, Way]:
    model = embedded_config().model

    def door(name: str, url: str, key: str) -> Callable[[Ask], Door]:
        return lambda _: Door(name, url, PATH, model, key)

    url, key = await stack.enter_async_context(_server())
    ways = {
        "direct": Way(door("direct", url, key)),
        "semaphore": Way(door("semaphore", url, key), asyncio.Semaphore(SLOTS)),
    }
    await asyncio.to_thread((scratch / "proxy").mkdir, parents=True)
    proxy = await stack.enter_async_context(litellm(f"{url}/v1", scratch / "proxy", (model,), key))
    if proxy is not None:
        ways["LiteLLM's proxy"] = Way(door("LiteLLM's proxy", proxy.url, proxy.key))
    flags = ("--workers", str(SLOTS), "--queued-per-person", "1000")
    home, keys = await stack.enter_async_context(app_for(scratch / "data", PEOPLE, *flags, program=PROGRAM))
    ways[OURS] = Way(lambda ask: Door(OURS, home, PATH, model, keys[person(ask), ask.priority]), nullcontext())
    return ways


@asynccontextmanager
async def _server() -> AsyncIterator[tuple[str, str]]:
    """A llama.cpp with the built-in model, as the app has one; gives its address and the key to it."""
    config, key = embedded_config(slots=SLOTS), secrets.token_hex(16)
    order = ChildOrder(str(config.model_path), config.model, config.slots, config.num_ctx, config.threads, key)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatui.backends.embedded_child"), cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        yield json.loads(await process.stdout.readline())["url"], key
    finally:
        await end(process)


async def _ask(way: Way, ask: Ask, began: float) -> Heard:
    await asyncio.sleep(max(0.0, began + ask.at - time.monotonic()))
    heard = Heard(time.monotonic())
    try:
        async with asyncio.timeout(WITHIN_S), way.turn:
            await call(way.door(ask), "Tell me a story about a lighthouse keeper.", ask.output_tokens, heard)
    except TimeoutError:
        heard.left = True
    return heard
