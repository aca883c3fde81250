"""Whether what people write can be kept: noticed at the first write that fails, and tried until it can be again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from sqlmodel import Session

from chatui.domain.errors import StorageUnavailable
from chatui.scheduler.tasks import Tasks
from storage.database import Database
from storage.errors import Conflict, DatabaseClosed, ReadTooLong, StorageError

T = TypeVar("T")

log = logging.getLogger(__name__)
TRY_EVERY = timedelta(seconds=2)

# What says something about one work alone, or about our own end.
_PASSING = (Conflict, DatabaseClosed, ReadTooLong)


class StorageWatch:
    """Knows the trouble that the database is in. While there is any, probes it every `try_every`.

    Those who subscribed hear the error when trouble begins or changes its kind, and None when it is over.
    """

    def __init__(self, database: Database, try_every: timedelta = TRY_EVERY) -> None:
        self._database = database
        self._try_every = try_every
        self._listeners: list[Callable[[StorageError | None], None]] = []
        self._tasks = Tasks()
        self.trouble: StorageError | None = None

    def subscribe(self, told: Callable[[StorageError | None], None]) -> None:
        """Have `told` called when trouble begins, changes its kind or is over."""
        self._listeners.append(told)

    def failed(self, error: StorageError) -> bool:
        """Take in that a work failed; False when that says nothing about other works."""
        if isinstance(error, _PASSING):
            return False
        if self.trouble is None:
            log.warning("the database cannot be written: %s", error)
            self._tasks.spawn(self._probe())
        if type(error) is not type(self.trouble):
            self._tell(error)
        return True

    async def read(self, work: Callable[[Session], T]) -> T:
        """Read as `Database.read` does; raises `StorageUnavailable` where it cannot be."""
        return await self._done(self._database.read(work))

    async def write(self, work: Callable[[Session], T]) -> T:
        """Write as `Database.write` does; raises `StorageUnavailable` where it cannot be, and while there is trouble.

        What was accepted then could not be kept to its end.
        """
        if self.trouble is not None:
            raise StorageUnavailable(str(self.trouble))
        return await self._done(self._database.write(work))

    async def _done(self, access: Awaitable[T]) -> T:
        try:
            return await access
        except StorageError as error:
            self.failed(error)
            raise StorageUnavailable(str(error)) from error

    def close(self) -> None:
        """Probe no more."""
        self._tasks.cancel()

    async def _probe(self) -> None:
        while self.trouble is not None:
            await asyncio.sleep(self._try_every.total_seconds())
            try:
                await self._database.probe()
            except DatabaseClosed:
                return
            except StorageError as error:
                self.failed(error)
            else:
                log.warning("the database can be written again")
                self._tell(None)

    def _tell(self, trouble: StorageError | None) -> None:
        self.trouble = trouble
        for told in tuple(self._listeners):
            told(trouble)
