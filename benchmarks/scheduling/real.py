"""What only the real scheduler over the real built-in model can show: how soon a slot is used again, at what cost."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

import psutil

from benchmarks.scheduling.desk import Desk, desk_for, only_model, unbounded
from benchmarks.scheduling.effort import Effort, Part
from chatui.backends.base import Backend, Deadlines
from chatui.backends.embedded import EmbeddedBackend, embedded_config
from chatui.domain.events import AttemptStarted, TextDelta
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role, Sampling, UserId

PEOPLE = 4
ANSWER_TOKENS = 48

# Streams that were cut off hold their slots a little longer: the next window begins when they are gone.
SETTLE_S = 0.4


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens that all people got in `seconds`, and the processor seconds of the model's process and of this one."""

    tokens: int
    seconds: float
    model_cpu: float
    own_cpu: float

    @property
    def speed(self) -> float:
        """Tokens per second."""
        return self.tokens / self.seconds


@dataclass(frozen=True, slots=True)
class Pair:
    """Two windows, one after the other, of the same length."""

    through: Window
    direct: Window

    @property
    def ratio(self) -> float:
        """Tokens per second with the scheduler over without it."""
        return self.through.speed / self.direct.speed


def real(effort: Effort) -> Part:
    """Stop and follow jobs; then compare pairs of windows, with the scheduler and without, four people in each.

    `throughput_vs_direct` is the median of the pairs' ratios: others who use the machine slow down whole windows, of
    either kind. What they cannot change is told beside it: how busy the model's process was kept (the rest of the time
    it waited for us), and what a token costs this process.
    """
    rounds, count = max(20, round(200 * effort.share)), max(2, round(20 * effort.share))
    reuse, pairs = asyncio.run(_measure(rounds, count, max(2.0, 6 * effort.share)))
    worst = reuse[min(len(reuse) - 1, int(len(reuse) * 0.99))]
    ratio = statistics.median(pair.ratio for pair in pairs)
    lines = [
        "",
        "the real scheduler over the built-in model",
        f"slot used again after a stop, ms: median {statistics.median(reuse):.2f}, p99 {worst:.2f} ({rounds} stops)",
        f"tokens per second against driving the model directly, {PEOPLE} people: {ratio:.3f}",
        f"({count} pairs of windows: {_quartiles([pair.ratio for pair in pairs])})",
        _row("through the scheduler", [pair.through for pair in pairs]),
        _row("directly", [pair.direct for pair in pairs]),
    ]
    return Part(lines, {"cancel_reuse_p99_ms": worst, "throughput_vs_direct": ratio})


def _quartiles(ratios: list[float]) -> str:
    low, _, high = statistics.quantiles(ratios, n=4)
    return f"half of them from {low:.3f} to {high:.3f}, all from {min(ratios):.3f} to {max(ratios):.3f}"


def _row(name: str, windows: list[Window]) -> str:
    tokens = sum(window.tokens for window in windows)
    busy = statistics.median(window.model_cpu / window.seconds for window in windows)
    per_cpu = statistics.median(window.tokens / window.model_cpu for window in windows)
    own_ms = 1e3 * sum(window.own_cpu for window in windows) / tokens
    return (
        f"{name:24}{tokens:>7} tokens, the model's process busy {busy:.3f} of the time, "
        f"{per_cpu:.1f} tokens per second of it, {own_ms:.2f} ms of ours a token"
    )


async def _measure(rounds: int, count: int, window_s: float) -> tuple[list[float], list[Pair]]:
    async with _built_in() as backend:
        model = await only_model(backend)
        async with desk_for(backend, unbounded(1)) as desk:
            reuse = sorted([await _reuse_ms(desk, model) for _ in range(rounds)])
        pairs = [await _pair(backend, model, window_s, direct_first=index % 2 == 1) for index in range(count)]
    return reuse, pairs


@asynccontextmanager
async def _built_in() -> AsyncIterator[EmbeddedBackend]:
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


async def _pair(backend: EmbeddedBackend, model: ModelName, window_s: float, *, direct_first: bool) -> Pair:
    """Measure with the scheduler and without; who goes first alternates, since machines drift."""
    direct = await _direct(backend, model, window_s) if direct_first else None
    through = await _through(backend, model, window_s)
    return Pair(through, direct or await _direct(backend, model, window_s))


async def _direct(backend: EmbeddedBackend, model: ModelName, window_s: float) -> Window:
    await asyncio.sleep(SETTLE_S)
    return await _window(backend, window_s, [_driving(backend, model) for _ in range(PEOPLE)])


async def _through(backend: EmbeddedBackend, model: ModelName, window_s: float) -> Window:
    await asyncio.sleep(SETTLE_S)
    async with desk_for(backend, unbounded(PEOPLE)) as desk:
        people = [UserId(uuid4()) for _ in range(PEOPLE)]
        window = await _window(backend, window_s, [_asking(desk, user, model) for user in people])
        for job in list(desk.scheduler.jobs):
            await desk.scheduler.stop(job.id)
        return window


async def _window(backend: EmbeddedBackend, window_s: float, people: list[AsyncGenerator[None, None]]) -> Window:
    """Count the tokens that all get in the window; each asks again as soon as they have their answer."""
    tokens = 0

    async def read(answers: AsyncGenerator[None, None]) -> None:
        nonlocal tokens
        async with aclosing(answers) as pieces:
            async for _ in pieces:
                tokens += 1

    began, model_began, own_began = time.monotonic(), _cpu(backend.pid), time.process_time()
    with suppress(TimeoutError):
        async with asyncio.timeout(window_s), asyncio.TaskGroup() as group:
            for answers in people:
                group.create_task(read(answers))
    own, model = time.process_time() - own_began, _cpu(backend.pid) - model_began
    return Window(tokens, time.monotonic() - began, model, own)


def _cpu(pid: int | None) -> float:
    """Tell the processor seconds that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


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
