"""Backups made while the database is used, and the list of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.database import Database
from storage.directory import DataDirectory
from storage.engines import connect_to, sqlite_module
from storage.errors import SchemaTooNew, StorageError
from storage.foreign import disk_errors_translated, foreign_errors_translated
from storage.restoring import REPLACED
from storage.snapshot import Reason, snapshot, snapshot_reason, snapshot_time
from storage.upgrade import require_known_revision


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup, or a database that a restore replaced. `revision` is None for a file that cannot be read.

    `usable`: this version can restore it, as far as can be told without reading all of it.
    """

    path: Path
    at: datetime
    reason: Reason | None
    replaced: bool
    size_bytes: int
    revision: str | None
    usable: bool


async def backup(database: Database, reason: Reason = Reason.HAND) -> Path:
    """Copy the open database to a dated file among its backups, keep the newest five, and return the new one.

    Reads and writes go on meanwhile. Raises a StorageError, DiskFull among them; then there is no new file.
    """
    return await asyncio.to_thread(_backup, database.directory, database.clocks.now(), reason)


def backup_of(directory: Path, at: datetime) -> Path:
    """Do the same for the database in `directory`, whether an instance uses it or not; the file is named after `at`."""
    data = DataDirectory(directory)
    if not data.database.is_file():
        raise StorageError(f"There is no database in {directory}.")
    data.prepare()
    return _backup(data, at, Reason.CONSOLE)


def newest_backup(backups: Path) -> datetime | None:
    """Tell of when the newest backup is; None when there is none."""
    files = sorted(backups.glob("samovar-*.db"))
    return snapshot_time(files[-1]) if files else None


def list_backups(directory: DataDirectory) -> Sequence[BackupFile]:
    """List the backups and what restores replaced, newest first. Files that somebody else named are not ours."""
    files = [*directory.backups.glob("samovar-*.db"), *directory.path.glob(f"{REPLACED}*.db")]
    found = [one for file in files if (one := _described(file)) is not None]
    return sorted(found, key=lambda one: (one.at, one.path.name), reverse=True)


def _backup(directory: DataDirectory, at: datetime, reason: Reason) -> Path:
    with foreign_errors_translated(), disk_errors_translated(), closing(connect_to(directory.database)) as driver:
        return snapshot(driver, directory.backups, at, reason)


def _described(file: Path) -> BackupFile | None:
    at = snapshot_time(file)
    try:
        size = file.stat().st_size
    except FileNotFoundError:  # thrown away meanwhile
        return None
    if at is None:
        return None
    revision, usable = _revision(file)
    return BackupFile(file, at, snapshot_reason(file), file.name.startswith(REPLACED), size, revision, usable)


def _revision(file: Path) -> tuple[str | None, bool]:
    """Tell which schema a file has, and whether this version knows it."""
    # Immutable: a look leaves no files of its own beside a backup.
    with suppress(sqlite_module().Error), closing(connect_to(file, "ro&immutable=1")) as driver:
        try:
            revision = require_known_revision(driver)
        except SchemaTooNew as error:
            return error.found, False
        return revision, revision is not None
    return None, False
