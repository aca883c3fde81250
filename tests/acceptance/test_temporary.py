"""Temporary chats: in the same queue as all others, and nowhere on the disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import Session

from chatui.accounts.events import AccountClosed
from chatui.conversations.question import Question
from chatui.domain.errors import NotFound
from chatui.domain.jobs import JobState
from chatui.domain.messages import MessageId
from storage.backup import backup
from storage.database import Clocks
from storage.tables import Table
from tests.support.app import Frame, TabClient, tab
from tests.support.assembly import Setup, assembled
from tests.support.faulty_ollama import faulty_ollama
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer

SECRET, PLAIN = "a very hidden teapot", "an ordinary kettle"
TABLES = {"conversation", "message", "job", "attempt", "failure"}


@asynccontextmanager
async def served(data: Path) -> AsyncIterator[tuple[House, OllamaServer, Guest]]:
    async with OllamaServer() as ollama, house(data, ollama.url, workers=1) as app:
        yield app, ollama, await app.guest("Bob")


async def ask_in_passing(client: TabClient, text: str, conversation: str | None = None) -> None:
    await client.send(
        t="ask", key=str(uuid4()), conversation=conversation, text=text, model=None, temporary=conversation is None
    )


def writing(frame: Frame) -> bool:
    return frame["t"] == "live" and bool(frame.get("tail"))


def files_with(data: Path, words: str) -> list[str]:
    return [path.name for path in sorted(data.rglob("*")) if path.is_file() and words.encode() in path.read_bytes()]


def counts(session: Session) -> dict[str, int]:
    connection = session.connection()
    tables = [table for table in Table.metadata.sorted_tables if table.name in TABLES]
    return {table.name: len(connection.execute(table.select()).all()) for table in tables}


async def test_nothing_of_a_temporary_chat_is_on_the_disk(tmp_path: Path) -> None:
    async with served(tmp_path) as (app, ollama, bob), tab(bob) as passing, tab(bob) as kept:
        ollama.fail_loads(1)
        await ask_in_passing(passing, f"{SECRET}, once")
        assert (await passing.answer())["state"] == "complete", "after a retry"
        await ask_in_passing(passing, f"{SECRET}, twice", passing.conversation)
        assert (await passing.answer())["state"] == "complete"
        await kept.ask(PLAIN)
        await kept.answer()
        await app.core.journal.settle()
        await backup(app.core.database)
        assert await app.core.database.read(counts) == {
            "conversation": 1, "message": 2, "job": 1, "attempt": 1, "failure": 0
        }  # fmt: skip
        assert SECRET not in str(kept.frames), "another tab hears nothing of it"
        own = {"message", "conversation", "draft"}
        assert SECRET not in str([frame for frame in passing.frames if frame["t"] not in own])
        used = await app.core.accounts.allowances.usage(bob.user, bob.user.id, date.min, date.max)
        assert sum(row.answers for row in used) == 3, "what it took counts for the day"
        assert files_with(tmp_path, SECRET) == []
        assert files_with(tmp_path, PLAIN) != []
    assert files_with(tmp_path, SECRET) == []


async def test_it_waits_in_the_same_line_and_can_be_changed_and_stopped(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, ollama, bob), tab(bob) as kept, tab(bob) as passing:
        ollama.gate.clear()
        await kept.ask(PLAIN)
        await kept.until(writing)
        await ask_in_passing(passing, SECRET)
        waiting = await passing.until(lambda frame: frame["t"] == "live" and frame.get("line", {}).get("position") == 1)
        await passing.send(t="edit", key=str(uuid4()), message=waiting["message"], text="put better")
        shown = await passing.until(lambda frame: frame["t"] == "conversation")
        assert shown["temporary"]
        assert shown["messages"][0]["text"] == "put better"
        await passing.send(t="stop", message=waiting["message"])
        assert (await passing.answer())["state"] == "stopped"
        await passing.send(t="again", message=waiting["message"])
        ollama.gate.set()
        assert (await kept.answer())["state"] == "complete"
        assert (await passing.answer())["state"] == "complete"


async def test_it_is_there_for_its_owner_alone_until_it_is_closed(tmp_path: Path) -> None:
    async with served(tmp_path) as (app, ollama, bob), tab(bob) as his, tab(await app.guest("Eve")) as hers:
        ollama.gate.clear()
        await ask_in_passing(his, SECRET)
        answer = (await his.until(writing))["message"]
        for word in ("stop", "again", "close", "ask", "edit"):
            await hers.send(t=word, message=answer, conversation=his.conversation, key=str(uuid4()), text="mine now")
            await hers.until(lambda frame: frame["t"] == "refused")
        await hers.send(t="open", conversation=his.conversation)
        assert (await hers.until(lambda frame: frame["t"] == "conversation"))["messages"] == []
        assert SECRET not in str(hers.frames)
        async with tab(bob, conversation=his.conversation) as again:
            assert len(again.messages) == 2, "a page that is loaded anew finds it"
            await again.send(t="close", conversation=his.conversation)
            closed = await again.until(lambda frame: frame["t"] == "conversation")
            assert closed["id"] is None
        assert not app.core.scheduler.jobs
        assert all(not number for number in app.core.services.rooms.memory.database.run(counts).values())


async def test_what_nobody_shows_is_forgotten_after_a_while(data: Path) -> None:
    now = [0.0]
    setup = Setup(clocks=Clocks(monotonic=lambda: now[0]))
    async with faulty_ollama() as server, assembled(data, server.url, setup) as parts:
        rooms, temporary = parts.services.rooms, parts.services.temporary
        asked = await rooms.temporary.conversations.ask(parts.user, Question(MessageId(uuid4()), SECRET))
        await parts.until(lambda: not parts.scheduler.jobs)
        for minutes, shown in ((0, False), (29, False), (29, True), (58, False)):
            now[0] = minutes * 60.0
            await temporary.purge(lambda _, shown=shown: shown)  # type: ignore[misc]
            assert rooms.memory.holds(asked.conversation)
        now[0] = 60 * 60.0
        await temporary.purge(lambda _: False)
        with pytest.raises(NotFound):
            await rooms.of(asked.conversation).reading.open(parts.user, asked.conversation, 10)


async def test_it_goes_with_its_account_and_a_late_ending_brings_nothing_back(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        rooms, memory = parts.services.rooms, parts.services.rooms.memory
        await rooms.temporary.conversations.ask(parts.user, Question(MessageId(uuid4()), SECRET))
        ((_, job),) = rooms.live()
        parts.services.temporary.heard(AccountClosed(parts.user.id))
        await parts.until(lambda: not parts.scheduler.jobs)
        await parts.journal.settle()
        assert job.state is JobState.DONE
        assert all(not number for number in memory.database.run(counts).values())
        assert await parts.allowances.used_today(parts.user.id) == 0
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
