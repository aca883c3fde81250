"""Bringing the schema of a database up to date, or refusing to touch it.

Alembic alone would leave a half-changed schema behind when it is killed: SQLite's driver begins no transaction for a
change of schema. Here one transaction holds every step, the new revision and the check of the result.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from storage.directory import DataDirectory
from storage.engines import driver_of, upgrade_engine
from storage.errors import DatabaseDamaged, SchemaTooNew, UpgradeFailed
from storage.foreign import disk_errors_translated, foreign_errors_translated, translated
from storage.snapshot import Reason, snapshot

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"

# Alembic keeps what it works on in its modules: two databases of one process would get each other's steps.
_ALEMBIC = threading.Lock()


def upgrade(directory: DataDirectory, now: Callable[[], datetime], versions: Path = VERSIONS) -> None:
    """Bring the database in `directory`, which the caller holds locked, to the newest revision in `versions`.

    An existing database is backed up first. Killed at any point, it starts anew the next time. Raises DatabaseDamaged,
    SchemaTooNew and UpgradeFailed, and other StorageErrors when the file cannot be opened.
    """
    engine = upgrade_engine(directory.database)
    try:
        with foreign_errors_translated(), disk_errors_translated(), engine.connect() as connection:
            driver = driver_of(connection)
            require_whole(driver)
            found = require_known_revision(driver, versions)
            if found == newest_revision(versions):
                return
            backup_path = snapshot(driver, directory.backups, now(), Reason.UPGRADE) if found else None
            _apply(connection, versions, backup_path)
    finally:
        engine.dispose()


def newest_revision(versions: Path = VERSIONS) -> str:
    """Tell the newest revision that this version knows: the number that starts the name of the last file."""
    return max(_revisions(versions))


def require_whole(driver: Any) -> None:
    """Raise DatabaseDamaged unless the pages of the database are in order."""
    (verdict,) = driver.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise DatabaseDamaged(f"The database file is damaged: {verdict}. Restore a backup.")


def require_known_revision(driver: Any, versions: Path = VERSIONS) -> str | None:
    """Tell the revision of the database, None for an empty one. Raises SchemaTooNew for one that is not known."""
    if not driver.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return None
    row = driver.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        return None
    if row[0] not in _revisions(versions):
        raise SchemaTooNew(row[0], newest_revision(versions))
    return str(row[0])


def _revisions(versions: Path) -> set[str]:
    return {file.name.split("_")[0] for file in versions.glob("[0-9]*.py")}


def _apply(connection: Connection, versions: Path, backup_path: Path | None) -> None:
    try:
        with _ALEMBIC, connection.begin():
            _run_alembic(connection, versions)
            _require_sound(driver_of(connection))
    except Exception as error:
        raise UpgradeFailed(backup_path, str(translated(error)).rstrip(".")) from error


def _run_alembic(connection: Connection, versions: Path) -> None:
    # Importing Alembic takes longer than everything else at the start, and most starts upgrade nothing.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", _escaped(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", _escaped(versions))
    command.upgrade(config, "head")


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _require_sound(driver: Any) -> None:
    """Check the changed database before it is committed."""
    (verdict,) = driver.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise DatabaseDamaged(f"The upgraded database is not whole: {verdict}.")
    if orphan := driver.execute("PRAGMA foreign_key_check").fetchone():
        raise DatabaseDamaged(f"The upgraded database has a row in {orphan[0]} that points at nothing.")
