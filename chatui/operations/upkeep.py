"""What the database needs from time to time: a backup, and old records thrown away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from chatui.operations.schedules import Schedules
from storage.backup import backup, newest_backup
from storage.database import Database
from storage.failures import purge_failures
from storage.snapshot import Reason

log = logging.getLogger(__name__)
PURGE_EVERY = timedelta(hours=6)
PURGED_AT_ONCE = 1_000
BACKUP = "the backup"

# People are served before anything is cared for.
SOON = timedelta(minutes=1)


class Upkeep:
    """Cares for one database; `failures_kept` tells how long failed attempts stay on record."""

    def __init__(self, database: Database, failures_kept: Callable[[], timedelta]) -> None:
        self._database = database
        self._failures_kept = failures_kept

    def put_on(self, schedules: Schedules, backup_every: timedelta) -> None:
        """Have it done by the clock, as `schedule_backups` does with backups."""
        schedules.every(PURGE_EVERY, "the purge of old failures", self.purge, SOON)
        self.schedule_backups(schedules, backup_every)

    def schedule_backups(self, schedules: Schedules, every: timedelta) -> None:
        """Have backups made from now on: the first when the newest is as old as `every`; none for no time."""
        if every:
            schedules.every(every, BACKUP, self.back_up, max(SOON, self._due_in(every)))
        else:
            schedules.never(BACKUP)

    async def back_up(self) -> None:
        """Make a backup; the newest five are kept."""
        log.info("the database was backed up to %s", await backup(self._database, Reason.CLOCK))

    async def purge(self) -> None:
        """Delete the records of failures that are older than they are kept, a share at a time."""
        before = self._database.clocks.now() - self._failures_kept()
        while await self._database.write(lambda session: purge_failures(session, before, PURGED_AT_ONCE)):
            log.debug("a share of the old failures was purged")

    def _due_in(self, interval: timedelta) -> timedelta:
        newest = newest_backup(self._database.directory.backups)
        return interval - (self._database.clocks.now() - newest) if newest else timedelta()
