"""What admins change about the queue and what must survive a restart: pauses, and who lets others pass."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from chatui.accounts.changes import Store
from chatui.domain.jobs import JobId, Turn
from chatui.domain.people import Principal
from chatui.operations.backend_list import BackendsService
from chatui.scheduler.scheduler import Scheduler
from storage import jobs, settings

KEY: Final = "queue.paused"


class QueueControl:
    """Changes the scheduler at once, then keeps the change. A drain is for a moment: it ends with the process.

    Whether one server is paused is told by the list of servers alone, whoever paused it and where.
    """

    def __init__(
        self, store: Store, scheduler: Scheduler, servers: BackendsService, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._scheduler = scheduler
        self._servers = servers
        self._now = now

    @asynccontextmanager
    async def recalled(self) -> AsyncIterator[None]:
        """Pause what was paused when the app was stopped; within the block the scheduler comes to know the servers.

        Nothing begins before that.
        """
        kept = (await self._store.read(settings.get_all)).get(KEY)
        self._scheduler.pause()
        yield
        await self._servers.in_force.apply()
        if not (isinstance(kept, dict) and kept.get("all") is True):
            self._scheduler.resume()

    async def pause(self, by: Principal, backend: str | None = None) -> None:
        """Start nothing more, anywhere or on one server; raises NotFound for no such server."""
        if backend is not None:
            await self._servers.pause(by, backend)
        else:
            self._scheduler.pause()
            await self._keep()

    async def resume(self, by: Principal, backend: str | None = None) -> None:
        """Take back a pause, and a drain where no server is named; raises NotFound for no such server."""
        if backend is not None:
            await self._servers.resume(by, backend)
        else:
            self._scheduler.resume()
            await self._keep()

    def drain(self) -> None:
        """Take and start nothing more until it is resumed, or the app started anew."""
        self._scheduler.close()

    async def let_pass(self, job_id: JobId) -> None:
        """Have a waiting job let the others pass; raises NotWaiting."""
        self._scheduler.choose_turn(job_id, Turn.GIVING_WAY)
        await self._store.write(lambda session: jobs.choose_turn(session, job_id, Turn.GIVING_WAY))

    async def _keep(self) -> None:
        held = {"all": self._scheduler.paused and not self._scheduler.draining}
        now = self._now()
        await self._store.write(lambda session: settings.put(session, KEY, held, now))
