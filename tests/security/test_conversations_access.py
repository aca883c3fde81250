"""Every method about conversations and what waits, tried by those who may and those who may not."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import Session

from chatui.conversations.branches import Branches, Rating
from chatui.conversations.continuing import Continuing
from chatui.conversations.finding import Finding
from chatui.conversations.question import Asked, Question
from chatui.conversations.reading import Reading
from chatui.conversations.rooms import Room
from chatui.conversations.service import ConversationService
from chatui.conversations.sharing import Sharing
from chatui.conversations.shelf import Shelf, View
from chatui.conversations.waiting import WaitingQuestions
from chatui.domain.errors import Forbidden, NotFound, Refused
from chatui.domain.jobs import JobId, JobState, Turn
from chatui.domain.messages import ConversationId, FolderId, MessageId, ShareId
from chatui.domain.people import AccountRole, Principal, User
from storage.accounts import AccountFields, change_account
from storage.tables import MessageState, Table
from tests.support.assembly import Assembly, assembled
from tests.support.fault_server import error_reply, reset_after
from tests.support.faulty_ollama import faulty_ollama, held, some


@dataclass
class Desk:
    """What Bob has: an answer, one that failed, one that was cut, one that waits, a folder and something deleted.

    What was cut is shared. And everybody who may try their hand at it.
    """

    parts: Assembly
    release: asyncio.Event
    whole: Asked
    failed: Asked
    failed_job: JobId
    cut: Asked
    waiting: Asked
    folder: FolderId
    deleted: ConversationId
    link: ShareId
    people: dict[str, User]

    @property
    def room(self) -> Room:
        return self.parts.services.rooms.kept

    @property
    def shelf(self) -> Shelf:
        return self.parts.services.shelf

    @property
    def sharing(self) -> Sharing:
        return self.parts.services.sharing

    async def state(self) -> list[object]:
        """Everything that is kept, and everything that waits or runs."""
        await self.parts.journal.settle()
        jobs = [(job.id, job.state, job.submission) for job in self.parts.scheduler.jobs]
        return [await self.parts.database.read(_every_row), jobs]


def _every_row(session: Session) -> dict[str, list[object]]:
    connection = session.connection()
    return {table.name: [*connection.execute(table.select())] for table in Table.metadata.sorted_tables}


@asynccontextmanager
async def open_desk(data: Path) -> AsyncIterator[Desk]:
    release = asyncio.Event()
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        bob = await parts.person("bob")
        people = {
            "owner": bob,
            "owner who only reads": replace(bob, role=AccountRole.VIEWER),
            "other": await parts.person("cyd"),
            "admin": parts.user,
            "viewer": await parts.person("eve", AccountRole.VIEWER),
        }
        whole = await parts.ask("How many cups?", user=bob)
        await parts.over(whole)
        server.chats.append(error_reply(500, "the kettle is cold"))
        failed = await parts.ask("How many spoons?", user=bob)
        (message,) = await parts.over(failed)
        assert message.state is MessageState.FAILED
        server.chats.append(reset_after(some(3)))
        cut = await parts.ask("How many spoons of sugar?", user=bob)
        await parts.over(cut)
        deleted = await parts.ask("How many plates?", user=bob)
        await parts.over(deleted)
        await parts.services.shelf.delete(bob, deleted.conversation)
        link = await parts.services.sharing.share(Principal(bob, "127.0.0.1"), cut.conversation)
        folder = FolderId((await parts.services.shelf.add_folder(bob, "Tea")).id)
        server.chats.append(held(release))
        running = await parts.ask("How many people?", user=await parts.person("kim"))
        await parts.until(lambda: parts.jobs[running.answer].pieces == 1)
        waiting = await parts.ask("How many rooms?", user=bob)
        failed_job = JobId(message.job_id or uuid4())
        yield Desk(parts, release, whole, failed, failed_job, cut, waiting, folder, deleted.conversation, link, people)
        release.set()


def question(desk: Desk, *, follows: bool) -> Question:
    return Question(MessageId(uuid4()), "And how much sugar?", desk.whole.conversation if follows else None)


Call = Callable[[Desk, User], Awaitable[object]]
CALLS: dict[str, Call] = {
    "ask": lambda desk, by: desk.parts.conversations.ask(by, question(desk, follows=False)),
    "ask in a conversation": lambda desk, by: desk.parts.conversations.ask(by, question(desk, follows=True)),
    "ask what was asked": lambda desk, by: desk.parts.conversations.ask(by, Question(desk.whole.question, "Again?")),
    "again": lambda desk, by: desk.parts.conversations.again(by, desk.failed.answer),
    "replay": lambda desk, by: desk.parts.conversations.replay(by, desk.failed_job),
    "stop": lambda desk, by: desk.parts.conversations.stop(by, desk.waiting.answer),
    "edit": lambda desk, by: desk.parts.waiting.edit(by, desk.waiting.answer, "How many floors?"),
    "go_on": lambda desk, by: desk.room.continuing.go_on(by, desk.cut.answer),
    "share": lambda desk, by: desk.sharing.share(Principal(by, "127.0.0.1"), desk.whole.conversation),
    "copy": lambda desk, by: desk.sharing.copy(by, desk.link),
    "choose_turn": lambda desk, by: desk.parts.waiting.choose_turn(by, desk.waiting.answer, Turn.IDLE),
}
ON_THE_SHELF: dict[str, Call] = {
    "unshare": lambda desk, by: desk.sharing.unshare(Principal(by, "127.0.0.1"), desk.cut.conversation),
    "rename": lambda desk, by: desk.shelf.rename(by, desk.whole.conversation, "Cups"),
    "pin": lambda desk, by: desk.shelf.pin(by, desk.whole.conversation),
    "unpin": lambda desk, by: desk.shelf.unpin(by, desk.whole.conversation),
    "archive": lambda desk, by: desk.shelf.archive(by, desk.whole.conversation),
    "unarchive": lambda desk, by: desk.shelf.unarchive(by, desk.whole.conversation),
    "move": lambda desk, by: desk.shelf.move(by, desk.whole.conversation, desk.folder),
    "delete": lambda desk, by: desk.shelf.delete(by, desk.whole.conversation),
    "undelete": lambda desk, by: desk.shelf.undelete(by, desk.deleted),
    "rename_folder": lambda desk, by: desk.shelf.rename_folder(by, desk.folder, "Cups"),
    "delete_folder": lambda desk, by: desk.shelf.delete_folder(by, desk.folder),
    "turn_to": lambda desk, by: desk.room.branches.turn_to(by, desk.whole.question),
    "find": lambda desk, by: desk.room.branches.find(by, desk.whole.answer),
    "rate": lambda desk, by: desk.room.branches.rate(by, desk.whole.answer, Rating.GOOD),
    "older": lambda desk, by: desk.room.reading.older(by, desk.whole.answer, 5),
    "whole": lambda desk, by: desk.room.reading.whole(by, desk.whole.conversation),
    "open": lambda desk, by: desk.room.reading.open(by, desk.whole.conversation, 50),
    "open at": lambda desk, by: desk.room.reading.open(by, desk.whole.conversation, 5, desk.whole.answer),
}
"""What people do with what is theirs, also those who ask nothing."""
OF_ONES_OWN: dict[str, Call] = {
    "open what is shared": lambda desk, by: desk.sharing.open(by, desk.link, 5),
    "older of what is shared": lambda desk, by: desk.sharing.older(by, desk.link, desk.cut.answer, 5),
    "find what is shared": lambda desk, by: desk.sharing.find(by, desk.link),
    "share_of": lambda desk, by: desk.sharing.share_of(by, desk.cut.conversation),
    "contents": lambda desk, by: desk.shelf.contents(by, View.DESK, 5),
    "see": lambda desk, by: desk.shelf.see(by, desk.whole.conversation),
    "find what was said": lambda desk, by: desk.parts.services.finding.find(by, "cups", 5),
    "add_folder": lambda desk, by: desk.shelf.add_folder(by, "Mine"),
}
"""What changes nothing of anybody else, whoever asks."""
READS = {"open", "open at", "older", "whole", "find", "contents", "see", "find what was said", "ask what was asked"}
READS |= {"open what is shared", "older of what is shared", "find what is shared", "share_of"}
UNCHANGED = READS | {"unpin", "unarchive", "turn_to"}
FINE = None
CALLS |= ON_THE_SHELF | OF_ONES_OWN
Row = dict[str, type[Refused] | None]


def row(others: type[Refused] | None, shelf: type[Refused] | None, **also: type[Refused] | None) -> Row:
    """What comes of each call: of those about the shelf, of those that are named, and of the others."""
    filled: Row = dict.fromkeys(CALLS, others)
    return filled | dict.fromkeys(ON_THE_SHELF, shelf) | dict.fromkeys(OF_ONES_OWN, FINE) | also


MATRIX: dict[str, Row] = {
    "owner": row(FINE, FINE),
    "owner who only reads": row(Forbidden, FINE, stop=FINE, open=FINE),
    "other": row(NotFound, NotFound, ask=FINE, copy=FINE),
    "admin": row(NotFound, NotFound, ask=FINE, copy=FINE, replay=FINE),
    "viewer": row(Forbidden, NotFound, replay=NotFound, stop=NotFound, open=NotFound),
}


@pytest.mark.parametrize("who", [who for who in MATRIX if who != "owner"])
async def test_nobody_touches_what_is_not_theirs(data: Path, who: str) -> None:
    async with open_desk(data) as desk:
        before = await desk.state()
        for name, refusal in MATRIX[who].items():
            if refusal is not FINE:
                with pytest.raises(refusal):
                    await CALLS[name](desk, desk.people[who])
        assert await desk.state() == before
        await desk.parts.services.shelf.contents(desk.people[who], View.DESK, 10)


@pytest.mark.parametrize(("who", "name"), [(who, name) for who, row in MATRIX.items() for name in row if not row[name]])
async def test_what_somebody_may_is_done(data: Path, who: str, name: str) -> None:
    async with open_desk(data) as desk:
        before = await desk.state()
        result = await CALLS[name](desk, desk.people[who])
        assert (await desk.state() == before) == (name in UNCHANGED)
        if name == "replay":
            assert isinstance(result, Asked)
            assert (result.conversation, result.question) == (desk.failed.conversation, desk.failed.question)


def test_the_matrix_knows_every_method() -> None:
    public = {
        name
        for service in (ConversationService, WaitingQuestions, Shelf, Branches, Continuing, Reading, Finding, Sharing)
        for name, method in inspect.getmembers(service, inspect.iscoroutinefunction)
        if not name.startswith("_") and "by" in inspect.signature(method).parameters
    }
    assert public == {name.partition(" ")[0] for name in CALLS}


async def test_a_list_has_what_is_ones_own(data: Path) -> None:
    async with open_desk(data) as desk:
        for who, person in desk.people.items():
            contents = await desk.parts.services.shelf.contents(person, View.DESK, 10)
            owners = {row.account_id for row in contents.recent}
            assert owners == ({person.id} if who.startswith("owner") else set())


async def test_what_an_admin_replays_stays_its_owners_and_unread(data: Path) -> None:
    async with open_desk(data) as desk:
        admin, bob = desk.people["admin"], desk.people["owner"]
        asked = await desk.parts.conversations.replay(admin, desk.failed_job)
        (job,) = [job for place, job in desk.parts.conversations.live() if place.message == asked.answer]
        assert job.submission.user == bob.id
        with pytest.raises(NotFound):
            await desk.room.reading.open(admin, asked.conversation, 50)
        with pytest.raises(NotFound):
            await desk.parts.conversations.again(admin, asked.answer)


@pytest.mark.parametrize("change", [AccountFields(state="disabled"), AccountFields(role="viewer")])
async def test_nothing_is_replayed_for_who_may_ask_no_more(data: Path, change: AccountFields) -> None:
    async with open_desk(data) as desk:
        bob = desk.people["owner"].id

        await desk.parts.database.write(lambda session: change_account(session, bob, **change))
        before = await desk.state()
        with pytest.raises((NotFound, Forbidden)):
            await desk.parts.conversations.replay(desk.people["admin"], desk.failed_job)
        assert await desk.state() == before
        assert [job.state for job in desk.parts.scheduler.jobs] == [JobState.RUNNING, JobState.QUEUED]
