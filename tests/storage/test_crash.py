"""What survives kill -9: every acknowledged write, the schema, and nobody's lock."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from storage.database import Database
from storage.errors import AlreadyRunning
from storage.tables import Message

ROUNDS, ACKNOWLEDGED_A_ROUND = 4, 200


async def started(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.programs", *arguments, stdin=PIPE, stdout=PIPE
    )


async def test_no_acknowledged_write_is_lost(directory: Path) -> None:
    program = await started("write_and_die", str(directory), str(ROUNDS), str(ACKNOWLEDGED_A_ROUND))
    output, _ = await program.communicate()
    assert program.returncode == 0
    acknowledged = {UUID(line) for line in output.decode().split()}
    assert len(acknowledged) >= ROUNDS * ACKNOWLEDGED_A_ROUND
    database = await Database.open(directory)
    kept = await database.read(lambda session: set(session.exec(select(Message.id)).all()))
    await database.close()
    assert acknowledged <= kept


async def test_a_second_instance_is_refused_until_the_first_is_dead(directory: Path) -> None:
    database = await Database.open(directory)
    await database.close()
    holder = await started("hold", str(directory))
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"open\n", "a start without an upgrade does not import Alembic"
    with pytest.raises(AlreadyRunning) as refusal:
        await Database.open(directory)
    assert str(directory) in str(refusal.value)
    holder.kill()
    await holder.communicate()
    database = await Database.open(directory)
    await database.probe()
    await database.close()


async def test_a_second_instance_in_the_same_process_is_refused(database: Database, directory: Path) -> None:
    with pytest.raises(AlreadyRunning):
        await Database.open(directory)
    await database.probe()
