"""The one-model case with a real model: the built-in one, straight, behind a semaphore, LiteLLM's proxy, and the app.

Everybody has a llama.cpp of their own with as many slots, and is asked in turn, draw by draw, since they share the
processor. It is the trace of the other tables, at the pace of this model: how fast it writes here and now is measured
first, and people ask so much faster that it is as busy as the scripted one.

An earlier form asked 15 questions within six seconds, whatever the machine made of them: on an idle one nobody waited,
and on a busy one the app was behind, because three of the ten light questions were of low priority, which its queue
lets wait for up to ten minutes, of life and not of the trace. And all said the same words, or found them read already
by a server that others had asked before, so that reading cost the ones more than the others.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.gateway.door import Door
from benchmarks.gateway.places import LITELLM, Proxy, litellm
from benchmarks.peers.caller import Heard
from benchmarks.peers.measures import Measured, pooled
from benchmarks.peers.pace import SLOTS, Pace
from benchmarks.peers.people import app_for
from benchmarks.peers.play import Outcome, converse, outcome
from benchmarks.peers.trace import Trace, person
from benchmarks.peers.ways import OURS, PEOPLE, Way
from benchmarks.processes import ROOT, end
from benchmarks.report import Progress
from benchmarks.scheduling.workload import Ask, Crowd
from chatui.backends.embedded import embedded_config
from chatui.backends.embedded_child import ChildOrder

PATH = "/v1/chat/completions"
TOKENS_A_WORD = 15.0
TRIED = 16
"""Questions at once by which the model's speed is measured."""


async def real(seeds: int, seconds: float, scratch: Path) -> tuple[Pace, Mapping[str, Measured]]:
    """Play so many draws on every way; gives the pace, and what each way came to, in seconds of the trace."""
    trace = Trace("one real model", Crowd(seconds=seconds, models=1))
    runs: dict[str, list[Outcome]] = {}
    pace = await _pace(trace)
    async with AsyncExitStack() as stack:
        ways = await _open(stack, pace, scratch)
        progress = Progress(seeds * len(ways))
        for seed in range(seeds):
            for name, way in _turned(ways, seed):
                progress.step(f"{trace.title}, {name}, seed {seed}")
                runs.setdefault(name, []).append(await _play(way, trace.asks(seed), pace))
        progress.over()
    return pace, {name: pooled(outcomes) for name, outcomes in runs.items()}


def _turned(ways: Mapping[str, Way], by: int) -> Sequence[tuple[str, Way]]:
    """Begin with another one each time: machines drift."""
    order = [*ways.items()]
    return order[by % len(order) :] + order[: by % len(order)]


async def _pace(trace: Trace) -> Pace:
    """Measure how fast the model writes with all its slots."""
    asks = [replace(ask, at=0.0, patience=math.inf) for ask in trace.asks(0)[:TRIED]]
    async with _server() as (url, key):
        began = time.monotonic()
        tried = await converse(Way(_door("tried", url, key)), asks, Pace(1.0, TOKENS_A_WORD), _text)
        lasted = time.monotonic() - began
    return Pace.of_a_model(sum(one.count for _, one in tried.told) / lasted, TOKENS_A_WORD)


async def _play(way: Way, asks: Sequence[Ask], pace: Pace) -> Outcome:
    played = await converse(way, asks, pace, _text)
    return outcome(played, [_is_whole(one) for _, one in played.told], swaps=0, written=0)


def _is_whole(heard: Heard) -> bool:
    """Whether an answer came to its end, which is the model's affair."""
    return bool(heard.words) and not heard.error and not heard.left


def _text(ask: Ask) -> str:
    """Ask something that begins anew each time, as long as in the trace: what a server has read, it may keep."""
    asked = f"{ask.at:.9f} is the number of {person(ask)}, who drinks tea. Tell a story"
    return asked + " of tea" * (Pace(1.0, TOKENS_A_WORD).words(ask.prompt_tokens) // 2)


def _door(name: str, url: str, key: str) -> Callable[[Ask], Door]:
    return lambda _: Door(name, url, PATH, embedded_config().model, key)


async def _open(stack: AsyncExitStack, pace: Pace, scratch: Path) -> Mapping[str, Way]:
    direct, shared = [await stack.enter_async_context(_server()) for _ in range(2)]
    ways = {
        "direct": Way(_door("direct", *direct)),
        "semaphore": Way(_door("semaphore", *shared), asyncio.Semaphore(SLOTS)),
    }
    if LITELLM.exists():
        proxy = await stack.enter_async_context(_litellm(scratch / "proxy"))
        ways["LiteLLM's proxy"] = Way(_door("LiteLLM's proxy", proxy.url, proxy.key))
    home, keys = await stack.enter_async_context(app_for(scratch / "data", PEOPLE, pace))
    model = embedded_config().model
    ways[OURS] = Way(lambda ask: Door(OURS, home, PATH, model, keys[person(ask), ask.priority]))
    return ways


@asynccontextmanager
async def _litellm(scratch: Path) -> AsyncIterator[Proxy]:
    await asyncio.to_thread(scratch.mkdir, parents=True)
    async with (
        _server() as (url, key),
        litellm(f"{url}/v1", scratch, (embedded_config().model,), key) as proxy,
    ):
        assert proxy is not None
        yield proxy


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
