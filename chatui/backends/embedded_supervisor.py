"""Keeps the embedded server's process running."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from chatui.backends.base import Deadlines
from chatui.backends.embedded_process import EmbeddedChild, EmbeddedConfig
from chatui.domain.errors import BackendError, BackendUnreachable, ModelLoadFailed

FIRST_DELAY = timedelta(milliseconds=250)


class RestartLimit:
    """Decides when a child may start: at once, then with doubling delays, at most `most` times in `window`."""

    def __init__(self, most: int = 5, window: timedelta = timedelta(seconds=60)) -> None:
        self._most = most
        self._window = window
        self._starts: deque[float] = deque()

    def next_delay(self, now: float) -> timedelta | None:
        """Count a start at `now` and tell the wait before it; None when there were too many lately."""
        while self._starts and now - self._starts[0] >= self._window.total_seconds():
            self._starts.popleft()
        earlier = len(self._starts)
        if earlier >= self._most:
            return None
        self._starts.append(now)
        return FIRST_DELAY * 2 ** (earlier - 1) if earlier else timedelta()

    def forgive(self) -> None:
        """Forget the starts: the next one is wanted."""
        self._starts.clear()


class Supervisor:
    """Runs one child: starts it when it is first needed, and again when it dies."""

    def __init__(
        self,
        config: EmbeddedConfig,
        deadlines: Deadlines,
        restarts: RestartLimit,
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._deadlines = deadlines
        self._restarts = restarts
        self._clock = clock
        self._running: EmbeddedChild | None = None
        self._failure = ""
        self._settled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._renewed = asyncio.Event()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._running.pid if self._running else None

    async def child(self) -> EmbeddedChild:
        """Give the child that runs, once there is one; raises `ModelLoadFailed` when none stays up."""
        if self._closed:
            raise BackendUnreachable("the embedded model was stopped")
        if self._task is None or self._task.done():
            self._settled.clear()
            self._task = asyncio.create_task(self._supervise(), name="embedded model")
        await self._settled.wait()
        if self._running is None:
            raise ModelLoadFailed(self._failure)
        return self._running

    def renew(self, config: EmbeddedConfig) -> None:
        """Run the child by another config from now on; one that runs ends, and whoever asks waits for the next."""
        self._config = config
        self._restarts.forgive()
        self._renewed.set()
        if self._running is not None:
            self._running = None
            self._settled.clear()

    async def aclose(self) -> None:
        """End the child for good."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _supervise(self) -> None:
        try:
            while (delay := self._restarts.next_delay(self._clock())) is not None:
                await asyncio.sleep(delay.total_seconds())
                await self._live_once()
        finally:
            self._settled.set()

    async def _live_once(self) -> None:
        self._renewed.clear()
        try:
            child = await EmbeddedChild.start(self._config, self._deadlines)
        except BackendError as error:
            self._failure = str(error)
            return
        if not self._renewed.is_set():
            self._running = child
            self._settled.set()
        try:
            await self._until_over(child)
        finally:
            self._running = None
            self._settled.clear()
            await child.stop()

    async def _until_over(self, child: EmbeddedChild) -> None:
        """Return when the child ended, or another one is wanted."""
        ended, renewed = asyncio.create_task(child.wait()), asyncio.create_task(self._renewed.wait())
        try:
            await asyncio.wait({ended, renewed}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                self._failure = f"the embedded server stopped with code {ended.result()}"
        finally:
            ended.cancel()
            renewed.cancel()
