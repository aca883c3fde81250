"""Waiting for a state instead of sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Watched:
    """Something whose changes can be waited for: call `changed` after each."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def changed(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Return as soon as `holds()`; raises TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds):
            while not holds():
                future = asyncio.get_running_loop().create_future()
                self._waiting.append(future)
                await future
