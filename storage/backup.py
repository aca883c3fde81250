"""Backups made while the database is used, and the way back to one."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.database import Database
from storage.directory import DataDirectory
from storage.engines import sqlite_module
from storage.errors import StorageError
from storage.foreign import disk_errors_translated, foreign_errors_translated
from storage.snapshot import publish, snapshot, snapshot_time
from storage.upgrade import require_known_revision, require_whole


async def backup(database: Database) -> Path:
    """Copy the open database to a dated file among its backups, keep the newest five, and return the new one.

    Reads and writes go on meanwhile. Raises a StorageError, DiskFull among them; then there is no new file.
    """
    return await asyncio.to_thread(_backup, database.directory, database.clocks.now())


def backup_of(directory: Path, at: datetime) -> Path:
    """Do the same for the database in `directory`, whether an instance uses it or not; the file is named after `at`."""
    data = DataDirectory(directory)
    if not data.database.is_file():
        raise StorageError(f"There is no database in {directory}.")
    data.prepare()
    return _backup(data, at)


def newest_backup(backups: Path) -> datetime | None:
    """Tell of when the newest backup is; None when there is none."""
    files = sorted(backups.glob("samovar-*.db"))
    return snapshot_time(files[-1]) if files else None


def restore(directory: Path, file: Path, at: datetime) -> Path:
    """Put a copy of the backup `file` in the place of the database in `directory`, which no instance may be using.

    What was there is kept beside it; returns its path, named after `at`. `file` stays, too. Everything is checked
    before anything is replaced, and a crash leaves either database whole. Raises AlreadyRunning, DatabaseDamaged,
    SchemaTooNew, or another StorageError.
    """
    data = DataDirectory(directory)
    with foreign_errors_translated(), disk_errors_translated():
        data.prepare()
        with data.locked():
            part = data.database.with_suffix(".part")
            _copy_checked(file, part)
            kept = _set_aside(data.database, at)
            publish(part, data.database)
            return kept


def _backup(directory: DataDirectory, at: datetime) -> Path:
    with foreign_errors_translated(), disk_errors_translated(), closing(_connect(directory.database)) as driver:
        return snapshot(driver, directory.backups, at)


def _connect(file: Path, mode: str = "rw") -> Any:
    return sqlite_module().connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)


def _copy_checked(file: Path, part: Path) -> None:
    """Copy `file` to `part` when it is a whole database of ours that this version can open."""
    part.unlink(missing_ok=True)
    with closing(_connect(file)) as driver:
        require_whole(driver)
        if require_known_revision(driver) is None:
            raise StorageError(f"{file} is not a backup of this app.")
        driver.execute("VACUUM INTO ?", (str(part),))


def _set_aside(database: Path, at: datetime) -> Path:
    """Give the database a second name, with all of its log in it, and leave no log behind that the next would read."""
    kept = database.with_name(f"replaced-{at:%Y%m%dT%H%M%S.%fZ}.db")
    # Closing the only connection moves the log into the file. A damaged database keeps its log, under the new name.
    with suppress(sqlite_module().Error), closing(_connect(database)) as driver:
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _link(database, kept)
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{database}{suffix}").replace(f"{kept}{suffix}")
    return kept


def _link(file: Path, name: Path) -> None:
    try:
        os.link(file, name)
    except OSError:  # a file system without hard links
        shutil.copy2(file, name)
