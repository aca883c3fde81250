"""Imports over the real database: what is kept, for whom, once, and found again; what is broken changes nothing."""

from __future__ import annotations

import io
import json
from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from chatui.accounts.export import export_pieces
from chatui.conversations.files.kinds import FileFlaw
from chatui.conversations.files.reader import FileReader
from chatui.conversations.files.service import FileGround, FileLimits
from chatui.conversations.importing import imports
from chatui.conversations.importing.flaws import ImportFlaw, LeftOut
from chatui.conversations.importing.imports import Imports
from chatui.conversations.importing.origin import PLAIN_MARKS
from chatui.conversations.importing.report import Report, Stage
from chatui.conversations.question import Question
from chatui.conversations.rooms import Room
from chatui.conversations.shelf import View
from chatui.domain.errors import Forbidden, ImportRefused
from chatui.domain.messages import ConversationId, MessageId
from chatui.domain.people import AccountRole, Principal, User
from chatui.web.exports import Kind, document
from chatui.web.import_page import sentences_of
from chatui.web.markdown import Markdown
from chatui.web.pages import Say
from chatui.web.wording import wording_for
from storage.tables import AuditEntry, Conversation
from tests.support.assembly import Assembly
from tests.support.exports import as_archive, as_bytes, chatgpt_chat, chatgpt_node, tea, webui_chat
from tests.support.rows import every_row

pytestmark = pytest.mark.asyncio
FILES = {"tea.txt": b"tea at five", "cake.txt": b"\xef\xbb\xbfcake at six"}


@pytest.fixture
def service(parts: Assembly) -> Imports:
    return parts.services.imports


async def run(service: Imports, user: User, data: bytes) -> Report:
    return await service.run(Principal(user, "127.0.0.1"), io.BytesIO(data), PLAIN_MARKS)


async def ended(parts: Assembly, service: Imports, user: User) -> Report:
    report = service.of(user)
    assert report is not None
    await parts.until(lambda: not report.under_way)
    return report


async def titles(parts: Assembly, user: User) -> list[str]:
    contents = await parts.services.shelf.contents(user, View.DESK, 100)
    return sorted(row.title for row in [*contents.kept, *contents.recent])


async def only(parts: Assembly, user: User) -> ConversationId:
    def read(session: Session) -> Any:
        return session.exec(select(Conversation.id).where(col(Conversation.account_id) == user.id)).one()

    return ConversationId(await parts.database.read(read))


async def branch(parts: Assembly, user: User) -> list[tuple[str, str, str]]:
    opened = await parts.services.rooms.kept.reading.open(user, await only(parts, user), 50)
    return [(message.role, message.content, message.state) for message in opened.piece.messages]


async def test_what_is_imported_is_found_opened_and_branched_as_all_else(
    service: Imports, parts: Assembly, ada: User, ben: User
) -> None:
    told: list[str] = []
    service.changed = lambda user: told.append(str(user))
    report = await run(service, ada, as_bytes([tea()]))
    assert (report.stage, report.added, report.there, report.left_out) == (Stage.DONE, 1, 0, {})
    assert told == [str(ada.id)]
    assert await titles(parts, ada) == ["About tea"]
    assert await titles(parts, ben) == []
    opened = await parts.services.rooms.kept.reading.open(ada, await only(parts, ada), 50)
    shown = opened.piece.messages[-1]
    assert [message.content for message in opened.piece.messages] == ["How hot is tea?", "Ninety degrees."]
    other = next(one for one in opened.piece.beside[shown.id] if one != shown.id)
    await parts.services.rooms.kept.branches.turn_to(ada, MessageId(other))
    assert (await branch(parts, ada))[-1][1] == "Very."
    found = await parts.services.finding.find(ada, "ninety deg", 10, None)
    assert [hit.title for hit in found.hits] == ["About tea"]
    assert (await parts.services.finding.find(ben, "ninety", 10, None)).hits == []


async def test_what_is_imported_twice_is_there_once(service: Imports, parts: Assembly, ada: User, ben: User) -> None:
    data = as_archive(conversations__json=as_bytes([tea(), webui_chat("heat"), 7]))
    assert (await run(service, ada, data)).added == 2
    before = await parts.database.read(lambda session: every_row(session)["message"])
    again = await run(service, ada, data)
    assert (again.added, again.there, again.left_out) == (0, 2, {LeftOut.UNKNOWN: 1})
    assert await parts.database.read(lambda session: every_row(session)["message"]) == before
    assert (await run(service, ben, data)).added == 2
    assert await titles(parts, ada) == await titles(parts, ben) == ["About heat", "About tea"]


async def test_ones_own_export_comes_back_as_it_was(service: Imports, parts: Assembly, ada: User, ben: User) -> None:
    room = parts.services.rooms.kept
    asked = await room.conversations.ask(ada, Question(MessageId(uuid4()), "Tea?"))
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    await room.conversations.again(ada, asked.answer)
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    whole = await room.reading.whole(ada, asked.conversation)
    exported = document(whole, Kind.JSON, Markdown(), wording_for("en")).text.encode()
    pieces = [piece async for piece in export_pieces(parts.watch, ada.id, parts.database.clocks.now())]
    for data in (exported, "".join(pieces).encode()):
        assert (await run(service, ada, data)).there == 1  # hers is the one that it is of
    assert (await run(service, ben, exported)).added == 1
    assert (await run(service, ben, "".join(pieces).encode())).there == 1
    assert await branch(parts, ben) == await branch(parts, ada)
    his = await room.reading.whole(ben, await only(parts, ben))
    assert [message.created_at for message in his.messages] == [message.created_at for message in whole.messages]
    again = json.loads(document(his, Kind.JSON, Markdown(), wording_for("en")).text)
    first = json.loads(exported)
    assert (again["title"], again["created_at"]) == (first["title"], first["created_at"])
    assert [one["output_tokens"] for one in again["messages"]] == [one["output_tokens"] for one in first["messages"]]


async def exports(parts: Assembly, user: User) -> tuple[bytes, bytes]:
    """The one conversation of a person as JSON, and all of their data."""
    whole = await parts.services.rooms.kept.reading.whole(user, await only(parts, user))
    pieces = [piece async for piece in export_pieces(parts.watch, user.id, parts.database.clocks.now())]
    return document(whole, Kind.JSON, Markdown(), wording_for("en")).text.encode(), "".join(pieces).encode()


async def with_files(parts: Assembly, user: User) -> Room:
    """A conversation of somebody whose question is two files, put in words afterwards."""
    room = parts.services.rooms.kept
    files = [await room.files.put(user, None, name, data) for name, data in FILES.items()]
    asked = await room.conversations.ask(user, Question(MessageId(uuid4()), "", files=tuple(file.id for file in files)))
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    again = Question(MessageId(uuid4()), "When?", asked.conversation, beside=asked.question)
    await room.conversations.ask(user, again)
    await parts.until(lambda: not parts.journal.live(asked.conversation))
    return room


async def test_the_files_of_ones_own_exports_come_along_once(
    service: Imports, parts: Assembly, ada: User, ben: User
) -> None:
    room = await with_files(parts, ada)
    for number, exported in enumerate(await exports(parts, ada)):
        report = await run(service, ben, exported)
        assert (report.added, report.files, report.files_left_out) == ((1, 2, 0) if number == 0 else (0, 0, 0))
        assert (await run(service, ada, exported)).files == 0  # hers are there
    whole = await room.reading.whole(ben, await only(parts, ben))
    assert len(whole.files) == 2
    for beside in whole.files.values():
        assert [(file.name, file.account_id, file.data, file.text) for file in beside] == [
            (name, ben.id, data, data.decode("utf-8-sig")) for name, data in FILES.items()
        ]
    assert len((await parts.database.read(every_row))["attachment"]) == 4


async def test_files_that_are_damaged_too_large_or_too_much_are_left_out_with_their_reason(
    parts: Assembly, ada: User, ben: User
) -> None:
    await with_files(parts, ada)
    exported, _ = await exports(parts, ada)
    told = json.loads(exported)
    told["files"][0]["data"] = "no base64"
    told["files"] += [1, {}, {**told["files"][1], "id": "z", "data": b64encode(b"\0\1").decode()}]
    limits = [FileLimits(most=1)]
    service = Imports(parts.watch, parts.database.clocks, FileGround(FileReader(), lambda: limits[-1]))
    report = await run(service, ben, as_bytes(told))
    assert (report.added, report.files, report.files_left_out) == (1, 1, 2)
    assert [refusal.flaw for refusal in report.files_refused] == [FileFlaw.DAMAGED, FileFlaw.BINARY]
    for tighter, flaw in (
        (FileLimits(most=1), FileFlaw.MANY),
        (FileLimits(largest_mb=0), FileFlaw.LARGE),
        (FileLimits(person_mb=0), FileFlaw.FULL),
    ):
        limits.append(tighter)
        assert [refusal.flaw for refusal in (await run(service, ben, exported)).files_refused] == [flaw]
    limits.append(FileLimits())
    assert (await run(service, ben, exported)).files == 1
    words = sentences_of(Say("en"), wording_for("en"), report)
    assert "Files: 1. Files left out: 2. tea.txt is damaged and cannot be read." in words


@pytest.mark.parametrize(
    ("sent", "flaw"),
    [
        (as_bytes([tea(), webui_chat("heat")])[:-10], ImportFlaw.UNREADABLE),
        (as_bytes([tea()]) + b"]", ImportFlaw.UNREADABLE),
        (as_bytes([tea()])[:-1] + b"," + b"[" * 200_000, ImportFlaw.UNREADABLE),
        (as_archive(conversations__json=as_bytes([tea()]), conversations_dash_1__json=b"?"), ImportFlaw.UNREADABLE),
        (as_bytes([1, "x", {}]), ImportFlaw.NOTHING),
        (b"[]", ImportFlaw.NOTHING),
    ],
)
async def test_what_is_broken_anywhere_changes_nothing(
    service: Imports, parts: Assembly, ada: User, sent: bytes, flaw: str
) -> None:
    before = await parts.database.read(every_row)
    with pytest.raises(ImportRefused) as refused:
        await run(service, ada, sent)
    assert refused.value.flaw == flaw
    assert await parts.database.read(every_row) == before


async def test_what_is_left_out_is_counted_by_its_reason(service: Imports, parts: Assembly, ada: User) -> None:
    loop = chatgpt_chat("loop", chatgpt_node("a", "b", "user", ["x"]), chatgpt_node("b", "a", "user", ["y"]))
    report = await run(service, ada, as_bytes([tea(), loop, chatgpt_chat("e", chatgpt_node("r", None, None)), None]))
    assert report.added == 1
    assert report.left_out == {LeftOut.DAMAGED: 1, LeftOut.EMPTY: 1, LeftOut.UNKNOWN: 1}
    assert await titles(parts, ada) == ["About tea"]


async def test_many_are_kept_in_pieces(service: Imports, parts: Assembly, ada: User) -> None:
    chats = [webui_chat(f"chat {number}") for number in range(250)]
    report = await run(service, ada, as_bytes(chats))
    assert (report.total, report.added) == (250, 250)


async def test_an_import_is_noted_and_is_for_those_who_may_ask(service: Imports, parts: Assembly, ada: User) -> None:
    viewer = User(ada.id, ada.name, AccountRole.VIEWER)
    with pytest.raises(Forbidden):
        await run(service, viewer, as_bytes([tea()]))
    with pytest.raises(Forbidden):
        service.of(viewer)
    await run(service, ada, as_bytes([tea()]))
    entries = await parts.database.read(lambda session: session.exec(select(AuditEntry)).all())
    assert [(entry.action, entry.detail) for entry in entries] == [("data_imported", {"conversations": 1})]


async def test_a_second_import_of_a_person_waits_for_the_first(
    service: Imports, parts: Assembly, ada: User, ben: User
) -> None:
    hers, his = Principal(ada, "127.0.0.1"), Principal(ben, "127.0.0.1")
    files = [io.BytesIO(as_bytes([tea()])) for _ in range(3)]
    service.begin(hers, files[0], PLAIN_MARKS)
    with pytest.raises(ImportRefused) as refused:
        service.begin(hers, files[1], PLAIN_MARKS)
    assert refused.value.flaw == ImportFlaw.UNDER_WAY
    service.begin(his, files[2], PLAIN_MARKS)
    for user in (ada, ben):
        assert (await ended(parts, service, user)).added == 1
    assert [file.closed for file in files] == [True, False, True]
    service.begin(hers, io.BytesIO(b"?"), PLAIN_MARKS)
    broken = await ended(parts, service, ada)
    assert broken.stage is Stage.REFUSED
    assert isinstance(broken.refusal, ImportRefused)


async def test_nobody_fills_the_database_by_imports(
    service: Imports, parts: Assembly, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_CONVERSATIONS", 1)
    await run(service, ada, as_bytes([tea()]))
    with pytest.raises(ImportRefused) as refused:
        await run(service, ada, as_bytes([webui_chat("heat")]))
    assert refused.value.flaw == ImportFlaw.FULL
