"""The same questions over HTTP to a scripted Ollama with exclusive memory: straight, and through the scheduler.

Time runs 20 times as fast: a swap of 10 s takes half a second. Swaps and tokens are counted on the server's side.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from benchmarks.scheduling.desk import Desk, desk_for
from benchmarks.scheduling.effort import Effort, Part
from benchmarks.scheduling.workload import HEAVY, MODELS, Ask, Crowd
from chatui.backends.base import Deadlines, ModelOptions
from chatui.backends.ollama import OllamaBackend
from chatui.domain.errors import BackendError
from chatui.domain.events import StageEntered, TextDelta
from chatui.domain.jobs import Priority, Stage
from chatui.domain.messages import ChatMessage, ChatRequest, Role
from chatui.scheduler.entry import Ages
from chatui.scheduler.policy import Fixed, PolicyConfig
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

SPEED = 20
SLOTS = 4
SWAP_S = 10.0
TOKENS_PER_S = 9.0

FirstToken = Callable[[Ask], Awaitable[float | None]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of the questions; first-token times in seconds of the slow time."""

    answered: int
    tokens_per_s: float
    swaps: int
    light_p50: float
    light_p95: float
    high_p95: float


def replay(effort: Effort) -> Part:
    """Replay part of the first scenario: straight to the server, then through the scheduler."""
    seconds = max(300.0, 1800 * effort.share)
    asks = Crowd(seconds=seconds).asks(seed=0)
    rows = {"straight": asyncio.run(_straight(asks)), "through the scheduler": asyncio.run(_scheduled(asks))}
    lines = [
        "",
        f"replayed over HTTP: {len(asks)} questions in {seconds:.0f} s, one model in memory, seconds to first token",
        f"{'':24}{'answered':>9}{'tok/s':>8}{'loads':>7}{'light p50':>11}{'light p95':>11}{'high p95':>10}",
    ]
    lines += [
        f"{name:24}{row.answered:>9}{row.tokens_per_s:>8.1f}{row.swaps:>7}"
        f"{row.light_p50:>11.0f}{row.light_p95:>11.0f}{row.high_p95:>10.0f}"
        for name, row in rows.items()
    ]
    return Part(lines)


async def _straight(asks: Sequence[Ask]) -> Replayed:
    async with _server() as server, aclosing(_backend(server)) as backend:

        async def first_token(ask: Ask) -> float | None:
            first = None
            try:
                async with aclosing(backend.chat(_request(ask))) as events:
                    async for event in events:
                        if first is None and isinstance(event, TextDelta):
                            first = time.monotonic()
            except BackendError:
                return None
            return first

        return await _play(asks, server, first_token)


async def _scheduled(asks: Sequence[Ask]) -> Replayed:
    config = PolicyConfig(
        limit=Fixed(SLOTS),
        ages=Ages(normal=90 / SPEED, low=600 / SPEED),
        default_swap_cost=SWAP_S / SPEED,
        quiet=30 / SPEED,
        queued_per_user=None,
        queued_in_all=None,
        max_wait={},
    )
    async with _server() as server, aclosing(_backend(server)) as backend, desk_for(backend, config) as desk:
        return await _play(asks, server, lambda ask: _first_token(desk, ask))


async def _first_token(desk: Desk, ask: Ask) -> float | None:
    job = await desk.submit(ask.user, _request(ask), ask.priority)
    first = None
    async with aclosing(job.watch()) as events:
        async for event in events:
            if isinstance(event, StageEntered) and event.stage is Stage.WRITING:
                first = event.at
    return first


async def _play(asks: Sequence[Ask], server: OllamaServer, first_token: FirstToken) -> Replayed:
    """Ask each question at its time and wait for all answers."""
    began = time.monotonic()

    async def play(ask: Ask) -> float | None:
        await asyncio.sleep(max(0.0, began + ask.at / SPEED - time.monotonic()))
        asked = time.monotonic()
        first = await first_token(ask)
        return None if first is None else (first - asked) * SPEED

    waits = await asyncio.gather(*(play(ask) for ask in asks))
    lasted = (time.monotonic() - began) * SPEED
    answered = [(ask, wait) for ask, wait in zip(asks, waits, strict=True) if wait is not None]
    light = [wait for ask, wait in answered if ask.user != HEAVY]
    high = [wait for ask, wait in answered if ask.priority is Priority.HIGH and ask.user != HEAVY]
    counted = server.stats()
    return Replayed(
        answered=len(answered),
        tokens_per_s=counted["tokens"] / lasted,
        swaps=counted["loads"],
        light_p50=_quantile(light, 0.5),
        light_p95=_quantile(light, 0.95),
        high_p95=_quantile(high, 0.95),
    )


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def _server() -> OllamaServer:
    return OllamaServer(
        OllamaScript(
            models=tuple(ScriptedModel(name) for name in MODELS),
            max_loaded=1,
            parallel=SLOTS,
            load_seconds=SWAP_S / SPEED,
            tokens_per_second=TOKENS_PER_S * SPEED,
        ),
    )


def _backend(server: OllamaServer) -> OllamaBackend:
    return OllamaBackend("scripted", server.url, Deadlines(), lambda _: ModelOptions(num_ctx=4096))


def _request(ask: Ask) -> ChatRequest:
    question = ChatMessage(Role.USER, f"tokens={ask.output_tokens}")
    return ChatRequest(ask.model, (question,), ask.output_tokens)
