"""Programs that the tests start to kill them: `python -m tests.storage.programs <name> <arguments>`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, event

from storage.accounts import ensure_account
from storage.conversations import create_conversation
from storage.database import Database, now_utc
from storage.directory import DataDirectory
from storage.messages import add_message
from storage.tables import Message
from storage.upgrade import upgrade

WRITERS = 20


def hold(directory: str) -> None:
    """Open the database, say whether that took Alembic, and keep it until told."""

    async def run() -> None:
        database = await Database.open(Path(directory))
        say("alembic" if "alembic" in sys.modules else "open")
        await asyncio.to_thread(sys.stdin.readline)
        await database.close()

    asyncio.run(run())


def write_and_die(directory: str, rounds: str, acknowledged_a_round: str) -> None:
    """Round after round, write until so many writes are acknowledged and then kill the writer; print what was."""
    for _ in range(int(rounds)):
        receiver, sender = os.pipe()
        child = _forked(partial(_write, directory, sender))
        os.close(sender)
        with os.fdopen(receiver) as lines:
            ids = [next(lines).strip() for _ in range(int(acknowledged_a_round))]
            os.kill(child, signal.SIGKILL)
            ids += [line.strip() for line in lines if line.endswith("\n")]
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)
        say(*ids)


def upgrade_and_die(directory: str, versions: str, stride: str) -> None:
    """Upgrade, killed before one statement, then `stride` further on, until one comes through; print how many died."""
    import alembic.command  # noqa: F401, PLC0415 -- once, not in every child

    deaths = 0
    while True:
        child = _forked(partial(_upgrade_killed_before, directory, versions, deaths * int(stride)))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            break
        deaths += 1
    assert os.waitstatus_to_exitcode(status) == 0
    say(str(deaths))


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _forked(program: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        program()
        os._exit(0)
    finally:
        os._exit(1)


def _write(directory: str, sender: int) -> None:
    asyncio.run(_write_for_ever(Path(directory), sender))


async def _write_for_ever(directory: Path, sender: int) -> None:
    database = await Database.open(directory)
    account = await database.write(lambda session: ensure_account(session, "ada", "admin", now_utc()))
    conversation = await database.write(lambda session: create_conversation(session, account.id, "Tea", now_utc()))
    await asyncio.gather(*(_write_messages(database, conversation.id, sender) for _ in range(WRITERS)))


async def _write_messages(database: Database, conversation_id: UUID, sender: int) -> None:
    while True:
        message = Message(conversation_id=conversation_id, role="user", content="Tea?" * 50, created_at=now_utc())
        await database.write(partial(add_message, message=message))
        os.write(sender, f"{message.id}\n".encode())


def _upgrade_killed_before(directory: str, versions: str, statement: int) -> None:
    seen = 0

    def die(*_: object) -> None:
        nonlocal seen
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    event.listen(Engine, "before_cursor_execute", die)
    upgrade(DataDirectory(Path(directory)), now_utc, Path(versions))


if __name__ == "__main__":
    PROGRAMS: dict[str, Callable[..., None]] = {
        "hold": hold,
        "write_and_die": write_and_die,
        "upgrade_and_die": upgrade_and_die,
    }
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
