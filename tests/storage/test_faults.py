"""What the disk and other programs can do to the database, and what callers hear of it."""

from __future__ import annotations

import asyncio
import errno
import os
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import InvalidRequestError, OperationalError
from sqlmodel import Session, func, select

from storage.database import Database
from storage.engines import driver_of, engines_for, sqlite_module
from storage.errors import (
    Conflict,
    DatabaseDamaged,
    DatabaseLocked,
    DataDirectoryUnusable,
    DiskFailed,
    DiskFull,
    ReadOnly,
    ReadTooLong,
    StorageError,
)
from storage.foreign import disk_errors_translated, foreign_errors_translated, translated
from storage.log import WriteAheadLog
from storage.messages import add_message
from storage.tables import Message
from tests.storage.conftest import Seeded
from tests.storage.test_writing import writer_held


def pragma(session: Session, text: str) -> int | None:
    result = session.connection().exec_driver_sql(f"PRAGMA {text}")
    return int(result.scalar_one()) if result.returns_rows else None


def count_messages(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Message)).one()


async def test_a_full_disk_refuses_and_recovers(seeded: Seeded) -> None:
    database = seeded.database
    pages = await database.write(lambda session: pragma(session, "page_count"))
    await database.write(lambda session: pragma(session, f"max_page_count = {pages}"))
    async with writer_held(database):
        writes = [
            asyncio.create_task(database.write(lambda session: add_message(session, seeded.question("x" * 2_000))))
            for _ in range(20)
        ]
    results = await asyncio.gather(*writes, return_exceptions=True)
    kept = [result for result in results if isinstance(result, Message)]
    refused = [result for result in results if isinstance(result, DiskFull)]
    assert len(kept) + len(refused) == 20
    assert refused
    assert await database.read(count_messages) == len(kept)
    with pytest.raises(DiskFull):
        await database.probe()
    await database.write(lambda session: pragma(session, "max_page_count = 1000000"))
    await database.write(lambda session: add_message(session, seeded.question("x" * 2_000)))
    assert await database.read(count_messages) == len(kept) + 1


async def test_a_read_only_database_refuses_and_recovers(seeded: Seeded) -> None:
    database = seeded.database
    await database.probe()
    driver = await database.write(lambda session: driver_of(session.connection()))
    driver.execute("PRAGMA query_only = ON")
    with pytest.raises(ReadOnly):
        await database.write(lambda session: add_message(session, seeded.question()))
    with pytest.raises(ReadOnly):
        await database.probe()
    driver.execute("PRAGMA query_only = OFF")
    await database.probe()


async def test_the_probe_writes_something(database: Database, directory: Path) -> None:
    log = directory / "samovar.db-wal"
    before = log.stat().st_size
    await database.probe()
    await database.probe()
    assert log.stat().st_size > before


async def test_another_program_that_holds_the_database(database: Database, directory: Path) -> None:
    driver = await database.write(lambda session: driver_of(session.connection()))
    driver.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite_module().connect(directory / "samovar.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            await database.probe()
        other.execute("ROLLBACK")
        await database.probe()


@pytest.mark.parametrize("spoiled", [b"", b"no directory"])
async def test_a_directory_that_is_a_file(tmp_path: Path, spoiled: bytes) -> None:
    (tmp_path / "data").write_bytes(spoiled)
    with pytest.raises(DataDirectoryUnusable) as refusal:
        await Database.open(tmp_path / "data")
    assert refusal.value.path == tmp_path / "data"


async def test_the_directory_is_the_owners_alone(database: Database, directory: Path) -> None:
    modes = [path.stat().st_mode & 0o777 for path in (directory, directory / "backups", directory / "samovar.db")]
    assert modes == [0o700, 0o700, 0o600]


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "samovar.db").write_bytes(b"tea leaves " * 1000)
    with pytest.raises(DatabaseDamaged):
        await Database.open(tmp_path)


async def test_a_damaged_page_is_found_at_the_start(directory: Path) -> None:
    database = await Database.open(directory)
    await database.close()
    file = directory / "samovar.db"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    file.write_bytes(content)
    with pytest.raises(DatabaseDamaged):
        await Database.open(directory)
    file.unlink()
    database = await Database.open(directory)
    await database.close()


def driver_error(code: int) -> Exception:
    error: Exception = sqlite_module().OperationalError("as the driver says")
    error.sqlite_errorcode = code  # type: ignore[attr-defined]
    return OperationalError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (5, DatabaseLocked),
        (5 | 2 << 8, DatabaseLocked),
        (6, DatabaseLocked),
        (8, ReadOnly),
        (9, ReadTooLong),
        (10 | 3 << 8, DiskFailed),
        (11, DatabaseDamaged),
        (13, DiskFull),
        (14, ReadOnly),
        (19, Conflict),
        (26, DatabaseDamaged),
        (1, StorageError),
    ],
)
def test_every_result_code_has_its_error(code: int, kind: type[StorageError]) -> None:
    foreign = driver_error(code)
    with pytest.raises(StorageError) as raised, foreign_errors_translated():
        raise foreign
    assert type(raised.value) is kind
    assert raised.value.__cause__ is foreign
    assert "as the driver says" in str(raised.value)


def test_errors_of_others_stay_as_they_are() -> None:
    with pytest.raises(LookupError), foreign_errors_translated():
        raise LookupError
    assert type(translated(InvalidRequestError("asked in a wrong way"))) is StorageError


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, DiskFull), (errno.EROFS, ReadOnly), (errno.EIO, DiskFailed)]
)
def test_errors_of_the_file_system_have_their_errors(number: int, kind: type[StorageError]) -> None:
    with pytest.raises(StorageError) as raised, disk_errors_translated():
        raise OSError(number, os.strerror(number), "samovar.db")
    assert type(raised.value) is kind


def test_other_kinds_of_database_are_refused() -> None:
    with pytest.raises(StorageError, match="postgresql"):
        engines_for(make_url("postgresql://localhost/samovar"), readers=1)


async def test_a_broken_log_does_not_stop_the_writer(
    database: Database, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    driver = await database.write(lambda session: driver_of(session.connection()))
    log = WriteAheadLog(await database.write(lambda session: session.connection()), directory / "samovar.db", 0)
    driver.execute("BEGIN IMMEDIATE")
    log.keep_bounded()
    assert not log.empty()
    driver.execute("ROLLBACK")
    assert "could not be emptied" in caplog.text
    await database.probe()


async def test_the_connections_keep_the_promises_of_the_database(database: Database) -> None:
    def promises(session: Session) -> dict[str, str]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "query_only", "mmap_size")
        ask = session.connection().exec_driver_sql
        return {name: str(ask(f"PRAGMA {name}").scalar()) for name in names}

    shared = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "mmap_size": "0"}
    assert await database.write(promises) == {**shared, "query_only": "0"}
    assert await database.read(promises) == {**shared, "query_only": "1"}
