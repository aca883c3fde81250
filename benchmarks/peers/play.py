"""Plays one trace on one way, against a scripted Ollama of its own, and tells what came of it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.caller import Heard, call
from benchmarks.peers.pace import SLOTS, SPEED, SWAP_S, TOKENS_A_WORD, TOKENS_PER_S, words
from benchmarks.peers.trace import MODELS
from benchmarks.peers.ways import WAYS, Way
from benchmarks.scheduling.measures import jain, max_min
from benchmarks.scheduling.workload import HEAVY, Ask
from chatui.domain.jobs import Priority
from chatui.domain.messages import UserId
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

LONGEST_S = 2400.0
"""Seconds of the trace after which even who stays gives up, which counts as an error."""

LEFTOVERS_S = 10.0
"""Seconds for which is waited for what still is written for people who have gone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one trace: times in its seconds, first words of those who stayed, in words that reached somebody."""

    stayed: int
    completed: int
    errors: int
    light: Sequence[float]
    high: Sequence[float]
    swaps: int
    reached: int
    written: int
    lasted: float
    jain: float


async def play(name: str, asks: Sequence[Ask], scratch: Path) -> Outcome | None:
    """Play a trace; None for a peer that is not installed."""
    await asyncio.to_thread(scratch.mkdir, parents=True)
    async with OllamaServer(_SCRIPT) as server, WAYS[name](server.url, scratch) as way:
        if way is None:
            return None
        before = server.stats()
        began = time.monotonic()
        heard = await asyncio.gather(*(_ask(way, ask, began) for ask in asks))
        await _until_idle(server)
        after = server.stats()
        written, swaps = after["tokens"] - before["tokens"], after["loads"] - before["loads"]
    return _outcome(asks, heard, began, written, swaps)


_SCRIPT = OllamaScript(
    models=tuple(ScriptedModel(name) for name in MODELS),
    max_loaded=1,
    parallel=SLOTS,
    load_seconds=SWAP_S / SPEED,
    tokens_per_second=TOKENS_PER_S * SPEED / TOKENS_A_WORD,
)


async def _ask(way: Way, ask: Ask, began: float) -> Heard:
    """Ask at the time of the trace; who is without patience hangs up, or no longer waits for a turn."""
    await asyncio.sleep(max(0.0, began + ask.at / SPEED - time.monotonic()))
    text = f"tokens={words(ask.output_tokens)}" + " tea" * words(ask.prompt_tokens)
    heard = Heard(time.monotonic())
    try:
        async with asyncio.timeout(min(ask.patience, LONGEST_S) / SPEED), way.turn:
            await call(way.door(ask), text, words(ask.output_tokens), heard)
    except TimeoutError:
        heard.left = True
    heard.ended_at = time.monotonic()
    return heard


async def _until_idle(server: OllamaServer) -> None:
    """Return once nothing is written any more for people who have gone, or has been for long enough."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LEFTOVERS_S):
            while server.generating or server.memory.pending:  # noqa: ASYNC110 - peers tell nothing
                await asyncio.sleep(0.05)


def _outcome(asks: Sequence[Ask], heard: Sequence[Heard], began: float, written: int, swaps: int) -> Outcome:
    told = list(zip(asks, heard, strict=True))
    stayed = [(ask, one) for ask, one in told if math.isinf(ask.patience)]
    light = [(ask, _first(one)) for ask, one in stayed if ask.user != HEAVY]
    whole = sum(one.count >= words(ask.output_tokens) for ask, one in stayed)
    broken = sum(bool(one.error) for ask, one in told if math.isfinite(ask.patience))
    return Outcome(
        stayed=len(stayed),
        completed=whole,
        errors=len(stayed) - whole + broken,
        light=[first for _, first in light],
        high=[first for ask, first in light if ask.priority is Priority.HIGH],
        swaps=swaps,
        reached=sum(one.count for one in heard),
        written=written,
        lasted=(max(one.ended_at for one in heard) - began) * SPEED,
        jain=_fairness(stayed, began),
    )


def _first(heard: Heard) -> float:
    """How long the first word took; who got none waited for the longest."""
    return LONGEST_S if heard.first_s is None else heard.first_s * SPEED


def _fairness(stayed: Sequence[tuple[Ask, Heard]], began: float) -> float:
    """Tell Jain's index of what people had by the end of the asking, against their max-min fair shares of it."""
    end = began + max(ask.at for ask, _ in stayed) / SPEED
    demand: dict[UserId, float] = defaultdict(float)
    served: dict[UserId, float] = defaultdict(float)
    for ask, one in stayed:
        demand[ask.user] += words(ask.output_tokens)
        served[ask.user] += one.by(end)
    shares = max_min(demand, sum(served.values()))
    return jain([served[user] / share for user, share in shares.items() if share > 0])
