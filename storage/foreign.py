"""Where the errors of the driver and of SQLAlchemy end: they become a `StorageError`, anything else stays as it is."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage.engines import sqlite_module
from storage.errors import (
    Conflict,
    DatabaseDamaged,
    DatabaseLocked,
    DiskFailed,
    DiskFull,
    ReadOnly,
    ReadTooLong,
    StorageError,
)

# Primary result codes of SQLite (sqlite.org/rescode.html); the extended ones carry them in their low byte.
_BY_CODE: dict[int, tuple[type[StorageError], str]] = {
    5: (DatabaseLocked, "Another program holds the database."),
    6: (DatabaseLocked, "Another statement holds the table."),
    8: (ReadOnly, "The database cannot be written."),
    9: (ReadTooLong, "The read took longer than it may."),
    10: (DiskFailed, "The disk refused a read or a write."),
    11: (DatabaseDamaged, "The database file is damaged."),
    13: (DiskFull, "The disk is full."),
    14: (ReadOnly, "The database file cannot be opened."),
    19: (Conflict, "The rows contradict a rule of the schema."),
    23: (ReadOnly, "The database may not be used in this way."),
    26: (DatabaseDamaged, "The file is not a database."),
}
_BY_ERRNO: dict[int, type[StorageError]] = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EROFS: ReadOnly,
    errno.EACCES: ReadOnly,
    errno.EPERM: ReadOnly,
}


def translated(error: Exception) -> Exception:
    """Tell what `error` means here: a StorageError for a foreign one, with the foreign one as its cause."""
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(driver_error, sqlite_module().Error):
        kind, sentence = _BY_CODE.get(_primary_code(driver_error), (StorageError, "The database failed."))
        found: Exception = kind(f"{sentence[:-1]}: {driver_error}.")
    elif isinstance(error, SQLAlchemyError):
        found = StorageError(f"The database was asked in a wrong way: {error}")
    else:
        return error
    found.__cause__ = error
    return found


def root_of(error: BaseException) -> BaseException:
    """Give the first foreign error of those that were raised while handling one another, or `error` itself."""
    root, earlier = error, error.__context__
    while earlier is not None:
        root = earlier if isinstance(earlier, DBAPIError) else root
        earlier = earlier.__context__
    return root


@contextmanager
def foreign_errors_translated() -> Iterator[None]:
    """Raise a StorageError in place of a foreign error of the block."""
    try:
        yield
    except Exception as error:
        found = translated(error)
        if found is error:
            raise
        raise found from error


@contextmanager
def disk_errors_translated() -> Iterator[None]:
    """Raise a StorageError in place of an OSError of the block, which handles files of ours and nothing else."""
    try:
        yield
    except OSError as error:
        kind = _BY_ERRNO.get(error.errno or 0, DiskFailed)
        raise kind(f"{error.strerror or error}: {error.filename or 'a file of the database'}.") from error


def _primary_code(error: BaseException) -> int:
    """Read the result code; 0 where the driver tells none, as for misuse of the driver itself."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
