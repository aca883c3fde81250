"""The memory of the scripted Ollama: loading, waiting for a slot, and eviction, as measured on a real one.

One load at a time, in the order of arrival. To make room, an idle model goes first, then the one with the shortest
keep-alive, and it goes when it is idle: requests that still arrive for it hold up the load, and one that carries a
keep-alive calls the eviction off until that time is over.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.watched import Watched

DEFAULT_KEEP_ALIVE_SECONDS = 300.0
FOR_EVER = float("inf")


class LoadFailed(Exception):
    """A load failed, as the script says."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(slots=True)
class Counters:
    """What happened since the start. A swap is a load that had to push out another model."""

    loads: int = 0
    failed_loads: int = 0
    aborted_loads: int = 0
    unloads: int = 0
    swaps: int = 0


@dataclass(slots=True, eq=False)
class Runner:
    """A model in memory."""

    model: str
    options: dict[str, Any]
    slots: asyncio.Semaphore
    load_seconds: float
    keep_alive_seconds: float = DEFAULT_KEEP_ALIVE_SECONDS
    in_flight: int = 0
    expires_at: float = FOR_EVER
    expiry: asyncio.TimerHandle | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Memory(Watched):
    """Holds at most `max_loaded` runners of `parallel` slots each."""

    def __init__(self, *, max_loaded: int, parallel: int, max_queue: int, load_seconds: float) -> None:
        super().__init__()
        self.max_loaded = max_loaded
        self.parallel = parallel
        self.max_queue = max_queue
        self.load_seconds = load_seconds
        self.failures: deque[LoadFailed | None] = deque()
        """What the next loads come to; None is one that succeeds, as all do after the last."""
        self.counters = Counters()
        self.runners: dict[str, Runner] = {}
        self.pending = 0
        self._loader = asyncio.Lock()
        self.loading: Callable[[], None] = lambda: None
        """Called in the middle of each load."""

    @asynccontextmanager
    async def use(
        self,
        model: str,
        options: dict[str, Any],
        keep_alive_seconds: float | None,
    ) -> AsyncGenerator[Runner, None]:
        """Have the model loaded for a request; its slot is still to be waited for."""
        runner = self._find(model, options) or await self._load(model, options)
        if keep_alive_seconds is not None:
            runner.keep_alive_seconds = keep_alive_seconds
        runner.in_flight += 1
        self._stop_expiry(runner)
        self.changed()
        try:
            yield runner
        finally:
            runner.in_flight -= 1
            self._released(runner)

    def unload(self, model: str) -> None:
        """Take a model out as soon as it is idle."""
        if runner := self.runners.get(model):
            self._expire(runner)

    def _find(self, model: str, options: dict[str, Any]) -> Runner | None:
        runner = self.runners.get(model)
        return runner if runner and runner.options == options else None

    async def _load(self, model: str, options: dict[str, Any]) -> Runner:
        if self.pending >= self.max_queue:
            raise LoadFailed(503, "server busy, please try again.  maximum pending requests exceeded")
        self.pending += 1
        self.changed()
        try:
            async with self._loader:
                # Whoever waited ahead may have loaded it.
                return self._find(model, options) or await self._load_now(model, options)
        finally:
            self.pending -= 1
            self.changed()

    async def _load_now(self, model: str, options: dict[str, Any]) -> Runner:
        swapped = await self._make_room(model)
        try:
            await asyncio.sleep(self.load_seconds)
            self.loading()
        except asyncio.CancelledError:
            self.counters.aborted_loads += 1
            raise
        if self.failures and (failure := self.failures.popleft()) is not None:
            self.counters.failed_loads += 1
            raise failure
        self.counters.loads += 1
        self.counters.swaps += swapped
        self.runners[model] = Runner(model, options, asyncio.Semaphore(self.parallel), self.load_seconds)
        return self.runners[model]

    async def _make_room(self, model: str) -> bool:
        """Evict until the model fits; tells whether another model had to go."""
        swapped = False
        while model in self.runners or len(self.runners) >= self.max_loaded:
            victim = self.runners.get(model) or min(
                self.runners.values(),
                key=lambda runner: (runner.in_flight > 0, runner.keep_alive_seconds),
            )
            swapped = swapped or victim.model != model
            self._expire(victim)
            await victim.gone.wait()
        return swapped

    def _released(self, runner: Runner) -> None:
        if runner.in_flight == 0:
            if runner.keep_alive_seconds == 0:
                self._expire(runner)
            elif runner.keep_alive_seconds != FOR_EVER:
                loop = asyncio.get_running_loop()
                runner.expires_at = loop.time() + runner.keep_alive_seconds
                runner.expiry = loop.call_later(runner.keep_alive_seconds, self._expire, runner)
        self.changed()

    def _stop_expiry(self, runner: Runner) -> None:
        if runner.expiry:
            runner.expiry.cancel()
            runner.expiry = None
        runner.expires_at = FOR_EVER

    def _expire(self, runner: Runner) -> None:
        runner.keep_alive_seconds = 0
        if runner.in_flight == 0 and not runner.gone.is_set():
            self._stop_expiry(runner)
            self.runners.pop(runner.model, None)
            self.counters.unloads += 1
            runner.gone.set()
            self.changed()

    def pass_time(self, seconds: float) -> None:
        """Have it be later by so many seconds, for those who do not want to wait."""
        for runner in tuple(self.runners.values()):
            runner.expires_at -= seconds
            if runner.expires_at <= asyncio.get_running_loop().time():
                self._expire(runner)

    def close(self) -> None:
        """Forget every timer."""
        for runner in self.runners.values():
            self._stop_expiry(runner)
