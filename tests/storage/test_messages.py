"""Branches, late writes and whose message it is."""

from __future__ import annotations

import traceback
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from sqlmodel import Session

from storage.accounts import ensure_account
from storage.conversations import create_conversation
from storage.errors import Conflict, StorageError
from storage.messages import Said, add_message, children_of, message_of, outline_of, path_to, said_to, update_answer
from storage.tables import Message, MessageState
from tests.storage.conftest import NOON, Seeded


async def test_a_message_of_somebody_else_is_not_found(seeded: Seeded) -> None:
    database = seeded.database
    bob = await database.write(lambda session: ensure_account(session, "bob", "member", NOON))
    message = await database.write(lambda session: add_message(session, seeded.question()))
    assert await database.read(lambda session: message_of(session, bob.id, message.id)) is None
    assert await database.read(lambda session: message_of(session, seeded.account.id, message.id)) == message


async def test_a_parent_in_another_conversation_is_refused(seeded: Seeded) -> None:
    database = seeded.database
    other = await database.write(lambda session: create_conversation(session, seeded.account.id, "Other", NOON))
    message = await database.write(lambda session: add_message(session, seeded.question()))
    stray = seeded.question(parent_id=message.id)
    stray.conversation_id = other.id
    with pytest.raises(Conflict):
        await database.write(lambda session: add_message(session, stray))
    with pytest.raises(Conflict):
        await database.write(lambda session: add_message(session, seeded.question(parent_id=uuid4())))


def grow(session: Session, seeded: Seeded) -> dict[str, UUID]:
    """Grow a root with two children, the first of which has two children of its own, and a second root."""
    ids: dict[str, UUID] = {}
    tree = [("a", None), ("a1", "a"), ("a2", "a"), ("a1x", "a1"), ("a1y", "a1"), ("b", None)]
    for minute, (name, parent) in enumerate(tree):
        message = seeded.question(name, parent_id=ids[parent] if parent else None)
        message.created_at = NOON + timedelta(minutes=minute)
        ids[name] = add_message(session, message).id
    return ids


@pytest.mark.parametrize(
    ("leaf", "limit", "expected"),
    [
        ("a1y", None, ["a", "a1", "a1y"]),
        ("a1y", 2, ["a1", "a1y"]),
        ("a1y", 1, ["a1y"]),
        ("a1y", 9, ["a", "a1", "a1y"]),
        ("a2", None, ["a", "a2"]),
        ("b", None, ["b"]),
    ],
)
async def test_a_branch_is_listed_from_its_root(
    seeded: Seeded, leaf: str, limit: int | None, expected: list[str]
) -> None:
    ids = await seeded.database.write(lambda session: grow(session, seeded))
    branch = await seeded.database.read(lambda session: path_to(session, ids[leaf], limit))
    assert [message.content for message in branch] == expected
    said = await seeded.database.read(lambda session: said_to(session, ids[leaf], limit or 100))
    assert said == [Said(message.id, message.role, message.content) for message in branch]


async def test_the_branch_of_an_unknown_message_is_empty(seeded: Seeded) -> None:
    assert await seeded.database.read(lambda session: path_to(session, uuid4())) == []


async def test_children_come_oldest_first(seeded: Seeded) -> None:
    ids = await seeded.database.write(lambda session: grow(session, seeded))

    def children(session: Session, parent_id: UUID | None) -> list[str]:
        return [message.content for message in children_of(session, seeded.conversation.id, parent_id)]

    assert await seeded.database.read(lambda session: children(session, None)) == ["a", "b"]
    assert await seeded.database.read(lambda session: children(session, ids["a1"])) == ["a1x", "a1y"]
    assert await seeded.database.read(lambda session: children(session, ids["b"])) == []


async def test_the_outline_is_the_tree_without_text(seeded: Seeded) -> None:
    ids = await seeded.database.write(lambda session: grow(session, seeded))
    outline = await seeded.database.read(lambda session: outline_of(session, seeded.conversation.id))
    assert [tuple(row) for row in outline][:3] == [(ids["a"], None), (ids["a1"], ids["a"]), (ids["a2"], ids["a"])]
    assert len(outline) == 6


async def test_a_thousand_messages_take_one_query(seeded: Seeded) -> None:
    branch = seeded.branch(1_000)
    await seeded.database.write(lambda session: session.add_all(branch))
    queries: list[str] = []

    def read(session: Session) -> int:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *call: queries.append(call[2]))
        return len(path_to(session, branch[-1].id))

    assert await seeded.database.read(read) == 1_000
    assert len(queries) == 1


async def test_a_late_write_of_an_older_attempt_is_ignored(seeded: Seeded) -> None:
    database = seeded.database
    waiting = seeded.question("")
    waiting.state = MessageState.WAITING
    answer = await database.write(lambda session: add_message(session, waiting))

    async def write(attempt: int, content: str) -> bool:
        return await database.write(
            lambda session: update_answer(
                session, answer.id, attempt, content=content, state=MessageState.STREAMING, output_tokens=attempt
            )
        )

    assert await write(1, "one")
    assert await write(1, "one more")
    assert await write(2, "two")
    assert not await write(1, "one, late")
    kept = await database.read(lambda session: message_of(session, seeded.account.id, answer.id))
    assert kept is not None
    assert (kept.content, kept.attempt, kept.output_tokens) == ("two", 2, 2)
    assert kept.state is MessageState.STREAMING


async def test_an_answer_that_is_over_is_not_written_again(seeded: Seeded) -> None:
    over = await seeded.database.write(lambda session: add_message(session, seeded.question("all of it")))
    late = partial(update_answer, message_id=over.id, attempt=9, content="all", state=MessageState.STREAMING)
    assert not await seeded.database.write(late)


async def test_the_answer_of_a_deleted_message_is_dropped(seeded: Seeded) -> None:
    assert not await seeded.database.write(lambda session: update_answer(session, uuid4(), 1, content="late"))


async def test_a_moment_without_a_zone_is_refused(seeded: Seeded) -> None:
    question = seeded.question("between us")
    question.created_at = datetime(2026, 11, 23)  # noqa: DTZ001 -- the mistake that is refused
    with pytest.raises(StorageError, match="time zone") as refusal:
        await seeded.database.write(lambda session: add_message(session, question))
    assert "between us" not in "".join(traceback.format_exception(refusal.value)), "logs show no prompts"


async def test_text_comes_back_as_it_was(seeded: Seeded) -> None:
    text = "чай 茶 🫖 \u2028 \x00 ' \" -- ; DROP TABLE message"
    message = await seeded.database.write(lambda session: add_message(session, seeded.question(text)))
    found = await seeded.database.read(lambda session: session.get(Message, message.id))
    assert found is not None
    assert found.content == text
    assert text not in repr(found)
