"""Backups and old records, by the clock and on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from chatui.commands import run_command
from chatui.operations.schedules import Schedules
from chatui.operations.upkeep import Upkeep
from chatui.settings import SettingsError
from storage.accounts import ensure_account
from storage.backup import newest_backup
from storage.database import Clocks, Database
from storage.errors import StorageError
from storage.failures import recent_failures, record_failure
from storage.tables import Account, Failure, Message, MessageState
from tests.support.app import run_to_end, running_app, tab
from tests.support.ollama_server import OllamaServer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(moment: datetime) -> Clocks:
    return Clocks(now=lambda: moment)


def failure(created_at: datetime) -> Failure:
    return Failure(
        attempt_number=1, code="busy", detail="", stage="reading", backend="b", model="m", created_at=created_at
    )


async def test_old_failures_are_purged(data: Path) -> None:
    database = await Database.open(data, clocks=at(NOON))
    for days in range(1, 5):
        await database.write(partial(record_failure, failure=failure(NOON - timedelta(days=days))))
    await Upkeep(database, lambda: timedelta(days=2, hours=1)).purge()
    left = await database.read(lambda session: recent_failures(session, 10))
    await database.close()
    assert [(NOON - record.created_at).days for record in left] == [1, 2]


async def test_a_work_is_done_by_the_clock_though_it_fails(caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Queue[None]()

    async def work() -> None:
        done.put_nowait(None)
        raise LookupError("no kettle")

    schedules = Schedules()
    schedules.every(timedelta(milliseconds=10), "the work", work)
    schedules.start()
    async with asyncio.timeout(60):
        for _ in range(3):
            await done.get()
    schedules.stop()
    await asyncio.sleep(0)
    assert "the work failed" in caplog.text


class Noted(Schedules):
    """Keeps what would be done, and when first."""

    def __init__(self) -> None:
        self.first: dict[str, timedelta] = {}

    def every(
        self, interval: timedelta, name: str, work: Callable[[], object], first_in: timedelta = timedelta()
    ) -> None:
        self.first[name] = first_in

    def never(self, name: str) -> None:
        self.first.pop(name, None)


async def test_the_next_backup_comes_when_the_newest_is_old_enough(data: Path) -> None:
    day = timedelta(days=1)
    database = await Database.open(data, clocks=at(NOON))
    fresh, later, none = Noted(), Noted(), Noted()
    Upkeep(database, lambda: day).put_on(fresh, day)
    await Upkeep(database, lambda: day).back_up()
    Upkeep(database, lambda: day).put_on(later, day)
    Upkeep(database, lambda: day).put_on(none, timedelta())
    await database.close()
    assert fresh.first["the backup"] == timedelta(minutes=1)
    assert later.first["the backup"] == day
    assert "the backup" not in none.first
    assert newest_backup(data / "backups") == NOON


async def names(data: Path) -> set[str]:
    database = await Database.open(data)
    found = await database.read(lambda session: set(session.exec(select(Account.name)).all()))
    await database.close()
    return found


async def add(data: Path, name: str) -> None:
    database = await Database.open(data)
    await database.write(lambda session: ensure_account(session, name, "member", NOON))
    await database.close()


async def test_the_commands_bring_back_what_was_there(data: Path) -> None:
    await add(data, "ada")
    said = await asyncio.to_thread(run_command, ["backup", "--data", str(data)])
    file = said.removeprefix("Backed up to ")
    await add(data, "bob")
    said = await asyncio.to_thread(run_command, ["restore", file, "--data", str(data)])
    assert "What was there before is kept as" in said
    assert await names(data) == {"ada"}


@pytest.mark.parametrize("arguments", [["restore"], ["backup", "--nope"], ["backup", "file"]])
def test_a_wrong_argument_is_one_line(arguments: list[str]) -> None:
    with pytest.raises(SettingsError):
        run_command(arguments)


def test_nothing_to_back_up_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        run_command(["backup", "--data", str(tmp_path)])


async def test_the_drill(tmp_path: Path) -> None:
    """Back up below the running app, be refused to restore there, stop, restore, and find what was there."""
    data = tmp_path / "data"
    async with OllamaServer() as ollama:
        async with running_app(data, "--backend", ollama.url) as app, tab(app) as client:
            await client.ask("How many cups?")
            assert (await client.answer())["state"] == MessageState.COMPLETE
            status, said = await run_to_end("backup", "--data", str(data))
            assert status == 0
            file = said.strip().removeprefix("Backed up to ")
            status, said = await run_to_end("restore", file, "--data", str(data))
            assert status == 1
            assert "Another instance already uses" in said
            await client.ask("And how many spoons?", client.conversation)
            await client.answer()
        status, said = await run_to_end("restore", file, "--data", str(data))
        assert (status, said.splitlines()[0]) == (0, f"Restored from {file}")
    database = await Database.open(data)
    texts = await database.read(
        lambda session: session.exec(select(Message.content).where(Message.role == "user")).all()
    )
    await database.close()
    assert texts == ["How many cups?"]
