"""What is deleted is gone: from the file, from the full-text index, and from the log of the writes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlmodel import Session

from storage import database as database_module
from storage.accounts import delete_account, ensure_account
from storage.beside import opened
from storage.conversations import create_conversation, delete_conversation
from storage.database import Database
from storage.engines import sqlite_module
from storage.errors import DatabaseLocked
from storage.messages import add_message, update_answer
from storage.tables import Message, MessageState
from storage.words import words_in
from tests.storage.conftest import NOON, Seeded

SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]


def sentence(rng: Random) -> str:
    """Words that nobody else says, English and Chinese."""
    english = ["".join(rng.choices(SYLLABLES, k=7)) for _ in range(20)]
    return " ".join([*english, "".join(chr(0x4E00 + rng.randrange(0x5000)) for _ in range(20))])


async def talk(seeded: Seeded, sentences: list[str]) -> Seeded:
    """Open another conversation of the same person: a title, a question, an answer that grew, and what it thought."""
    title, question, answer, thought = sentences
    created = partial(create_conversation, account_id=seeded.account.id, title=title, at=NOON)
    other = Seeded(seeded.database, seeded.account, await seeded.database.write(created))
    await seeded.database.write(lambda session: add_message(session, other.question(question)))
    row = Message(
        conversation_id=other.conversation.id, role="assistant", state=MessageState.WAITING, content="", created_at=NOON
    )
    await seeded.database.write(lambda session: add_message(session, row))
    for end in (len(answer) // 2, len(answer)):
        state = MessageState.STREAMING if end < len(answer) else MessageState.COMPLETE
        written = partial(update_answer, message_id=row.id, attempt=1, content=answer[:end], thinking=thought)
        await seeded.database.write(partial(written, state=state))
    return other


def bytes_in(directory: Path) -> bytes:
    return b"".join((directory / name).read_bytes() for name in ("samovar.db", "samovar.db-wal"))


def log_bytes(directory: Path) -> int:
    return (directory / "samovar.db-wal").stat().st_size


@pytest.mark.parametrize("what", ["conversations", "account"])
async def test_no_word_is_left_of_what_was_deleted(directory: Path, seeded: Seeded, what: str) -> None:
    rng, database = Random(3), seeded.database
    bob = await database.write(lambda session: ensure_account(session, "bob", "member", NOON))
    kept, gone = [sentence(rng) for _ in range(40)], [sentence(rng) for _ in range(40)]
    for number in range(0, 40, 4):
        await talk(Seeded(database, bob, seeded.conversation), kept[number : number + 4])
        other = await talk(seeded, gone[number : number + 4])
        if what == "conversations":
            delete = partial(delete_conversation, account_id=seeded.account.id, conversation_id=other.conversation.id)
            assert await database.write(delete)
    if what == "account":
        assert await database.write(lambda session: delete_account(session, seeded.account.id))
    await database.erase_deleted()
    left = bytes_in(directory)
    assert log_bytes(directory) == 0
    assert all(text.encode() in left for text in kept)
    assert [text for text in gone if text.encode() in left] == []
    assert [word for word in words_in(" ".join(gone)) if word.isascii() and word.encode() in left] == []
    if what == "account":
        assert seeded.account.id.hex.encode() not in left


@contextmanager
def snapshot_held(directory: Path) -> Iterator[None]:
    with closing(sqlite_module().connect(directory / "samovar.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM message").fetchone()
        yield


async def test_a_reader_in_the_way_is_waited_for_while_writes_go_on(directory: Path, seeded: Seeded) -> None:
    reads, go_on = threading.Event(), threading.Event()

    def read(session: Session) -> None:
        session.get(Message, seeded.conversation.id)
        reads.set()
        assert go_on.wait(60)

    reading = asyncio.create_task(seeded.database.read(read))
    assert await asyncio.to_thread(reads.wait, 60)
    await seeded.database.write(lambda session: add_message(session, seeded.question()))
    erasing = asyncio.create_task(seeded.database.erase_deleted())
    await seeded.database.write(lambda session: add_message(session, seeded.question()))
    assert not erasing.done()
    assert log_bytes(directory) > 0
    go_on.set()
    await asyncio.gather(reading, erasing)
    assert log_bytes(directory) == 0


async def test_a_reader_that_stays_is_told_of(directory: Path, seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT", timedelta(milliseconds=400))
    with snapshot_held(directory):
        await seeded.database.write(lambda session: add_message(session, seeded.question()))
        with pytest.raises(DatabaseLocked):
            await seeded.database.erase_deleted()
        await seeded.database.write(lambda session: add_message(session, seeded.question()))
    await seeded.database.erase_deleted()
    assert log_bytes(directory) == 0


async def test_what_the_console_deletes_beside_the_app_is_gone_as_well(directory: Path, seeded: Seeded) -> None:
    rng = Random(4)
    gone = [sentence(rng) for _ in range(4)]
    await talk(seeded, gone)
    async with opened(directory) as console:
        assert await console.write(lambda session: delete_account(session, seeded.account.id))
        await console.erase_deleted()
    left = bytes_in(directory)
    assert log_bytes(directory) == 0
    assert [text for text in [*gone, *words_in(" ".join(gone))] if len(text) > 2 and text.encode() in left] == []


async def test_closing_leaves_nothing_either(directory: Path) -> None:
    database = await Database.open(directory)
    await database.write(lambda session: ensure_account(session, "unforgettable", "member", NOON))
    account = await database.write(lambda session: ensure_account(session, "unforgettable", "member", NOON))
    await database.write(lambda session: delete_account(session, account.id))
    await database.close()
    assert b"unforgettable" not in (directory / "samovar.db").read_bytes()
