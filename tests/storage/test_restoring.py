"""A restore that is prepared below the running app and takes place at its next start."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import select

from storage.accounts import ensure_account
from storage.backup import backup, list_backups
from storage.database import Clocks, Database
from storage.engines import sqlite_module
from storage.errors import DatabaseDamaged
from storage.restoring import give_up, prepare, prepared, restore
from storage.sessions import add_session
from storage.snapshot import Reason
from storage.tables import Account, AccountSession
from storage.upgrade import newest_revision
from tests.storage.conftest import NOON


async def opened(directory: Path) -> Database:
    minutes = count()
    return await Database.open(directory, clocks=Clocks(now=lambda: NOON + timedelta(minutes=next(minutes))))


async def add(database: Database, name: str) -> Account:
    return await database.write(lambda session: ensure_account(session, name, "member", NOON))


async def names_in(database: Database) -> set[str]:
    return await database.read(lambda session: set(session.exec(select(Account.name)).all()))


async def test_what_is_prepared_takes_place_at_the_next_start_and_only_there(directory: Path) -> None:
    database = await opened(directory)
    await add(database, "ada")
    file = await backup(database)
    await add(database, "bob")
    prepare(database.directory, file)
    assert prepared(database.directory) == file.name
    await add(database, "cid")
    assert await names_in(database) == {"ada", "bob", "cid"}
    await database.close()
    again = await opened(directory)
    assert await names_in(again) == {"ada"}
    assert again.restored is not None
    assert again.restored.name == file.name
    assert prepared(again.directory) is None
    # The way back is the same: what was replaced is on the list.
    (replaced,) = [one for one in list_backups(again.directory) if one.replaced]
    assert replaced.path.name == again.restored.replaced
    prepare(again.directory, replaced.path)
    await again.close()
    back = await Database.open(directory)
    assert await names_in(back) == {"ada", "bob", "cid"}
    await back.close()
    third = await Database.open(directory)
    assert third.restored is None
    await third.close()


async def test_it_is_given_up_until_then_and_by_a_restore_at_the_console(directory: Path) -> None:
    database = await opened(directory)
    await add(database, "ada")
    file = await backup(database)
    await add(database, "bob")
    prepare(database.directory, file)
    give_up(database.directory)
    assert prepared(database.directory) is None
    other = await backup(database)
    prepare(database.directory, file)
    await database.close()
    restore(directory, other, NOON + timedelta(hours=1))
    again = await Database.open(directory)
    assert await names_in(again) == {"ada", "bob"}
    await again.close()


async def test_the_last_choice_counts_and_a_damaged_one_changes_nothing(directory: Path) -> None:
    database = await opened(directory)
    first = await backup(database)
    await add(database, "ada")
    second = await backup(database)
    broken = await backup(database)
    broken.write_bytes(broken.read_bytes()[:5000])
    prepare(database.directory, first)
    prepare(database.directory, second)
    with pytest.raises(DatabaseDamaged):
        prepare(database.directory, broken)
    assert prepared(database.directory) == second.name
    await database.close()


async def test_a_copy_that_was_damaged_meanwhile_is_not_started_with(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = await opened(directory)
    file = await backup(database)
    await add(database, "ada")
    prepare(database.directory, file)
    await database.close()
    (directory / "prepared" / file.name).write_bytes(b"tea leaves")
    again = await Database.open(directory)
    assert await names_in(again) == {"ada"}
    assert again.restored is None
    assert prepared(again.directory) is None
    await again.close()
    assert "was not restored" in caplog.text


async def test_nobody_is_signed_in_after_a_restore(directory: Path) -> None:
    database = await opened(directory)
    ada = await add(database, "ada")
    session = AccountSession(
        account_id=ada.id, token_hash="x", created_at=NOON, used_at=NOON, address="", device="a kettle"
    )
    await database.write(lambda work: add_session(work, session, 5))
    file = await backup(database)
    prepare(database.directory, file)
    await database.close()
    again = await Database.open(directory)
    assert await again.read(lambda work: work.exec(select(AccountSession)).all()) == []
    await again.close()
    assert b"a kettle" in file.read_bytes()
    assert b"a kettle" not in (directory / "samovar.db").read_bytes()


async def test_the_list_tells_of_each_file_when_why_and_whether_it_can_be_used(directory: Path) -> None:
    database = await opened(directory)
    for reason in (Reason.CLOCK, Reason.HAND):
        await backup(database, reason)
    files = list_backups(database.directory)
    assert [one.reason for one in files] == [Reason.HAND, Reason.CLOCK]
    assert [(one.usable, one.revision, one.replaced) for one in files] == [(True, newest_revision(), False)] * 2
    assert files[0].at == NOON + timedelta(minutes=1)
    assert files[0].size_bytes == files[0].path.stat().st_size
    # Named by an earlier version, damaged, from a later version, and somebody else's.
    old = files[1].path.rename(directory / "backups" / "samovar-20261120T120000.000000Z.db")
    (directory / "backups" / "samovar-20261119T120000.000000Z-clock.db").write_bytes(b"tea leaves")
    (directory / "backups" / "samovar-mine.db").write_bytes(b"")
    driver = sqlite_module().connect(files[0].path, isolation_level=None)
    driver.execute("UPDATE alembic_version SET version_num = '9999'")
    driver.close()
    newer, unnamed, damaged = list_backups(database.directory)
    assert (newer.revision, newer.usable) == ("9999", False)
    assert (unnamed.path, unnamed.reason, unnamed.usable) == (old, None, True)
    assert (damaged.revision, damaged.usable) == (None, False)
    await database.close()
