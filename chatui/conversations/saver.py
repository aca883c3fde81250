"""Works that must reach the database in their order: those that it refuses wait here until it takes them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol

from sqlmodel import Session

from chatui.conversations.storage_watch import StorageWatch
from chatui.scheduler.tasks import Tasks
from storage.database import Database
from storage.errors import DatabaseClosed, StorageError

log = logging.getLogger(__name__)
Work = Callable[[Session], object]


class Saving(Protocol):
    """Who does works in their order; `Saver` promises the most of it."""

    def save(self, work: Work) -> None:
        """Take a work."""

    async def saved(self, work: Work) -> None:
        """Take a work, and return when it is done, or certain to be."""

    def try_to_save(self, work: Work) -> None:
        """Take a work that a later one will do as well."""

    async def settle(self) -> None:
        """Return when everything taken so far is done, or was refused."""


class Saver:
    """Saves works one after the other. While the database is in trouble they are kept, and written when it is over."""

    def __init__(self, database: Database, watch: StorageWatch) -> None:
        self._database = database
        self._watch = watch
        self._kept: deque[Work] = deque()
        self._one_writing = asyncio.Lock()
        self._tasks = Tasks()
        watch.subscribe(self._trouble_changed)

    @property
    def kept(self) -> int:
        """How many works wait for the database."""
        return len(self._kept)

    @property
    def _must_wait(self) -> bool:
        """Whether others wait already, or the database would only be asked in vain: each try may take seconds."""
        return bool(self._kept) or self._watch.trouble is not None

    def save(self, work: Work) -> None:
        """Take a work, to be done after all that were taken before."""
        self._tasks.spawn(self._settled(work, self._submit(work)))

    async def saved(self, work: Work) -> None:
        """Take a work, and return when it is durable, or kept until the database takes it."""
        await self._settled(work, self._submit(work))

    def try_to_save(self, work: Work) -> None:
        """Take a work that a later one will do as well: where the database refuses it, it is dropped."""
        if not self._must_wait and (submitted := self._submit(work)) is not None:
            self._tasks.spawn(self._tried(submitted))

    async def settle(self) -> None:
        """Return when everything taken so far is written, or was refused once more."""
        await self._tasks.wait()
        await self._write_kept()

    def _submit(self, work: Work) -> asyncio.Future[object] | None:
        """Give the work its place in the database's own line at once; None where it has to wait here."""
        if self._must_wait:
            self._kept.append(work)
            return None
        try:
            return self._database.submit(work)
        except DatabaseClosed:
            log.warning("a work came after the database was closed")
            return None

    async def _settled(self, work: Work, submitted: asyncio.Future[object] | None) -> None:
        if submitted is None:
            return
        try:
            await submitted
        except StorageError as error:
            if self._watch.failed(error):
                self._kept.append(work)
            else:
                log.exception("a work was refused for good")

    async def _tried(self, submitted: asyncio.Future[object]) -> None:
        try:
            await submitted
        except StorageError as error:
            self._watch.failed(error)

    def _trouble_changed(self, trouble: StorageError | None) -> None:
        if trouble is None:
            self._tasks.spawn(self._write_kept())

    async def _write_kept(self) -> None:
        """Write what is kept, the oldest first; stops at the first that is refused again."""
        async with self._one_writing:
            while self._kept and await self._taken(self._kept[0]):
                self._kept.popleft()

    async def _taken(self, work: Work) -> bool:
        """Whether the database took a work; one that it will never take is given up, and not in the others' way."""
        try:
            await self._database.write(work)
        except DatabaseClosed:
            return False
        except StorageError as error:
            if self._watch.failed(error):
                return False
            log.exception("a work was refused for good")
        return True
