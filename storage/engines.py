"""Engines by URL. A second kind of database is a second branch of `engines_for`; nobody else looks at the URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, StaticPool, create_engine, event

from storage.errors import StorageError
from storage.search_index import follow_tables

BUSY_TIMEOUT = timedelta(seconds=5)
_PAGES_BETWEEN_CHECKPOINTS = 4_000
_LOG_KEPT_BYTES = 32 * 1024 * 1024
_OPCODES_BETWEEN_LOOKS = 10_000

# secure_delete: what was deleted is overwritten, not only unlinked. No mmap: a truncated file would be a SIGBUS.
_SHARED_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT // timedelta(milliseconds=1)}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA mmap_size = 0",
)
_WRITER_PRAGMAS = (
    *_SHARED_PRAGMAS,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -16000",
    f"PRAGMA wal_autocheckpoint = {_PAGES_BETWEEN_CHECKPOINTS}",
    f"PRAGMA journal_size_limit = {_LOG_KEPT_BYTES}",
)
_READER_PRAGMAS = (*_SHARED_PRAGMAS, "PRAGMA query_only = ON")
_MEMORY_PRAGMAS = ("PRAGMA foreign_keys = ON", "PRAGMA secure_delete = ON", "PRAGMA temp_store = MEMORY")
# Rebuilding a table drops the old one, and with foreign keys on that would delete what points at it.
_UPGRADE_PRAGMAS = (*_WRITER_PRAGMAS, "PRAGMA foreign_keys = OFF")


@dataclass(frozen=True, slots=True)
class Engines:
    """One connection that writes, a few that only read."""

    writer: Engine
    reader: Engine


def engines_for(url: URL, readers: int) -> Engines:
    """Make the engines for `url`, whose schema is the newest; nothing is opened yet.

    Raises StorageError for a kind that is not known.
    """
    match url.get_backend_name():
        case "sqlite":
            writer = _sqlite_engine(url, _WRITER_PRAGMAS, "BEGIN IMMEDIATE", poolclass=StaticPool)
            event.listen(writer, "connect", lambda connection, _: follow_tables(connection))
            reader = _sqlite_engine(url, _READER_PRAGMAS, "BEGIN", pool_size=readers, max_overflow=0)
            return Engines(writer, reader)
        case kind:
            raise StorageError(f"Databases of the kind {kind!r} are not supported.")


def memory_engine() -> Engine:
    """Make the engine of a database that no file ever holds: one connection, not even a temporary file."""
    url = URL.create("sqlite", database=":memory:")
    return _sqlite_engine(url, _MEMORY_PRAGMAS, "BEGIN", poolclass=StaticPool)


def upgrade_engine(path: Path) -> Engine:
    """Make the engine that changes the schema of the SQLite file at `path`."""
    return _sqlite_engine(sqlite_url(path), _UPGRADE_PRAGMAS, "BEGIN IMMEDIATE", poolclass=StaticPool)


def sqlite_url(path: Path) -> URL:
    """Name the SQLite file at `path` as a URL."""
    return URL.create("sqlite", database=str(path))


def sqlite_module() -> ModuleType:
    """Tell the newest SQLite at hand.

    The system's may be older than 3.51.3, whose reset of the log can corrupt a database. Whoever opens one of our files
    uses this module: two copies of SQLite in one process undo each other's file locks.
    """
    try:
        import pysqlite3.dbapi2 as module  # noqa: PLC0415
    except ImportError:
        import sqlite3.dbapi2 as module  # noqa: PLC0415
    return module  # type: ignore[no-any-return]


def connect_to(file: Path, mode: str = "rw") -> Any:
    """Open a file of SQLite's that is there with the driver alone; every statement is a transaction of its own."""
    return sqlite_module().connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)


def driver_of(connection: Connection) -> Any:
    """Give the driver's own connection, for what must not run inside a transaction."""
    return connection.connection.driver_connection


def in_transaction(connection: Connection) -> bool:
    """Tell whether the database, too, still thinks that a transaction is open."""
    return bool(driver_of(connection).in_transaction)


def touch(connection: Connection) -> None:
    """Write to the first page of the file, so that the commit has something to put on the disk."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA user_version = {(version + 1) % 2**31}")


@contextmanager
def ended_when(connection: Connection, is_over: Callable[[], bool]) -> Iterator[None]:
    """Interrupt any statement on `connection` that still runs once `is_over`; it raises a driver's error."""
    driver = driver_of(connection)
    driver.set_progress_handler(is_over, _OPCODES_BETWEEN_LOOKS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _sqlite_engine(url: URL, pragmas: tuple[str, ...], begin: str, **pool: Any) -> Engine:
    # What people write must not show in an error's text, which is logged.
    engine = create_engine(
        url, module=sqlite_module(), connect_args={"check_same_thread": False}, hide_parameters=True, **pool
    )

    def prepare(connection: Any, _record: object) -> None:
        # The driver's own BEGIN is deferred and comes late; with None, ours below is the only one.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    _shorten_savepoints(engine.dialect)
    return engine


def _shorten_savepoints(dialect: Dialect) -> None:
    """Send savepoints straight to the driver: all that they pass on the usual way takes a fifth of a small write."""

    def savepoint(connection: Connection, name: str) -> None:
        driver_of(connection).execute(f"SAVEPOINT {name}")

    def release(connection: Connection, name: str) -> None:
        driver_of(connection).execute(f"RELEASE SAVEPOINT {name}")

    dialect.do_savepoint = savepoint  # type: ignore[method-assign]
    dialect.do_release_savepoint = release  # type: ignore[method-assign]
