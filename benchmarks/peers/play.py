"""Plays one trace on one way, mostly against a scripted Ollama of its own, and tells what came of it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.caller import Heard, call
from benchmarks.peers.pace import SCRIPTED, SLOTS, SWAP_S, TOKENS_PER_S, Pace
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
    light: Sequence[tuple[Priority, float]]
    swaps: int
    reached: int
    written: int
    lasted: float
    tokens_a_word: float
    jain: float

    @property
    def light_firsts(self) -> Sequence[float]:
        """The waits of light people."""
        return [first for _, first in self.light]

    def of(self, priority: Priority) -> Sequence[float]:
        """The waits of light people who asked with this priority."""
        return [first for asked, first in self.light if asked is priority]


@dataclass(frozen=True, slots=True)
class Played:
    """What everybody asked and heard since `began`."""

    told: Sequence[tuple[Ask, Heard]]
    began: float
    pace: Pace

    def first(self, heard: Heard) -> float:
        """How long the first word took, in seconds of the trace; who got none waited for the longest."""
        return LONGEST_S if heard.first_s is None else heard.first_s * self.pace.speed


async def play(name: str, asks: Sequence[Ask], scratch: Path) -> Outcome | None:
    """Play a trace; None for a peer that is not installed."""
    await asyncio.to_thread(scratch.mkdir, parents=True)
    async with OllamaServer(_SCRIPT) as server, WAYS[name](server.url, scratch) as way:
        if way is None:
            return None
        before = server.stats()
        played = await converse(way, asks, SCRIPTED, _text)
        await _until_idle(server)
        after = server.stats()
        written, swaps = after["tokens"] - before["tokens"], after["loads"] - before["loads"]
    whole = [one.count >= SCRIPTED.words(ask.output_tokens) for ask, one in played.told]
    return outcome(played, whole, swaps, written)


_SCRIPT = OllamaScript(
    models=tuple(ScriptedModel(name) for name in MODELS),
    max_loaded=1,
    parallel=SLOTS,
    load_seconds=SWAP_S / SCRIPTED.speed,
    tokens_per_second=TOKENS_PER_S * SCRIPTED.speed / SCRIPTED.tokens_a_word,
)


def _text(ask: Ask) -> str:
    return f"tokens={SCRIPTED.words(ask.output_tokens)}" + " tea" * SCRIPTED.words(ask.prompt_tokens)


async def converse(way: Way, asks: Sequence[Ask], pace: Pace, text: Callable[[Ask], str]) -> Played:
    """Have everybody ask at their time."""
    began = time.monotonic()
    heard = await asyncio.gather(*(_ask(way, ask, began, pace, text(ask)) for ask in asks))
    return Played(list(zip(asks, heard, strict=True)), began, pace)


async def _ask(way: Way, ask: Ask, began: float, pace: Pace, text: str) -> Heard:
    """Ask at the time of the trace; who is without patience hangs up, or no longer waits for a turn."""
    await asyncio.sleep(max(0.0, began + ask.at / pace.speed - time.monotonic()))
    heard = Heard(time.monotonic())
    try:
        async with asyncio.timeout(min(ask.patience, LONGEST_S) / pace.speed), way.turn:
            await call(way.door(ask), text, pace.words(ask.output_tokens), heard)
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


def outcome(played: Played, whole: Sequence[bool], swaps: int, written: int) -> Outcome:
    """Tell what came of it; `whole` are the answers that came to their ends, `written` words left the server."""
    stayed = [(ask, one) for ask, one in played.told if math.isinf(ask.patience)]
    completed = sum(done for (ask, _), done in zip(played.told, whole, strict=True) if math.isinf(ask.patience))
    broken = sum(bool(one.error) for ask, one in played.told if math.isfinite(ask.patience))
    return Outcome(
        stayed=len(stayed),
        completed=completed,
        errors=len(stayed) - completed + broken,
        light=[(ask.priority, played.first(one)) for ask, one in stayed if ask.user != HEAVY],
        swaps=swaps,
        reached=sum(one.count for _, one in played.told),
        written=written,
        lasted=(max(one.ended_at for _, one in played.told) - played.began) * played.pace.speed,
        tokens_a_word=played.pace.tokens_a_word,
        jain=_fairness(stayed, played),
    )


def _fairness(stayed: Sequence[tuple[Ask, Heard]], played: Played) -> float:
    """Tell Jain's index of what people had by the end of the asking, against their max-min fair shares of it."""
    end = played.began + max(ask.at for ask, _ in stayed) / played.pace.speed
    demand: dict[UserId, float] = defaultdict(float)
    served: dict[UserId, float] = defaultdict(float)
    for ask, one in stayed:
        demand[ask.user] += played.pace.words(ask.output_tokens)
        served[ask.user] += one.by(end)
    shares = max_min(demand, sum(served.values()))
    return jain([served[user] / share for user, share in shares.items() if share > 0])
