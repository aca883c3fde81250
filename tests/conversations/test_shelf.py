"""What people do with the list of their conversations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, func, select

from chatui.conversations.shelf import TAKEN_BACK_WITHIN, Contents, Shelf, View
from chatui.domain.errors import EmptyMessage, NotFound
from chatui.domain.messages import ConversationId, FolderId
from chatui.domain.people import User
from storage.database import Clocks
from storage.tables import Message
from tests.support.assembly import Assembly
from tests.support.ollama_server import OllamaServer


async def conversation(parts: Assembly, text: str = "How many cups?") -> ConversationId:
    asked = await parts.ask(text)
    await parts.over(asked)
    return asked.conversation


async def titles(parts: Assembly, by: User, view: View = View.DESK) -> list[str]:
    shown = await desk(parts, by, view)
    return [row.title for row in (*shown.kept, *shown.recent)]


async def desk(parts: Assembly, by: User, view: View = View.DESK) -> Contents:
    return await parts.services.shelf.contents(by, view, 10)


async def test_pins_and_folders_come_first_and_the_archive_is_apart(parts: Assembly, ada: User) -> None:
    shelf = parts.services.shelf
    first, second, third, fourth = [await conversation(parts, text) for text in ("one", "two", "three", "four")]
    folder = FolderId((await shelf.add_folder(ada, "  Tea \n talk ")).id)
    await shelf.pin(ada, first)
    await shelf.move(ada, second, folder)
    await shelf.archive(ada, third)
    shown = await desk(parts, ada)
    assert [row.title for row in shown.kept] == ["two", "one"]
    assert [row.title for row in shown.recent] == ["four"]
    assert ([folder.name for folder in shown.folders], shown.archived) == (["Tea talk"], 1)
    assert await titles(parts, ada, View.ARCHIVE) == ["three"]
    await shelf.delete_folder(ada, folder)
    await shelf.unpin(ada, first)
    await shelf.unarchive(ada, third)
    assert await titles(parts, ada) == ["four", "three", "two", "one"]
    assert fourth in {row.id for row in (await desk(parts, ada)).recent}


async def test_a_name_without_words_is_refused_and_one_that_was_given_stays(parts: Assembly, ada: User) -> None:
    shelf, kept = parts.services.shelf, await conversation(parts)
    with pytest.raises(EmptyMessage):
        await shelf.rename(ada, kept, "  \n ")
    await shelf.rename(ada, kept, " Tea\tand  cake ")
    (row,) = (await desk(parts, ada)).recent
    assert (row.title, row.titled_by) == ("Tea and cake", "person")


async def test_what_is_hers_is_not_there_for_him(parts: Assembly, ada: User, ben: User) -> None:
    shelf, hers = parts.services.shelf, await conversation(parts)
    folder = FolderId((await shelf.add_folder(ada, "Tea")).id)
    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: shelf.rename(ben, hers, "mine"),
        lambda: shelf.pin(ben, hers),
        lambda: shelf.archive(ben, hers),
        lambda: shelf.move(ben, hers, None),
        lambda: shelf.delete(ben, hers),
        lambda: shelf.rename_folder(ben, folder, "mine"),
        lambda: shelf.delete_folder(ben, folder),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            await act()
    assert await titles(parts, ben) == []
    assert await titles(parts, ada) == ["How many cups?"]
    await shelf.delete(ada, hers)
    with pytest.raises(NotFound):
        await shelf.undelete(ben, hers)


async def test_deleted_it_is_gone_at_once_and_comes_back_whole(parts: Assembly, ada: User) -> None:
    shelf, gone = parts.services.shelf, await conversation(parts)
    assert await shelf.delete(ada, gone) == "How many cups?"
    assert await titles(parts, ada) == []
    with pytest.raises(NotFound):
        await parts.services.rooms.kept.reading.open(ada, gone, 10)
    await shelf.undelete(ada, gone)
    assert await titles(parts, ada) == ["How many cups?"]
    opened = await parts.services.rooms.kept.reading.open(ada, gone, 10)
    assert len(opened.piece.messages) == 2


async def test_an_answer_under_way_stops_with_its_conversation(
    parts: Assembly, ollama: OllamaServer, ada: User
) -> None:
    ollama.gate.clear()
    asked = await parts.ask("a long story")
    await parts.services.shelf.delete(ada, asked.conversation)
    (answer,) = await parts.over(asked)
    assert answer.state == "stopped"


async def test_what_is_not_taken_back_is_purged_with_its_messages(parts: Assembly, ada: User) -> None:
    shelf, now = parts.services.shelf, parts.database.clocks.now
    later = Shelf(parts.watch, Clocks(now=lambda: now() + TAKEN_BACK_WITHIN), parts.scheduler, parts.journal)
    gone, stays = await conversation(parts, "gone"), await conversation(parts, "stays")
    await shelf.delete(ada, gone)
    assert await shelf.purge() > timedelta()
    assert await parts.database.read(lambda session: _messages(session, gone)) == 2
    await later.purge()
    assert await parts.database.read(lambda session: _messages(session, gone)) == 0
    assert await parts.database.read(lambda session: _messages(session, stays)) == 2
    with pytest.raises(NotFound):
        await shelf.undelete(ada, gone)


async def test_what_is_deleted_is_not_found(parts: Assembly, ada: User) -> None:
    gone = await conversation(parts, "zarafa in the garden")

    async def found() -> int:
        return len((await parts.services.finding.find(ada, "zarafa", 10)).hits)

    assert await found() == 2  # the question, and the title made of it
    await parts.services.shelf.delete(ada, gone)
    assert await found() == 0
    await parts.services.shelf.undelete(ada, gone)
    assert await found() == 2


def _messages(session: Session, conversation_id: ConversationId) -> int:
    query = select(func.count()).select_from(Message).where(col(Message.conversation_id) == conversation_id)
    return session.exec(query).one()
