"""A read is bounded, since the log of the writes cannot shrink below its snapshot."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import Session

from storage.accounts import ensure_account
from storage.conversations import create_conversation
from storage.database import Clocks, Database, DatabaseLimits
from storage.errors import ReadTooLong
from storage.messages import add_message
from tests.storage.conftest import NOON, Seeded

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def read_for_ever(session: Session) -> int:
    return int(session.connection().exec_driver_sql(ENDLESS).scalar_one())


async def test_a_read_that_takes_too_long_is_ended(directory: Path) -> None:
    seconds = count()
    database = await Database.open(directory, clocks=Clocks(monotonic=lambda: float(next(seconds))))
    with pytest.raises(ReadTooLong):
        await database.read(read_for_ever)
    assert await database.read(lambda session: session.connection().exec_driver_sql("SELECT 1").scalar_one()) == 1
    await database.close()


async def test_the_log_stays_small_beside_a_long_read(directory: Path) -> None:
    limit = 256 * 1024
    limits = DatabaseLimits(log_bytes=limit, read=timedelta(hours=1), read_in_the_way=timedelta())
    database = await Database.open(directory, limits)
    account = await database.write(lambda session: ensure_account(session, "ada", "admin", NOON))
    conversation = await database.write(lambda session: create_conversation(session, account.id, "Tea", NOON))
    seeded = Seeded(database, account, conversation)
    snapshot_taken = threading.Event()

    def read(session: Session) -> int:
        session.get(type(account), account.id)
        snapshot_taken.set()
        return read_for_ever(session)

    reading = asyncio.create_task(database.read(read))
    assert await asyncio.to_thread(snapshot_taken.wait, 60)
    log = directory / "samovar.db-wal"
    peak = 0
    while not reading.done():
        await database.write(lambda session: add_message(session, seeded.question("x" * 16_384)))
        peak = max(peak, log.stat().st_size)
    with pytest.raises(ReadTooLong):
        await reading
    assert limit <= peak <= limit + 128 * 1024
    await database.close()
