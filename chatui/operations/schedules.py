"""Work that comes back by the clock: the only user of APScheduler."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

# A laptop that slept through a time makes up for it when it wakes, once, however often it was missed.
MISFIRE_GRACE = timedelta(days=1)


class Schedules:
    """Timed works on the event loop that calls `start`. None overlaps itself; one that fails comes back as well."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def every(
        self, interval: timedelta, name: str, work: Callable[[], Awaitable[None]], first_in: timedelta = timedelta()
    ) -> None:
        """Do `work` in `first_in` from now and then every `interval`."""
        self._scheduler.add_job(
            _logged(name, work),
            "interval",
            seconds=interval.total_seconds(),
            id=name,
            next_run_time=datetime.now(UTC) + first_in,
            misfire_grace_time=round(MISFIRE_GRACE.total_seconds()),
            coalesce=True,
            max_instances=1,
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing more; what is under way is cancelled."""
        self._scheduler.shutdown(wait=False)


def _logged(name: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await work()
        except Exception:
            log.exception("%s failed", name)

    return run
