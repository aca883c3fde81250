"""Sharing inside the team: who reads what, from when on, and until when."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from chatui.conversations.branches import Rating
from chatui.conversations.question import Asked
from chatui.conversations.shelf import View
from chatui.domain.errors import Forbidden, NotFound
from chatui.domain.messages import ConversationId, MessageId, ShareId
from chatui.domain.people import AccountRole, Principal, User
from storage.accounts import AccountFields, change_account, delete_account
from storage.tables import AuditEntry, Share
from tests.support.assembly import Assembly


def here(user: User) -> Principal:
    return Principal(user, "127.0.0.1")


async def shared(parts: Assembly, by: User, *questions: str) -> tuple[Asked, ShareId]:
    """A conversation of somebody with these questions, answered, and its link."""
    asked = await parts.ask(questions[0], user=by)
    await parts.over(asked)
    for question in questions[1:]:
        asked = await parts.ask(question, user=by, conversation=asked.conversation)
        await parts.over(asked)
    return asked, await parts.services.sharing.share(here(by), asked.conversation)


async def test_everybody_reads_what_is_shared_and_what_is_added_later(parts: Assembly, ada: User, ben: User) -> None:
    asked, link = await shared(parts, ada, "How many cups?")
    viewer = await parts.person("vera", AccountRole.VIEWER)
    for reader in (ben, viewer):
        chat = await parts.services.sharing.open(reader, link, 50)
        assert (chat.link.name, chat.link.owner) == (ada.name, ada.id)
        assert chat.piece.messages[0].content == "How many cups?"
    again = await parts.ask("And sugar?", user=ada, conversation=asked.conversation)
    await parts.over(again)
    assert len((await parts.services.sharing.open(ben, link, 50)).piece.messages) == 4
    older = await parts.services.sharing.older(ben, link, again.question, 1)
    assert ([message.id for message in older.messages], older.older) == ([asked.answer], True)


async def test_other_branches_stay_their_persons(parts: Assembly, ada: User, ben: User) -> None:
    asked, link = await shared(parts, ada, "How many cups?")
    other = await parts.conversations.again(ada, asked.answer)
    await parts.over(other)
    chat = await parts.services.sharing.open(ben, link, 50)
    assert [message.id for message in chat.piece.messages] == [asked.question, other.answer]
    assert chat.piece.beside == {}
    for hidden in (asked.answer, MessageId(uuid4())):
        with pytest.raises(NotFound):
            await parts.services.sharing.older(ben, link, hidden, 5)


async def test_a_link_is_no_key_to_the_conversation_itself(parts: Assembly, ada: User, ben: User) -> None:
    asked, link = await shared(parts, ada, "How many cups?")
    with pytest.raises(NotFound):
        await parts.services.rooms.kept.reading.open(ben, asked.conversation, 50)
    with pytest.raises(NotFound):
        await parts.services.rooms.kept.reading.whole(ben, ConversationId(link))
    with pytest.raises(NotFound):
        await parts.conversations.again(ben, asked.answer)
    with pytest.raises(NotFound):
        await parts.conversations.stop(ben, asked.answer)
    with pytest.raises(NotFound):
        await parts.services.rooms.kept.branches.rate(ben, asked.answer, Rating.BAD)


@pytest.mark.parametrize("how", ["unshared", "deleted", "account disabled", "account deleted"])
async def test_what_is_over_is_found_no_more(parts: Assembly, ada: User, ben: User, how: str) -> None:
    cyd = await parts.person("cyd")
    asked, link = await shared(parts, cyd, "How many cups?")
    database = parts.database
    match how:
        case "unshared":
            await parts.services.sharing.unshare(here(cyd), asked.conversation)
        case "deleted":
            await parts.services.shelf.delete(cyd, asked.conversation)
        case "account disabled":
            closed = AccountFields(state="disabled")
            await database.write(lambda session: change_account(session, cyd.id, **closed))
        case _:
            await database.write(lambda session: delete_account(session, cyd.id))
    sharing = parts.services.sharing
    for call in (sharing.find(ben, link), sharing.open(ben, link, 5), sharing.copy(ben, link)):
        with pytest.raises(NotFound):
            await call
    assert (await parts.services.shelf.contents(ben, View.SHARED, 5)).links == []
    assert (await parts.services.shelf.contents(ada, View.DESK, 5)).shared == 0


async def test_a_link_that_was_taken_back_leads_nowhere_for_ever(parts: Assembly, ada: User, ben: User) -> None:
    asked, first = await shared(parts, ada, "How many cups?")
    sharing = parts.services.sharing
    assert await sharing.share(here(ada), asked.conversation) == first
    await sharing.unshare(here(ada), asked.conversation)
    await sharing.unshare(here(ada), asked.conversation)
    second = await sharing.share(here(ada), asked.conversation)
    assert second != first
    with pytest.raises(NotFound):
        await sharing.open(ben, first, 5)
    did = await parts.database.read(lambda session: session.exec(select(AuditEntry.action)).all())
    assert did[-3:] == ["conversation_shared", "conversation_unshared", "conversation_shared"]


async def test_a_deleted_chat_that_is_taken_back_is_shared_again(parts: Assembly, ada: User, ben: User) -> None:
    asked, link = await shared(parts, ada, "How many cups?")
    await parts.services.shelf.delete(ada, asked.conversation)
    await parts.services.shelf.undelete(ada, asked.conversation)
    assert (await parts.services.sharing.open(ben, link, 5)).link.share == link


async def test_a_copy_is_ones_own_and_goes_on(parts: Assembly, ada: User, ben: User) -> None:
    _, link = await shared(parts, ada, "How many cups?", "And sugar?")
    made = await parts.services.sharing.copy(ben, link)
    opened = await parts.services.rooms.kept.reading.open(ben, made, 50)
    source = await parts.services.sharing.open(ben, link, 50)
    assert [m.content for m in opened.piece.messages] == [m.content for m in source.piece.messages]
    assert not {m.id for m in opened.piece.messages} & {m.id for m in source.piece.messages}
    assert {m.rating for m in opened.piece.messages} == {m.job_id for m in opened.piece.messages} == {None}
    asked = await parts.ask("And milk?", user=ben, conversation=made)
    await parts.over(asked)
    assert len((await parts.services.sharing.open(ben, link, 50)).piece.messages) == 4
    assert len((await parts.services.rooms.kept.reading.open(ben, made, 50)).piece.messages) == 6
    with pytest.raises(NotFound):
        await parts.services.rooms.kept.reading.open(ada, made, 50)


async def test_a_viewer_reads_and_copies_nothing(parts: Assembly, ada: User) -> None:
    _, link = await shared(parts, ada, "How many cups?")
    viewer = await parts.person("vera", AccountRole.VIEWER)
    with pytest.raises(Forbidden):
        await parts.services.sharing.copy(viewer, link)
    contents = await parts.services.shelf.contents(viewer, View.SHARED, 5)
    assert [(found.share, found.name) for found in contents.links] == [(link, ada.name)]


async def test_shares_go_with_their_conversation(parts: Assembly, ada: User) -> None:
    asked, _ = await shared(parts, ada, "How many cups?")
    await parts.services.shelf.delete(ada, asked.conversation)
    parts.services.shelf.taken_back_within *= 0
    await parts.services.shelf.purge()

    def left(session: Session) -> list[Share]:
        return list(session.exec(select(Share).where(col(Share.conversation_id) == asked.conversation)))

    assert await parts.database.read(left) == []
