"""The drill: back up while people write, lose everything, restore."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import Session, select

from storage.accounts import ensure_account
from storage.backup import backup
from storage.database import Clocks, Database
from storage.engines import sqlite_module
from storage.errors import AlreadyRunning, DatabaseDamaged, ReadOnly, SchemaTooNew, StorageError
from storage.restoring import restore
from storage.tables import Account
from tests.storage.conftest import NOON


def names(session: Session) -> set[str]:
    return set(session.exec(select(Account.name)).all())


async def add(database: Database, name: str) -> None:
    await database.write(partial(ensure_account, name=name, role="member", at=NOON))


async def names_in(directory: Path) -> set[str]:
    database = await Database.open(directory)
    found = await database.read(names)
    await database.close()
    return found


async def opened(directory: Path) -> Database:
    minutes = count()
    return await Database.open(directory, clocks=Clocks(now=lambda: NOON + timedelta(minutes=next(minutes))))


async def saved(directory: Path) -> Path:
    """Keep ada in a backup, add bob after it, and close."""
    database = await opened(directory)
    await add(database, "ada")
    file = await backup(database)
    await add(database, "bob")
    await database.close()
    return file


async def test_backup_and_restore(directory: Path) -> None:
    file = await saved(directory)
    replaced = restore(directory, file, NOON)
    assert await names_in(directory) == {"ada"}
    assert replaced.parent == directory
    assert restore(directory, replaced, NOON + timedelta(minutes=1)) != replaced
    assert await names_in(directory) == {"ada", "bob"}


def replaced_in(directory: Path) -> list[Path]:
    return sorted(directory.glob("replaced-*"))


async def test_what_the_last_three_restores_replaced_is_kept(directory: Path) -> None:
    file = await saved(directory)
    first, *others = [restore(directory, file, NOON + timedelta(minutes=minute)) for minute in range(4)]
    assert replaced_in(directory) == others
    assert first not in others
    # What is restored just now stays, as old as it is.
    newest = restore(directory, others[0], NOON + timedelta(minutes=4))
    assert replaced_in(directory) == [*others, newest]


async def test_a_backup_while_others_write_is_whole(directory: Path) -> None:
    database = await opened(directory)

    async def add_many(person: str) -> None:
        for n in range(40):
            await add(database, f"{person}{n}")

    writing = [asyncio.create_task(add_many(person)) for person in ("ada", "bob")]
    files = [await backup(database) for _ in range(3)]
    await asyncio.gather(*writing)
    await database.close()
    for minute, file in enumerate(files):
        restore(directory, file, NOON + timedelta(minutes=minute))
        found = await names_in(directory)
        for person in ("ada", "bob"):
            numbers = {int(name[3:]) for name in found if name.startswith(person)}
            assert numbers == set(range(len(numbers)))


async def test_five_backups_are_kept(directory: Path) -> None:
    database = await opened(directory)
    files = [await backup(database) for _ in range(7)]
    await database.close()
    assert sorted((directory / "backups").iterdir()) == files[2:]
    assert {file.stat().st_mode & 0o777 for file in files[2:]} == {0o600}


async def test_what_was_not_yet_in_the_file_is_kept_too(directory: Path) -> None:
    file = await saved(directory)
    log_only = sqlite_module().connect(directory / "samovar.db", isolation_level=None)
    log_only.execute("INSERT INTO account (id, name, role, created_at) VALUES ('1', 'eve', 'member', '2026-11-23')")
    replaced = restore(directory, file, NOON)
    log_only.close()
    assert await names_in(directory) == {"ada"}
    restore(directory, replaced, NOON + timedelta(minutes=1))
    assert await names_in(directory) == {"ada", "bob", "eve"}


async def test_a_damaged_database_is_replaced_and_kept(directory: Path) -> None:
    file = await saved(directory)
    (directory / "samovar.db").write_bytes(b"tea leaves")
    replaced = restore(directory, file, NOON)
    assert replaced.read_bytes() == b"tea leaves"
    assert await names_in(directory) == {"ada"}


async def test_a_directory_without_a_database_takes_a_backup(directory: Path, tmp_path: Path) -> None:
    file = await saved(directory)
    restore(tmp_path / "elsewhere", file, NOON)
    assert await names_in(tmp_path / "elsewhere") == {"ada"}


async def refused(directory: Path, file: Path, kind: type[StorageError]) -> None:
    with pytest.raises(kind):
        restore(directory, file, NOON)
    assert await names_in(directory) == {"ada", "bob"}


async def test_a_damaged_backup_is_refused(directory: Path) -> None:
    file = await saved(directory)
    file.write_bytes(file.read_bytes()[:5000])
    await refused(directory, file, DatabaseDamaged)


async def test_a_newer_backup_is_refused(directory: Path) -> None:
    file = await saved(directory)
    driver = sqlite_module().connect(file, isolation_level=None)
    driver.execute("UPDATE alembic_version SET version_num = '9999'")
    driver.close()
    await refused(directory, file, SchemaTooNew)


async def test_a_database_of_others_is_refused(directory: Path, tmp_path: Path) -> None:
    await saved(directory)
    driver = sqlite_module().connect(tmp_path / "other.db", isolation_level=None)
    driver.execute("CREATE TABLE tea (leaf)")
    driver.close()
    await refused(directory, tmp_path / "other.db", StorageError)


async def test_a_missing_backup_is_refused(directory: Path, tmp_path: Path) -> None:
    await saved(directory)
    await refused(directory, tmp_path / "none.db", ReadOnly)


async def test_restoring_below_a_running_instance_is_refused(directory: Path) -> None:
    file = await saved(directory)
    database = await Database.open(directory)
    with pytest.raises(AlreadyRunning):
        restore(directory, file, NOON)
    await database.close()
