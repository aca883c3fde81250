"""A database that another process may have open: for commands at the console, which read and write a little."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from storage.database import Clocks, Database
from storage.directory import DataDirectory
from storage.engines import Engines, driver_of, engines_for, sqlite_module, sqlite_url
from storage.erasing import rewrite_small
from storage.errors import AlreadyRunning, StorageError
from storage.foreign import foreign_errors_translated
from storage.log import WriteAheadLog
from storage.upgrade import newest_revision, require_known_revision

T = TypeVar("T")

SAFE_WITH_TWO_WRITERS: Final = (3, 51, 3)
"""Before this version SQLite could lose pages when two connections wrote and emptied the log at once
(sqlite.org/wal.html#walresetbug)."""


class Store(Protocol):
    """Reads and writes, each in a transaction of its own."""

    clocks: Clocks

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on one snapshot."""

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction and return its result once it is on the disk."""

    async def erase_deleted(self) -> None:
        """Return once what was deleted is gone from the log, too."""


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[Store]:
    """Open the database in `directory` alone, or beside the app that has it open.

    Raises StorageError: also when the app runs and the machine's SQLite is too old to write beside it.
    """
    try:
        database = await Database.open(directory)
    except AlreadyRunning:
        store = await asyncio.to_thread(_beside, DataDirectory(directory))
        try:
            yield store
        finally:
            await asyncio.to_thread(store.close)
        return
    try:
        yield database
    finally:
        await database.close()


class Beside:
    """Works on the database while the app has it open: each work takes its turn among the app's own."""

    def __init__(self, database: Path, engines: Engines, clocks: Clocks) -> None:
        self.clocks = clocks
        self._database = database
        self._engines = engines

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on one snapshot."""
        return await asyncio.to_thread(self._run, self._engines.reader, work)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction and return its result once it is on the disk."""
        return await asyncio.to_thread(self._run, self._engines.writer, work)

    async def erase_deleted(self) -> None:
        """Return once nothing is left of what was deleted, or leave the log to the app while somebody reads from it."""
        await asyncio.to_thread(self._erase_deleted)

    def close(self) -> None:
        """Close the files."""
        self._engines.reader.dispose()
        self._engines.writer.dispose()

    def _erase_deleted(self) -> None:
        with foreign_errors_translated(), self._engines.writer.connect() as connection:
            rewrite_small(connection, self._database)
            WriteAheadLog(connection, self._database, limit_bytes=0).keep_bounded()

    def _run(self, engine: Engine, work: Callable[[Session], T]) -> T:
        with foreign_errors_translated(), Session(engine, expire_on_commit=False) as session:
            result = work(session)
            session.commit()
            return result


def _beside(directory: DataDirectory) -> Beside:
    if sqlite_module().sqlite_version_info < SAFE_WITH_TWO_WRITERS:
        raise StorageError(
            "The app is running, and this machine's SQLite is too old for two writers. Stop the app first."
        )
    engines = engines_for(sqlite_url(directory.database), readers=1)
    with foreign_errors_translated(), engines.reader.connect() as connection:
        if require_known_revision(driver_of(connection)) != newest_revision():
            raise StorageError("The app that runs is of another version. Restart it first.")
    return Beside(directory.database, engines, Clocks())
