"""How long first tokens take at each door, and how much comes through it when many ask at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from benchmarks.gateway.door import Door, Visitor

SHORT, LONG = 2, 64
"""Tokens of an answer whose beginning alone matters, and of one that takes a while."""


@dataclass(slots=True)
class FirstTokens:
    """Seconds to the first token at one door, in the order of asking."""

    seconds: list[float] = field(default_factory=list)

    def quantile_ms(self, percent: int) -> float:
        """How long all but the slowest took."""
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1] * 1000

    def added_ms(self, direct: FirstTokens, percent: int) -> float:
        """What was added to the server's own time: the quantile of the differences of neighbours."""
        added = [mine - its for mine, its in zip(self.seconds, direct.seconds, strict=True)]
        return quantiles(added, n=100, method="inclusive")[percent - 1] * 1000


async def first_tokens(doors: Sequence[Door], rounds: int) -> list[FirstTokens]:
    """Ask at each door in turn, so that whatever else the machine does falls on all of them alike."""
    visitors, measured = [Visitor(door) for door in doors], [FirstTokens() for _ in doors]
    for visitor in visitors:
        for _ in range(5):
            await visitor.ask(SHORT)
    for number in range(rounds):
        # Each door is first in turn.
        for step in range(len(doors)):
            at = (number + step) % len(doors)
            measured[at].seconds.append((await visitors[at].ask(SHORT)).first_s)
    for visitor in visitors:
        await visitor.leave()
    return measured


async def throughput(ways: Sequence[Sequence[Door]], answers: int, rounds: int) -> list[float]:
    """Tell the tokens per second of each way; each of its doors is one client with so many answers, `rounds` times."""
    tokens, seconds = [0] * len(ways), [0.0] * len(ways)
    for _ in range(rounds):
        for number, doors in enumerate(ways):
            began = time.perf_counter()
            tokens[number] += sum(await asyncio.gather(*(_client(door, answers) for door in doors)))
            seconds[number] += time.perf_counter() - began
    return [count / took for count, took in zip(tokens, seconds, strict=True)]


async def _client(door: Door, answers: int) -> int:
    visitor = Visitor(door)
    tokens = [(await visitor.ask(LONG)).tokens for _ in range(answers)]
    await visitor.leave()
    return sum(tokens)
