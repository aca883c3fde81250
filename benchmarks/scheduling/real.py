"""What only the real scheduler over the real built-in model can show: how soon a slot is used again, at what cost."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from uuid import uuid4

from benchmarks.scheduling.desk import Desk, desk_for, only_model, unbounded
from benchmarks.scheduling.effort import Effort, Part
from chatui.backends.base import Backend, Deadlines
from chatui.backends.embedded import EmbeddedBackend, embedded_config
from chatui.domain.events import AttemptStarted, TextDelta
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role, Sampling, UserId

PEOPLE = 4
ANSWER_TOKENS = 48


def real(effort: Effort) -> Part:
    """Stop and follow jobs; then compare pairs of windows, with the scheduler and without, four people in each."""
    rounds, windows = max(20, round(200 * effort.share)), max(2, round(8 * effort.share))
    reuse, ratios = asyncio.run(_measure(rounds, windows, max(2.0, 8 * effort.share)))
    worst = reuse[min(len(reuse) - 1, int(len(reuse) * 0.99))]
    ratio = statistics.median(ratios)
    lines = [
        "",
        "the real scheduler over the built-in model",
        f"slot used again after a stop, ms: median {statistics.median(reuse):.2f}, p99 {worst:.2f} ({rounds} stops)",
        f"tokens per second against driving the model directly, {PEOPLE} people: {ratio:.3f}",
        f"(pairs of windows from {min(ratios):.3f} to {max(ratios):.3f})",
    ]
    return Part(lines, {"cancel_reuse_p99_ms": worst, "throughput_vs_direct": ratio})


async def _measure(rounds: int, windows: int, window_s: float) -> tuple[list[float], list[float]]:
    async with _built_in() as backend:
        model = await only_model(backend)
        async with desk_for(backend, unbounded(1)) as desk:
            reuse = sorted([await _reuse_ms(desk, model) for _ in range(rounds)])
        ratios = [await _ratio(backend, model, window_s, direct_first=index % 2 == 1) for index in range(windows)]
    return reuse, ratios


@asynccontextmanager
async def _built_in() -> AsyncIterator[Backend]:
    async with aclosing(EmbeddedBackend(embedded_config(slots=PEOPLE), Deadlines())) as backend:
        await backend.start()
        yield backend


async def _reuse_ms(desk: Desk, model: ModelName) -> float:
    """How long after a stop the next job's attempt begins."""
    first, second = [await desk.submit(UserId(uuid4()), _request(model, 512)) for _ in range(2)]
    async with aclosing(first.watch()) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    began = time.monotonic()
    await desk.scheduler.stop(first.id)
    async with aclosing(second.watch()) as events:
        async for event in events:
            if isinstance(event, AttemptStarted):
                reuse = (event.at - began) * 1000
                break
    await desk.scheduler.stop(second.id)
    return reuse


async def _ratio(backend: Backend, model: ModelName, window_s: float, *, direct_first: bool) -> float:
    """Tokens per second with the scheduler over without it; who goes first alternates, since machines drift."""
    direct = await _direct(backend, model, window_s) if direct_first else 0
    through = await _through(backend, model, window_s)
    direct = direct or await _direct(backend, model, window_s)
    return through / direct


async def _direct(backend: Backend, model: ModelName, window_s: float) -> int:
    return await _tokens_in(window_s, [_driving(backend, model) for _ in range(PEOPLE)])


async def _through(backend: Backend, model: ModelName, window_s: float) -> int:
    async with desk_for(backend, unbounded(PEOPLE)) as desk:
        people = [UserId(uuid4()) for _ in range(PEOPLE)]
        tokens = await _tokens_in(window_s, [_asking(desk, user, model) for user in people])
        for job in list(desk.scheduler.jobs):
            await desk.scheduler.stop(job.id)
        return tokens


async def _tokens_in(window_s: float, people: list[AsyncGenerator[None, None]]) -> int:
    """Count the tokens that all get in the window; each asks again as soon as they have their answer."""
    tokens = 0

    async def read(answers: AsyncGenerator[None, None]) -> None:
        nonlocal tokens
        async with aclosing(answers) as pieces:
            async for _ in pieces:
                tokens += 1

    with suppress(TimeoutError):
        async with asyncio.timeout(window_s), asyncio.TaskGroup() as group:
            for answers in people:
                group.create_task(read(answers))
    return tokens


async def _asking(desk: Desk, user: UserId, model: ModelName) -> AsyncGenerator[None, None]:
    """Ask through the scheduler without pause; yields once a token."""
    while True:
        job = await desk.submit(user, _request(model, ANSWER_TOKENS))
        async with aclosing(job.watch()) as events:
            known = 0
            async for _ in events:
                for _ in range(job.pieces - known):
                    yield
                known = job.pieces


async def _driving(backend: Backend, model: ModelName) -> AsyncGenerator[None, None]:
    """Ask the backend itself without pause; yields once a token."""
    while True:
        async with aclosing(backend.chat(_request(model, ANSWER_TOKENS))) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    yield


def _request(model: ModelName, max_tokens: int) -> ChatRequest:
    question = ChatMessage(Role.USER, "Write a long story about a lighthouse keeper.")
    return ChatRequest(model, (question,), max_tokens, Sampling(temperature=0.7, seed=1))
