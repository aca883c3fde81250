"""What admins change about the queue and what must survive a restart: pauses, and who lets others pass."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from chatui.accounts.changes import Store
from chatui.domain.errors import NotFound
from chatui.domain.jobs import JobId, Turn
from chatui.scheduler.scheduler import Scheduler
from storage import jobs, settings

log = logging.getLogger(__name__)
KEY: Final = "queue.paused"


class QueueControl:
    """Changes the scheduler at once, then keeps the change. A drain is for a moment: it ends with the process."""

    def __init__(self, store: Store, scheduler: Scheduler, now: Callable[[], datetime]) -> None:
        self._store = store
        self._scheduler = scheduler
        self._now = now

    @asynccontextmanager
    async def recalled(self) -> AsyncIterator[None]:
        """Pause what was paused when the app was stopped; within the block the scheduler comes to know the servers.

        Nothing begins before that. Servers that are gone since are nobody's business.
        """
        kept = (await self._store.read(settings.get_all)).get(KEY)
        held = kept if isinstance(kept, dict) else {}
        self._scheduler.pause()
        yield
        for name in held.get("servers", []):
            try:
                self._scheduler.pause(str(name))
            except NotFound:
                log.info("the server %s, which was paused, is not there any more", name)
        if held.get("all") is not True:
            self._scheduler.resume()

    async def pause(self, backend: str | None = None) -> None:
        """Start nothing more, anywhere or on one server; raises NotFound for no such server."""
        self._scheduler.pause(backend)
        await self._keep()

    async def resume(self, backend: str | None = None) -> None:
        """Take back a pause, and a drain where no server is named; raises NotFound for no such server."""
        self._scheduler.resume(backend)
        await self._keep()

    def drain(self) -> None:
        """Take and start nothing more until it is resumed, or the app started anew."""
        self._scheduler.close()

    async def let_pass(self, job_id: JobId) -> None:
        """Have a waiting job let the others pass; raises NotWaiting."""
        self._scheduler.choose_turn(job_id, Turn.GIVING_WAY)
        await self._store.write(lambda session: jobs.choose_turn(session, job_id, Turn.GIVING_WAY))

    async def _keep(self) -> None:
        held: dict[str, Any] = {
            "all": self._scheduler.paused and not self._scheduler.draining,
            "servers": sorted(name for name, backend in self._scheduler.backends().items() if backend.paused),
        }
        now = self._now()
        await self._store.write(lambda session: settings.put(session, KEY, held, now))
