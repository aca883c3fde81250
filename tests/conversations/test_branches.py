"""Branches of a conversation: other words, other answers, the way between them, and going on in an answer's place."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import Session

from chatui.conversations.branches import Rating
from chatui.conversations.question import Asked, Question
from chatui.conversations.reading import AROUND
from chatui.domain.errors import NotFound, NothingToContinue
from chatui.domain.messages import ConversationId, MessageId, Role
from chatui.domain.people import User
from storage.messages import add_message
from storage.tables import Conversation, Message, MessageState
from tests.support.assembly import Assembly, Setup, assembled
from tests.support.ollama_server import OllamaServer


async def answered(parts: Assembly, asked: Asked) -> Message:
    parts.follow(asked)
    return (await parts.over(asked))[0]


async def shown(parts: Assembly, by: User, conversation: ConversationId) -> list[str]:
    opened = await parts.services.rooms.kept.reading.open(by, conversation, 50)
    return [row.content if row.role == Role.USER else "answer" for row in opened.piece.messages]


async def in_other_words(parts: Assembly, by: User, first: Asked, text: str) -> Asked:
    question = Question(MessageId(uuid4()), text, first.conversation, beside=first.question)
    return await parts.services.rooms.kept.conversations.ask(by, question)


async def test_other_words_begin_a_branch_and_both_can_be_shown(parts: Assembly, ada: User) -> None:
    first = await parts.ask("one cup")
    await parts.over(first)
    second = await parts.ask("and sugar?", conversation=first.conversation)
    await parts.over(second)
    other = await in_other_words(parts, ada, first, "two cups")
    await answered(parts, other)
    assert await shown(parts, ada, first.conversation) == ["two cups", "answer"]
    piece = (await parts.services.rooms.kept.reading.open(ada, first.conversation, 50)).piece
    assert piece.beside == {other.question: [first.question, other.question]}
    await parts.services.rooms.kept.branches.turn_to(ada, first.question)
    assert await shown(parts, ada, first.conversation) == ["one cup", "answer", "and sugar?", "answer"]
    assert await parts.services.rooms.kept.branches.find(ada, other.answer) == first.conversation
    assert await shown(parts, ada, first.conversation) == ["two cups", "answer"]


async def test_another_answer_stands_beside_the_first(parts: Assembly, ada: User) -> None:
    first = await parts.ask("one cup")
    (answer,) = await parts.over(first)
    again = await parts.services.rooms.kept.conversations.again(ada, MessageId(answer.id))
    await answered(parts, again)
    piece = (await parts.services.rooms.kept.reading.open(ada, first.conversation, 50)).piece
    assert piece.beside == {again.answer: [first.answer, again.answer]}


async def test_a_cut_answer_is_gone_on_with_in_its_place(parts: Assembly, ada: User, ollama: OllamaServer) -> None:
    asked = await parts.ask("tokens=1000")
    (cut,) = await parts.over(asked)
    assert cut.state is MessageState.LIMITED
    gone_on = await parts.services.rooms.kept.continuing.go_on(ada, MessageId(cut.id))
    whole = await answered(parts, gone_on)
    assert (gone_on.answer, whole.id) == (asked.answer, cut.id)
    assert whole.content.startswith(cut.content)
    assert len(whole.content) > len(cut.content)
    assert (whole.output_tokens or 0) > (cut.output_tokens or 0)
    sent = ollama.bodies("/api/chat")[-1]["messages"]
    assert sent[-1] == {"role": "assistant", "content": cut.content}


async def test_what_is_whole_or_followed_is_not_gone_on_with(parts: Assembly, ada: User, ben: User) -> None:
    whole, cut = await parts.ask("tokens=2"), await parts.ask("tokens=1000")
    await parts.over(whole, cut)
    with pytest.raises(NothingToContinue):
        await parts.services.rooms.kept.continuing.go_on(ada, whole.answer)
    with pytest.raises(NotFound):
        await parts.services.rooms.kept.continuing.go_on(ben, cut.answer)
    await parts.over(await parts.ask("and then?", conversation=cut.conversation))
    with pytest.raises(NothingToContinue):
        await parts.services.rooms.kept.continuing.go_on(ada, cut.answer)


async def test_what_waits_to_be_gone_on_with_waits_again_after_a_restart(data: Path) -> None:
    async with OllamaServer() as ollama:
        async with assembled(data, ollama.url, Setup(workers=1)) as parts:
            asked = await parts.ask("tokens=1000")
            (cut,) = await parts.over(asked)
            ollama.gate.clear()
            await parts.ask("in the way")
            await parts.services.rooms.kept.continuing.go_on(parts.user, MessageId(cut.id))
        ollama.gate.set()
        async with assembled(data, ollama.url, Setup(workers=1)) as parts:
            assert parts.journal.live(asked.conversation)
            whole = await answered(parts, asked)
            assert whole.content.startswith(cut.content)
            assert len(whole.content) > len(cut.content)


async def test_a_rating_is_kept_and_taken_back(parts: Assembly, ada: User, ben: User) -> None:
    asked = await parts.ask("one cup")
    await parts.over(asked)
    await parts.services.rooms.kept.branches.rate(ada, asked.answer, Rating.BAD)
    assert (await parts.message(asked.answer)).rating == -1
    await parts.services.rooms.kept.branches.rate(ada, asked.answer, None)
    assert (await parts.message(asked.answer)).rating is None
    for message, by in ((asked.question, ada), (asked.answer, ben)):
        with pytest.raises(NotFound):
            await parts.services.rooms.kept.branches.rate(by, message, Rating.GOOD)


async def long_conversation(parts: Assembly, by: User, length: int) -> tuple[ConversationId, list[MessageId]]:
    now = parts.database.clocks.now()
    conversation = Conversation(account_id=by.id, title="long", created_at=now, updated_at=now)
    rows = [
        Message(conversation_id=conversation.id, role=Role.USER, content=str(n), created_at=now) for n in range(length)
    ]
    for before, row in pairwise(rows):
        row.parent_id = before.id
    conversation.leaf_id = rows[-1].id

    def write(session: Session) -> None:
        session.add(conversation)
        session.flush()
        for row in rows:
            add_message(session, row)

    await parts.database.write(write)
    return ConversationId(conversation.id), [MessageId(row.id) for row in rows]


async def test_a_long_conversation_is_read_from_its_end_and_around_what_is_looked_for(
    parts: Assembly, ada: User
) -> None:
    conversation, ids = await long_conversation(parts, ada, 120)
    opened = await parts.services.rooms.kept.reading.open(ada, conversation, 50)
    assert [row.id for row in opened.piece.messages] == ids[-50:]
    assert opened.piece.older
    older = await parts.services.rooms.kept.reading.older(ada, ids[-50], 50)
    assert [row.id for row in older.messages] == ids[20:70]
    first = await parts.services.rooms.kept.reading.older(ada, ids[20], 50)
    assert ([row.id for row in first.messages], first.older) == (ids[:20], False)
    around = await parts.services.rooms.kept.reading.open(ada, conversation, 50, at=ids[30])
    assert around.piece.messages[0].id == ids[30 - AROUND]
