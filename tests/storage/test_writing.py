"""Many writers, one commit; each work stands for itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlmodel import Session, func, select

from storage.accounts import account_named, ensure_account
from storage.database import Database, DatabaseLimits
from storage.errors import Conflict, DatabaseClosed, ReadOnly, StorageError
from storage.log import WriteAheadLog
from storage.messages import add_message
from storage.tables import Account, Message
from tests.storage.conftest import NOON, Seeded


@asynccontextmanager
async def writer_held(database: Database) -> AsyncIterator[None]:
    """Keep the writer busy, so that what is written inside shares the commit after it."""
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold(_: Session) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(timeout=60)

    holding = asyncio.create_task(database.write(hold))
    await begun.wait()
    try:
        yield
        await asyncio.sleep(0)  # the tasks made inside hand in their works
    finally:
        go_on.set()
        await holding


def names(session: Session) -> set[str]:
    return set(session.exec(select(Account.name)).all())


def adding(name: str) -> Account:
    return Account(name=name, created_at=NOON)


async def test_waiting_works_share_a_commit(database: Database) -> None:
    commits: list[Connection] = []
    engine = await database.write(lambda session: session.connection().engine)
    event.listen(engine, "commit", commits.append)
    async with writer_held(database):
        writes = [
            asyncio.create_task(database.write(partial(ensure_account, name=f"u{n}", role="member", at=NOON)))
            for n in range(100)
        ]
    accounts = await asyncio.gather(*writes)
    assert len({account.id for account in accounts}) == 100
    assert len(commits) == 2
    assert len(await database.read(names)) == 100


async def test_fifty_writers_never_meet_a_lock(seeded: Seeded) -> None:
    async def write_ten() -> None:
        for _ in range(10):
            await seeded.database.write(lambda session: add_message(session, seeded.question()))

    await asyncio.gather(*(write_ten() for _ in range(50)))
    count = select(func.count()).select_from(Message)
    assert await seeded.database.read(lambda session: session.exec(count).one()) == 500


async def test_a_failing_work_fails_alone(database: Database) -> None:
    def half_done(session: Session) -> None:
        ensure_account(session, "half", "member", NOON)
        raise LookupError("lost")

    async with writer_held(database):
        writes = [
            asyncio.create_task(database.write(lambda session: session.add(adding("first")))),
            asyncio.create_task(database.write(half_done)),
            asyncio.create_task(database.write(lambda session: session.add(adding("first")))),
            asyncio.create_task(database.write(lambda _: next(iter(())))),
            asyncio.create_task(database.write(lambda session: session.add(adding("last")))),
        ]
    first, half, twice, stopped, last = await asyncio.gather(*writes, return_exceptions=True)
    assert (first, last) == (None, None)
    assert isinstance(half, LookupError)
    assert isinstance(twice, Conflict)
    assert isinstance(stopped, RuntimeError)
    assert await database.read(names) == {"first", "last"}


async def test_a_work_that_ends_the_shared_transaction_is_refused(database: Database) -> None:
    async with writer_held(database):
        before = asyncio.create_task(database.write(lambda session: session.add(adding("before"))))
        ending = asyncio.create_task(
            database.write(lambda session: session.connection().exec_driver_sql("ROLLBACK").close())
        )
        after = asyncio.create_task(database.write(lambda session: session.add(adding("after"))))
    results = await asyncio.gather(before, ending, after, return_exceptions=True)
    assert [isinstance(result, StorageError) for result in results] == [True, True, False]
    assert await database.read(names) == {"after"}


async def test_the_work_of_a_cancelled_caller_is_done(database: Database) -> None:
    async with writer_held(database):
        gone = asyncio.create_task(database.write(lambda session: session.add(adding("gone"))))
        stays = asyncio.create_task(database.write(lambda session: session.add(adding("stays"))))
        await asyncio.sleep(0)
        gone.cancel()
    await stays
    assert gone.cancelled()
    assert await database.read(names) == {"gone", "stays"}


async def test_the_failure_of_a_cancelled_caller_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Session) -> None:
        raise LookupError("lost")

    async with writer_held(database):
        gone = asyncio.create_task(database.write(fail))
        await asyncio.sleep(0)
        gone.cancel()
    await database.probe()
    assert "lost" in caplog.text


async def test_closing_commits_what_waits(directory: Path) -> None:
    database = await Database.open(directory)
    async with writer_held(database):
        waiting = asyncio.create_task(database.write(lambda session: session.add(adding("waited"))))
        await asyncio.sleep(0)
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
    await asyncio.gather(waiting, closing)
    assert not Path(f"{directory}/samovar.db-wal").exists()  # noqa: ASYNC240 -- nothing else runs in this loop
    reopened = await Database.open(directory)
    assert await reopened.read(names) == {"waited"}
    await reopened.close()


async def test_a_closed_database_refuses(directory: Path) -> None:
    database = await Database.open(directory)
    await database.close()
    await database.close()
    with pytest.raises(DatabaseClosed):
        await database.write(names)
    with pytest.raises(DatabaseClosed):
        await database.read(names)


async def test_reads_see_one_moment_and_cannot_write(database: Database) -> None:
    await database.write(lambda session: ensure_account(session, "ada", "admin", NOON))
    with pytest.raises(ReadOnly):
        await database.read(lambda session: ensure_account(session, "bob", "member", NOON))
    found = await database.read(lambda session: account_named(session, "ada"))
    assert found is not None
    assert found.role == "admin"
    assert found.created_at == NOON


async def test_the_log_is_emptied_when_nobody_writes(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emptied, loop, empty = asyncio.Event(), asyncio.get_running_loop(), WriteAheadLog.empty

    def telling(log: WriteAheadLog) -> bool:
        done = empty(log)
        loop.call_soon_threadsafe(emptied.set)
        return done

    monkeypatch.setattr(WriteAheadLog, "empty", telling)
    database = await Database.open(directory, DatabaseLimits(idle=timedelta()))
    await database.write(lambda session: session.add(adding("ada")))
    await emptied.wait()
    assert (directory / "samovar.db-wal").stat().st_size == 0
    await database.close()
