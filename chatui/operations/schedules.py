"""Work that comes back by the clock: the only user of APScheduler."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

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
        """Do `work` in `first_in` from now and then every `interval`; a work of that name is replaced."""
        self._scheduler.add_job(
            _logged(name, work),
            "interval",
            seconds=interval.total_seconds(),
            id=name,
            next_run_time=datetime.now(UTC) + first_in,
            misfire_grace_time=round(MISFIRE_GRACE.total_seconds()),
            coalesce=True,
            max_instances=1,
            replace_existing=True,
        )

    def never(self, name: str) -> None:
        """Do the work of that name no more, if there is one."""
        if self._scheduler.get_job(name) is not None:
            self._scheduler.remove_job(name)

    def due(self, name: str) -> datetime | None:
        """Tell when the work of that name is done next; None for one that is not."""
        job = self._scheduler.get_job(name)
        return job.next_run_time if job else None

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing more; what is under way is cancelled."""
        self._scheduler.shutdown(wait=False)


def next_time(days: Collection[int], at: time, zone: ZoneInfo, after: datetime) -> datetime:
    """Tell when clocks in `zone` show `at` next, on one of the weekdays from 0 for Monday; UTC, later than `after`.

    A time that a change of the clocks leaves out comes an hour later; one that it brings twice counts the first time.
    """
    weekdays = ",".join(map(str, sorted(days)))
    trigger = CronTrigger(day_of_week=weekdays, hour=at.hour, minute=at.minute, timezone=zone)
    found: datetime = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    if found.fold:
        found = trigger.get_next_fire_time(None, found.astimezone(UTC) + timedelta(microseconds=1))
    return found.astimezone(UTC)


def local_zone() -> str:
    """Tell the name of the time zone that the machine's clock shows."""
    return str(AsyncIOScheduler().timezone)


def _logged(name: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await work()
        except Exception:
            log.exception("%s failed", name)

    return run
