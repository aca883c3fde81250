"""How a database is: its sizes, what is in it, and whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlmodel import Session, func, select

from storage.backup import newest_backup
from storage.database import Database
from storage.engines import sqlite_module
from storage.table import Table

_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """Sizes in bytes; `unused_bytes` of the file are free and taken again first. `rows` are counted by table."""

    sqlite: str
    revision: str
    file_bytes: int
    log_bytes: int
    unused_bytes: int
    rows: Mapping[str, int]
    last_backup: datetime | None


async def health_of(database: Database) -> DatabaseHealth:
    """Look at an open database: a look is cheap, and tells nothing of damage. Raises a StorageError."""
    revision, unused, rows = await database.read(_counted)
    file = database.directory.database
    log = file.with_name(f"{file.name}-wal")
    return DatabaseHealth(
        sqlite_module().sqlite_version,
        revision,
        file.stat().st_size,
        log.stat().st_size if log.exists() else 0,
        unused,
        rows,
        newest_backup(database.directory.backups),
    )


async def damage_of(database: Database) -> Sequence[str]:
    """Read the whole file and tell what is wrong with it; nothing when it is whole. Raises a StorageError."""
    return await database.read(_damage)


def _counted(session: Session) -> tuple[str, int, dict[str, int]]:
    connection = session.connection()
    revision = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    unused = _pragma(connection, "freelist_count") * _pragma(connection, "page_size")
    rows = {
        str(table.__tablename__): session.exec(select(func.count()).select_from(table)).one()
        for table in Table.__subclasses__()
    }
    return revision, unused, rows


def _damage(session: Session) -> list[str]:
    found = session.connection().exec_driver_sql(f"PRAGMA quick_check({_FINDINGS})").scalars().all()
    return [] if found == ["ok"] else [str(line) for line in found]


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
