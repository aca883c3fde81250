"""A disk that is full, a database that is read-only or held by somebody else, while the app runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from pathlib import Path

import pytest
from sqlmodel import Session

from chatui.domain.errors import StorageUnavailable
from chatui.domain.people import Principal
from chatui.web.hub import Hub
from chatui.web.markdown import Markdown
from chatui.web.standing import Standing
from chatui.web.tab import Tab
from chatui.web.wording import wording_for
from storage.engines import driver_of, sqlite_module
from storage.errors import DatabaseLocked, DiskFull, ReadOnly, StorageError
from storage.tables import MessageState
from tests.faults.invariants import check_invariants
from tests.support.assembly import Assembly, assembled
from tests.support.fault_server import error_reply
from tests.support.faulty_ollama import LINES, TOKENS, WHOLE, faulty_ollama, held, line

LONG = "Nobody knows how many cups there are. " * 2_000


async def pragma(assembly: Assembly, text: str) -> None:
    """Change the writer's connection between two writes."""

    def work(session: Session) -> None:
        driver_of(session.connection()).execute(f"PRAGMA {text}").fetchall()

    await assembly.database.write(work)


@asynccontextmanager
async def full(assembly: Assembly) -> AsyncIterator[None]:
    """The file cannot grow."""
    await pragma(assembly, "max_page_count = 1")  # SQLite takes the size that the file has
    yield
    await pragma(assembly, "max_page_count = 1000000")


@asynccontextmanager
async def read_only(assembly: Assembly) -> AsyncIterator[None]:
    connection = await assembly.database.write(lambda session: driver_of(session.connection()))
    connection.execute("PRAGMA query_only = ON")
    yield
    connection.execute("PRAGMA query_only = OFF")


@asynccontextmanager
async def locked(assembly: Assembly) -> AsyncIterator[None]:
    """Another program is in the middle of a write."""
    await pragma(assembly, "busy_timeout = 10")
    file = assembly.database.directory.database
    with closing(sqlite_module().connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


Trouble = Callable[[Assembly], AbstractAsyncContextManager[None]]
TROUBLES: list[tuple[Trouble, type[StorageError], str]] = [
    (full, DiskFull, "the disk is full"),
    (read_only, ReadOnly, "the database is read-only"),
    (locked, DatabaseLocked, "another program holds the database"),
]


class Banner:
    """What stands over every page."""

    def __init__(self, assembly: Assembly) -> None:
        self.tab = Tab(Principal(assembly.user, "192.0.2.1"), wording_for("en"))
        standing = Standing(assembly.fleet)
        standing.post_all = lambda frame: self.shown.append(frame(self.tab)["sentence"])
        self.shown: list[str | None] = []
        assembly.watch.subscribe(standing.storage_trouble)


@pytest.mark.parametrize(("trouble", "kind", "says"), TROUBLES)
async def test_questions_are_refused_until_they_can_be_kept(
    data: Path, trouble: Trouble, kind: type[StorageError], says: str
) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        banner = Banner(assembly)
        before = await assembly.over(await assembly.ask("How many cups?"))
        async with trouble(assembly):
            with pytest.raises(StorageUnavailable) as refusal:
                await assembly.ask("And how many spoons? " * 500)
            assert "nothing was sent" in wording_for("en").refused(refusal.value)
            assert type(assembly.watch.trouble) is kind
            assert says in (banner.shown[-1] or "")
            with pytest.raises(StorageUnavailable):
                await assembly.ask("short")
            await assembly.until(lambda: not assembly.scheduler.jobs)
        await assembly.until(lambda: assembly.watch.trouble is None)
        after = await assembly.over(await assembly.ask("And how many spoons?"))
        rows = await assembly.job_rows()
        await check_invariants(assembly)
    assert banner.shown[-1] is None
    assert len(rows) == 2, "no false acknowledgement, and nothing of what was refused"
    assert [message.content for message in (*before, *after)] == [WHOLE] * 2


@pytest.mark.parametrize(("trouble", "kind", "says"), TROUBLES)
async def test_an_answer_that_cannot_be_saved_is_shown_and_saved_later(
    data: Path, trouble: Trouble, kind: type[StorageError], says: str
) -> None:
    release = asyncio.Event()
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        server.chats.append(held(release, LINES[0], line(LONG)))
        asked = await assembly.ask("How many cups?")
        job = assembly.jobs[asked.answer]
        await assembly.until(lambda: job.pieces == 1)
        await assembly.journal.settle()
        async with trouble(assembly):
            await fill(assembly)
            release.set()
            await assembly.until(lambda: job.outcome is not None)
            assert job.text == TOKENS[0] + LONG
            assert type(assembly.watch.trouble) is kind
            assert (await assembly.message(asked.answer)).state is MessageState.STREAMING
        await assembly.until(lambda: assembly.watch.trouble is None)
        (message,) = await assembly.over(asked)
        await check_invariants(assembly, TOKENS[0] + LONG)
    assert (message.state, message.content) == (MessageState.COMPLETE, TOKENS[0] + LONG)


async def fill(assembly: Assembly) -> None:
    """Use up what room there is left inside of the file, as other writers would."""
    with suppress(StorageError):
        while True:
            await assembly.database.write(_one_more)


def _one_more(session: Session) -> None:
    session.connection().exec_driver_sql(
        "INSERT INTO setting (key, value, updated_at) VALUES (hex(randomblob(16)), '\"' || hex(zeroblob(2000)) || '\"',"
        " '2026-11-23')"
    )


async def test_what_failed_during_the_trouble_is_on_record_afterwards(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        release = asyncio.Event()
        server.chats.extend([held(release), error_reply(500, "unable to load model"), error_reply(500, "no kettle")])
        first = await assembly.ask("How many cups?")
        second = await assembly.ask("And how many spoons?", user=await assembly.person("bob"))
        async with read_only(assembly):
            release.set()
            await assembly.until(lambda: all(job.outcome for job in assembly.jobs.values()))
            assert assembly.saver.kept
        await assembly.until(lambda: assembly.watch.trouble is None and not assembly.saver.kept)
        await assembly.over(first, second)
        records = await assembly.failures()
        await check_invariants(assembly)
    assert [(record.attempt_number, record.code) for record in records] == [(1, "model_load"), (2, "unknown")]


async def test_a_refused_question_does_not_hide_the_next_answer_from_the_page(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        first = await assembly.ask("How many cups?")
        await assembly.over(first)
        rooms, shelf = assembly.services.rooms, assembly.services.shelf
        hub = Hub(rooms, shelf, assembly.scheduler, Markdown(), assembly.clock)
        tab = Tab(Principal(assembly.user, "192.0.2.1"), wording_for("en"))
        hub.show(tab, first.conversation)
        async with locked(assembly):
            asking = asyncio.create_task(assembly.ask("And how many spoons?", conversation=first.conversation))
            while not assembly.scheduler.jobs:  # noqa: ASYNC110 - the lock holds for 10 ms at most
                await asyncio.sleep(0)
            hub.follow()  # as the page does at each tick, while the question is being written
            with pytest.raises(StorageUnavailable):
                await asking
            await assembly.until(lambda: not assembly.scheduler.jobs)
        await assembly.until(lambda: assembly.watch.trouble is None)
        asked = await assembly.ask("And how many spoons?", conversation=first.conversation)
        hub.follow()
        bringing = asyncio.create_task(hub.run())
        async with asyncio.timeout(60):
            while (frame := json.loads(await tab.next_frame()))["t"] != "message":
                pass
        bringing.cancel()
        await assembly.over(asked)
    assert (frame["message"]["id"], frame["message"]["state"]) == (str(asked.answer), MessageState.COMPLETE)


async def test_whoever_left_before_the_refusal_blocks_no_conversation(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        first = await assembly.ask("How many cups?")
        await assembly.over(first)
        async with locked(assembly):
            asking = asyncio.create_task(assembly.ask("And how many spoons?", conversation=first.conversation))
            while not assembly.scheduler.jobs:  # noqa: ASYNC110 - the lock holds for 10 ms at most
                await asyncio.sleep(0)
            asking.cancel()
            await assembly.until(lambda: not assembly.scheduler.jobs)
            assert asking.cancelled()
        await assembly.until(lambda: assembly.watch.trouble is None)
        (message,) = await assembly.over(await assembly.ask("And how many spoons?", conversation=first.conversation))
        await check_invariants(assembly)
    assert message.content == WHOLE
