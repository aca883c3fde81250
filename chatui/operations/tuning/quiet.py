"""Whether nobody but the measurement wants anything of the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

from chatui.domain.jobs import JobId
from chatui.scheduler.scheduler import Scheduler

QUIET_FOR: Final = timedelta(seconds=2)
"""How long nobody may have wanted anything before a measurement goes on."""


class Quiet:
    """Looks at the queue. `own` are the jobs of the measurement: any other is somebody's."""

    def __init__(self, scheduler: Scheduler, own: Collection[JobId]) -> None:
        self._scheduler = scheduler
        self._own = own

    @property
    def now(self) -> bool:
        """Whether nothing else waits or runs, and the queue is open."""
        queue = self._scheduler
        return not (queue.paused or queue.draining or any(job.id not in self._own for job in queue.jobs))

    async def come(self, lasting: timedelta = QUIET_FOR) -> None:
        """Return once it has been quiet for a while."""
        while True:
            await self._until(lambda: self.now)
            try:
                async with asyncio.timeout(lasting.total_seconds()):
                    await self.end()
            except TimeoutError:
                return

    async def end(self) -> None:
        """Return as soon as somebody wants something."""
        await self._until(lambda: not self.now)

    async def _until(self, holds: Callable[[], bool]) -> None:
        changed = asyncio.Event()
        unsubscribe = self._scheduler.subscribe(changed.set)
        try:
            while not holds():
                changed.clear()
                await changed.wait()
        finally:
            unsubscribe()
