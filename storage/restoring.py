"""The way back to a backup: at once where no instance runs, or prepared below a running one for its next start."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.directory import DataDirectory
from storage.engines import connect_to, sqlite_module
from storage.errors import StorageError
from storage.foreign import disk_errors_translated, foreign_errors_translated
from storage.snapshot import STAMP, publish
from storage.upgrade import require_known_revision, require_whole

REPLACED = "replaced-"
REPLACED_KEPT = 3
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a start put in place: the name of the backup, and of what it replaced."""

    name: str
    replaced: str


def restore(directory: Path, file: Path, at: datetime) -> Path:
    """Put a copy of the backup `file` in the place of the database in `directory`, which no instance may be using.

    What was there is kept beside it, with what the two restores before replaced; returns its path, named after `at`.
    `file` stays, too. Everything is checked before anything is replaced, and a crash leaves either database whole.
    Nobody is signed in afterwards, and what was prepared for the next start is given up. Raises AlreadyRunning,
    DatabaseDamaged, SchemaTooNew, or another StorageError.
    """
    data = DataDirectory(directory)
    with foreign_errors_translated(), disk_errors_translated():
        data.prepare()
        with data.locked():
            part = data.database.with_suffix(".part")
            _copy_checked(file, part)
            kept = _set_aside(data.database, at)
            publish(part, data.database)
            _forget_replaced(data, file.name)
            give_up(data)
            return kept


def prepare(data: DataDirectory, file: Path) -> None:
    """Have a copy of the backup `file` take the place of the database at the next start, and no other.

    It is checked as `restore` does it. Raises DatabaseDamaged, SchemaTooNew, or another StorageError; then what was
    prepared before stays.
    """
    with foreign_errors_translated(), disk_errors_translated():
        data.prepared.mkdir(mode=0o700, exist_ok=True)
        part = data.prepared / "next.part"
        _copy_checked(file, part)
        _discard(data)
        publish(part, data.prepared / file.name)


def prepared(data: DataDirectory) -> str | None:
    """Tell which backup takes the place of the database at the next start."""
    return next((file.name for file in sorted(data.prepared.glob("*.db"))), None)


def give_up(data: DataDirectory) -> None:
    """Prepare nothing for the next start."""
    with disk_errors_translated():
        _discard(data)


def put_in_place(data: DataDirectory, now: Callable[[], datetime]) -> Restored | None:
    """Do what was prepared in `data`, which the caller holds locked; a crash at any point leaves either database.

    A copy that was damaged since it was checked is given up: the app starts with what it has.
    """
    name = prepared(data)
    if name is None:
        return None
    with foreign_errors_translated(), disk_errors_translated():
        file = data.prepared / name
        try:
            with foreign_errors_translated(), closing(connect_to(file)) as driver:
                require_whole(driver)
        except StorageError as error:
            log.error("%s was not restored: %s", name, error)  # noqa: TRY400 - the sentence says it
            _discard(data)
            return None
        kept = _set_aside(data.database, now())
        publish(file, data.database)
        _forget_replaced(data, name)
        log.warning("the database was restored from %s; what was there before is kept as %s", name, kept.name)
        return Restored(name, kept.name)


def _discard(data: DataDirectory) -> None:
    for file in data.prepared.glob("*.db"):
        file.unlink()


def _copy_checked(file: Path, part: Path) -> None:
    """Copy `file` to `part` when it is a whole database of ours that this version can open; nobody is signed in there.

    Sessions that were ended since the backup must not come to life again.
    """
    part.unlink(missing_ok=True)
    with closing(connect_to(file)) as driver:
        require_whole(driver)
        if require_known_revision(driver) is None:
            raise StorageError(f"{file} is not a backup of this app.")
        driver.execute("VACUUM INTO ?", (str(part),))
    with closing(connect_to(part)) as driver:
        if _has_sessions(driver):
            driver.execute("PRAGMA secure_delete = ON")
            driver.execute("DELETE FROM accountsession")


def _has_sessions(driver: Any) -> bool:
    return bool(driver.execute("SELECT 1 FROM sqlite_master WHERE name = 'accountsession'").fetchone())


def _set_aside(database: Path, at: datetime) -> Path:
    """Give the database a second name, with all of its log in it, and leave no log behind that the next would read."""
    kept = database.with_name(f"{REPLACED}{at:{STAMP}}.db")
    # Closing the only connection moves the log into the file. A damaged database keeps its log, under the new name.
    with suppress(sqlite_module().Error), closing(connect_to(database)) as driver:
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _link(database, kept)
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{database}{suffix}").replace(f"{kept}{suffix}")
    return kept


def _forget_replaced(data: DataDirectory, restored: str) -> None:
    """Keep the newest of what restores replaced, and what was restored just now: each is as large as the database."""
    old = sorted(data.path.glob(f"{REPLACED}*.db"))[:-REPLACED_KEPT]
    for file in (file for file in old if file.name != restored):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)


def _link(file: Path, name: Path) -> None:
    try:
        os.link(file, name)
    except OSError:  # a file system without hard links
        shutil.copy2(file, name)
