"""What admins change about the queue and what must survive a restart: pauses, who goes first, who lets others pass."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chatui.accounts.changes import Store
from chatui.domain.jobs import JobId, Turn
from chatui.domain.people import Principal
from chatui.operations.backend_list import BackendsService
from chatui.scheduler.scheduler import Scheduler
from storage import jobs, settings

KEY: Final = "queue.paused"
FIRST: Final = "queue.first"


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
        self._first: list[JobId] = []

    @asynccontextmanager
    async def recalled(self) -> AsyncIterator[None]:
        """Pause what was paused when the app was stopped; within the block the scheduler comes to know the servers.

        Nothing begins before that, and who was put first then goes first again.
        """
        stored = await self._store.read(settings.get_all)
        kept = stored.get(KEY)
        self._scheduler.pause()
        self._put_first_again(stored.get(FIRST))
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

    async def put_first(self, *job_ids: JobId) -> None:
        """Put waiting jobs before everybody, the last one foremost; raises NotWaiting or NotFound."""
        for job_id in job_ids:
            self._scheduler.put_first(job_id)
            self._first = [job_id, *(other for other in self._first if other != job_id)]
        await self._keep_first()

    async def let_pass(self, job_id: JobId) -> None:
        """Have a waiting job let the others pass; raises NotWaiting."""
        self._scheduler.choose_turn(job_id, Turn.GIVING_WAY)
        await self._store.write(lambda session: jobs.choose_turn(session, job_id, Turn.GIVING_WAY))

    def _put_first_again(self, kept: Any) -> None:
        self._first = [JobId(UUID(text)) for text in kept] if isinstance(kept, list) else []
        for job_id in reversed(self._of_those_here()):
            self._scheduler.put_first(job_id)

    async def _keep_first(self) -> None:
        self._first = self._of_those_here()
        kept, now = [str(job_id) for job_id in self._first], self._now()
        await self._store.write(lambda session: settings.put(session, FIRST, kept, now))

    def _of_those_here(self) -> list[JobId]:
        """Who was put first and is still to be so: somebody may have chosen to let others pass since."""
        found = [(job_id, self._scheduler.job(job_id)) for job_id in self._first]
        return [job_id for job_id, job in found if job is not None and job.submission.turn is Turn.IN_TURN]

    async def _keep(self) -> None:
        held = {"all": self._scheduler.paused and not self._scheduler.draining}
        now = self._now()
        await self._store.write(lambda session: settings.put(session, KEY, held, now))
