"""The database as the rest of the product sees it: `open`, `write`, `read`, `probe`, `close`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from storage.directory import DataDirectory
from storage.engines import BUSY_TIMEOUT, ended_when, engines_for, sqlite_url, touch
from storage.erasing import rewrite_small
from storage.errors import DatabaseClosed, DatabaseLocked
from storage.foreign import foreign_errors_translated
from storage.log import WriteAheadLog
from storage.restoring import Restored, put_in_place
from storage.tables import Setting
from storage.upgrade import upgrade
from storage.writer import BetweenCommits, Waiting, Writer

T = TypeVar("T")

_ROOM_BYTES = 64 * 1024
_WAIT_FOR_READERS = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """What keeps the database quick.

    `batch` works share a commit. `readers` reads run at once, each at most `read` long: the log of the writes cannot
    shrink below a snapshot that is held. Beyond `log_bytes` the writer waits for the readers to let go of it, and a
    read may then take no longer than `read_in_the_way`. After `idle` without a write the log is emptied.
    """

    batch: int = 256
    readers: int = 4
    read: timedelta = timedelta(seconds=5)
    read_in_the_way: timedelta = timedelta(milliseconds=100)
    idle: timedelta = timedelta(seconds=2)
    log_bytes: int = 40 * 1024 * 1024


def now_utc() -> datetime:
    """Tell the time of day, aware and UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where time comes from: `monotonic` seconds for deadlines, the aware time of day `now` for names of backups."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = now_utc


class Database:
    """An open database, used from the event loop that opened it and no other. Made by `Database.open`.

    `restored` tells which backup took its place as it was opened.
    """

    def __init__(
        self,
        directory: DataDirectory,
        reader: Engine,
        log: WriteAheadLog,
        writer: Writer,
        parts: ExitStack,
        limits: DatabaseLimits,
        clocks: Clocks,
    ) -> None:
        self.directory = directory
        self.clocks = clocks
        self._reader = reader
        self._log = log
        self._writer = writer
        self._parts = parts
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.readers, thread_name_prefix="storage-reader")
        self._closed = False
        self.restored: Restored | None = None

    @classmethod
    async def open(
        cls, directory: Path, limits: DatabaseLimits | None = None, clocks: Clocks | None = None
    ) -> Database:
        """Make the directory if need be, hold it alone, restore what was prepared, bring the schema up to date, start.

        Raises DataDirectoryUnusable, AlreadyRunning, SchemaTooNew, DatabaseDamaged, UpgradeFailed, or another
        StorageError; then nothing is left open.
        """
        loop = asyncio.get_running_loop()
        return await asyncio.to_thread(
            _open, DataDirectory(directory), loop, limits or DatabaseLimits(), clocks or Clocks()
        )

    async def close(self) -> None:
        """Commit what waits, end the reads, close the files and let go of the directory. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._close)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in the writer's thread and return its result once it is on the disk. All of it is kept or nothing.

        `work` shares its commit with others: it neither commits nor rolls back, and does nothing that takes long. Rows
        come back detached. Its own exceptions come through; what the database raises is a StorageError. A caller that
        is cancelled only stops waiting: the work is done all the same.
        """
        return await self.submit(work)

    def submit(self, work: Callable[[Session], T]) -> asyncio.Future[T]:
        """Take `work` as `write` does, without waiting for it: works are done in the order in which they were taken."""
        return self._submit(Waiting, work)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on one snapshot in a reader's thread and return its result; rows come back detached.

        Raises ReadTooLong when it took longer than a read may, ReadOnly when it writes, or another StorageError.
        """
        if self._closed:
            raise DatabaseClosed("The database is closed.")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, work)

    async def erase_deleted(self) -> None:
        """Return once nothing is left of what was deleted, in the file, its full-text index and the log of the writes.

        Readers in the way are waited for, and end sooner meanwhile; writes go on. Raises DatabaseLocked when one stayed
        for seconds all the same, or another StorageError; the log is then emptied once nobody reads or writes.
        """
        await self._between_commits(lambda connection: rewrite_small(connection, self.directory.database))
        for _ in range(BUSY_TIMEOUT // _WAIT_FOR_READERS):
            if await self._between_commits(lambda _: self._log.empty_before_readers(_WAIT_FOR_READERS)):
                return
        raise DatabaseLocked("A reader keeps the log of the writes.")

    async def _between_commits(self, work: Callable[[Connection], T]) -> T:
        return await self._submit(BetweenCommits, work)

    async def probe(self) -> None:
        """Write a little, durably, and see whether there is room for an answer. Raises a StorageError if not."""
        await self.write(self._probe)

    def _submit(self, kind: type[Waiting], work: Callable[[Any], T]) -> asyncio.Future[T]:
        if self._closed:
            raise DatabaseClosed("The database is closed.")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.submit(kind(work, future))
        return future

    def _probe(self, session: Session) -> None:
        room = session.begin_nested()
        session.add(Setting(key="probe", value="x" * _ROOM_BYTES, updated_at=self.clocks.now()))
        session.flush()
        room.rollback()
        touch(session.connection())

    def _read(self, work: Callable[[Session], T]) -> T:
        start = self.clocks.monotonic()
        with foreign_errors_translated(), self._reader.connect() as connection:
            session = Session(connection, expire_on_commit=False)
            with ended_when(connection, lambda: self._took_too_long(start)), session:
                return work(session)

    def _took_too_long(self, start: float) -> bool:
        limit = self._limits.read_in_the_way if self._log.waits_for_readers else self._limits.read
        return self.clocks.monotonic() - start > limit.total_seconds()

    def _close(self) -> None:
        self._threads.shutdown()
        self._parts.close()


def _open(
    directory: DataDirectory, loop: asyncio.AbstractEventLoop, limits: DatabaseLimits, clocks: Clocks
) -> Database:
    """Open every part, and close those that are open when one cannot be."""
    with ExitStack() as parts, foreign_errors_translated():
        directory.prepare()
        parts.enter_context(directory.locked())
        restored = put_in_place(directory, clocks.now)
        upgrade(directory, clocks.now)
        engines = engines_for(sqlite_url(directory.database), limits.readers)
        parts.callback(engines.writer.dispose)
        connection = parts.enter_context(engines.writer.connect())
        parts.callback(engines.reader.dispose)
        log = WriteAheadLog(connection, directory.database, limits.log_bytes)
        writer = Writer(connection, log, loop, limits.batch, limits.idle)
        writer.start()
        parts.callback(writer.stop)
        opened = parts.pop_all()
    database = Database(directory, engines.reader, log, writer, opened, limits, clocks)
    database.restored = restored
    return database
