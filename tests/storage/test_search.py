"""One finds what one said and was told, and nobody else does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from storage.accounts import delete_account, ensure_account
from storage.backup import backup
from storage.conversations import create_conversation, delete_conversation, rename
from storage.database import Database
from storage.messages import add_message, rewrite_question, update_answer
from storage.restoring import restore
from storage.search import Hit, search_messages
from storage.shelf import put_away, take_back
from storage.tables import Message, MessageState
from tests.storage.conftest import NOON, Seeded

SYNTAX = (
    '"',
    "*",
    "%",
    "_",
    "\0",
    "tea*",
    '"tea"',
    "tea OR cup",
    "tea NEAR(cup)",
    "words:tea",
    "-tea",
    "^tea",
    "tea' --",
)
LONG = ("(" * 10_000, "tea " * 2_500, "x" * 10_000, "茶" * 10_000, "a b c d e f " * 1_000)
HOSTILE = (*SYNTAX, *LONG, "NOT tea", "\U0010ffff\ud800")


async def found(
    seeded: Seeded, typed: str, account_id: UUID | None = None, limit: int = 50, before: int | None = None
) -> Sequence[Hit]:
    owner = account_id or seeded.account.id
    return await seeded.database.read(lambda session: search_messages(session, owner, typed, limit, before))


async def texts_found(seeded: Seeded, typed: str) -> list[str]:
    return ["".join(hit.excerpt) for hit in await found(seeded, typed)]


async def say(seeded: Seeded, text: str, days: int = 0) -> Message:
    message = seeded.question(text)
    message.created_at += timedelta(days=days)
    return await seeded.database.write(lambda session: add_message(session, message))


async def answered(seeded: Seeded, answer: Message, content: str, state: MessageState, attempt: int = 1) -> None:
    write = partial(update_answer, message_id=answer.id, attempt=attempt, content=content, state=state)
    assert await seeded.database.write(write)


async def waiting_answer(seeded: Seeded) -> Message:
    answer = seeded.question("")
    answer.role, answer.state = "assistant", MessageState.WAITING
    return await seeded.database.write(lambda session: add_message(session, answer))


def index_of(session: Session) -> list[tuple[object, ...]]:
    rows = session.connection().exec_driver_sql("SELECT id, hex(block) FROM searchindex_data ORDER BY id").all()
    return [tuple(row) for row in rows]


async def test_a_hit_tells_where_it_is(seeded: Seeded) -> None:
    message = await say(seeded, "How many cups of oolong?")
    (hit,) = await found(seeded, "OOL")
    assert (hit.conversation_id, hit.message_id, hit.role) == (seeded.conversation.id, message.id, "user")
    assert (hit.title, hit.at, hit.excerpt) == ("Tea", NOON, ("How many cups of ", "oolong", "?"))


async def test_a_conversation_is_found_by_its_title(seeded: Seeded) -> None:
    (hit,) = await found(seeded, "tea")
    assert (hit.conversation_id, hit.message_id, hit.excerpt) == (seeded.conversation.id, None, ("", "Tea", ""))
    change = partial(rename, account_id=seeded.account.id, conversation_id=seeded.conversation.id)
    await seeded.database.write(partial(change, title="Coffee"))
    assert await found(seeded, "tea") == []
    assert [hit.title for hit in await found(seeded, "coffee")] == ["Coffee"]


async def test_nobody_finds_what_belongs_to_others(seeded: Seeded) -> None:
    # As much of the ids is the same as the index keeps: then the conversation alone tells whose it is.
    twin = UUID(seeded.account.id.hex[:12] + uuid4().hex[12:])
    bob = await seeded.database.write(lambda session: ensure_account(session, "bob", "member", NOON))
    await seeded.database.write(
        lambda session: session.connection().exec_driver_sql(
            "INSERT INTO account (id, name, role, created_at) VALUES (?, 'twin', 'member', '2026-11-23')", (twin.hex,)
        )
    )
    await say(seeded, "my oolong")
    assert len(await found(seeded, "oolong")) == 1
    assert await found(seeded, "oolong", bob.id) == []
    assert await found(seeded, "oolong", twin) == []


async def test_the_newest_come_first_and_pages_go_on(seeded: Seeded) -> None:
    for day in (3, 1, 2, 5, 4):  # what is imported comes later and is older
        await say(seeded, f"tea on day {day}", days=day)
    hits = await found(seeded, "tea on")
    assert [hit.at for hit in hits] == [NOON + timedelta(days=day) for day in (5, 4, 3, 2, 1)]
    first = await found(seeded, "tea on", limit=2)
    second = await found(seeded, "tea on", limit=2, before=first[-1].place)
    assert [*first, *second] == hits[:4]


async def test_every_word_must_be_there_and_the_last_may_be_begun(seeded: Seeded) -> None:
    await say(seeded, "green leaves of Lóngjǐng")
    for typed in ("green", "leaves GREEN", "gre", "green lea", "longj", "of green "):
        assert len(await found(seeded, typed)) == 1, typed
    for typed in ("gre ", "green cups", "lea green", "reen", ""):
        assert await found(seeded, typed) == [], typed


async def test_chinese_is_found_by_any_part_of_it(seeded: Seeded) -> None:
    await say(seeded, "我们喝茶时间到了, 用API煮水。")
    for typed in ("茶", "喝茶", "茶时间", "我们 煮水", "时间到了", "了", "api", "用api煮"):
        assert len(await found(seeded, typed)) == 1, typed
    for typed in ("咖啡", "喝时", "茶叶"):
        assert await found(seeded, typed) == [], typed
    (hit,) = await found(seeded, "茶时间")
    assert hit.excerpt == ("我们喝", "茶时间", "到了, 用API煮水。")


async def test_whatever_is_typed_does_no_harm(seeded: Seeded) -> None:
    await say(seeded, 'a "quoted* cup_ of 100% \0 nothing')
    for typed in HOSTILE:
        for hit in await found(seeded, typed):
            assert set(hit.excerpt[1::2]) <= {"Tea"}, typed
    assert len(await found(seeded, 'cup "nothing"')) == 1


async def test_a_growing_answer_is_indexed_once_at_its_end(seeded: Seeded) -> None:
    answer = await waiting_answer(seeded)
    before = await seeded.database.read(index_of)
    for text in ("oolong", "oolong and", "oolong and sencha"):
        await answered(seeded, answer, text, MessageState.STREAMING)
    assert await seeded.database.read(index_of) == before
    assert await found(seeded, "oolong") == []
    await answered(seeded, answer, "oolong and matcha", MessageState.INTERRUPTED)
    assert await texts_found(seeded, "oolong") == ["oolong and matcha"]
    assert await found(seeded, "sencha") == []


async def test_an_answer_that_goes_on_leaves_the_index_until_it_is_over(seeded: Seeded) -> None:
    answer = await say(seeded, "oolong")
    change = "UPDATE message SET state = 'streaming' WHERE id = ?"
    await seeded.database.write(lambda session: session.connection().exec_driver_sql(change, (answer.id.hex,)))
    assert await found(seeded, "oolong") == []
    await answered(seeded, answer, "oolong and more", MessageState.COMPLETE)
    assert await texts_found(seeded, "more oolong") == ["oolong and more"]


async def test_a_rewritten_question_is_found_by_its_new_words_alone(seeded: Seeded) -> None:
    question = await say(seeded, "oolong")
    await seeded.database.write(lambda session: rewrite_question(session, question.id, "sencha"))
    assert await found(seeded, "oolong") == []
    assert await texts_found(seeded, "sencha") == ["sencha"]


async def test_a_deleted_conversation_is_gone_at_once(seeded: Seeded) -> None:
    await say(seeded, "oolong")
    ada, conversation_id = seeded.account.id, seeded.conversation.id
    assert await seeded.database.write(lambda session: put_away(session, ada, conversation_id, NOON))
    for typed in ("oolong", "tea"):
        assert await found(seeded, typed) == []
    assert await seeded.database.write(lambda session: take_back(session, ada, conversation_id))
    assert await texts_found(seeded, "oolong") == ["oolong"]
    await seeded.database.write(lambda session: delete_conversation(session, ada, conversation_id))
    for typed in ("oolong", "tea"):
        assert await found(seeded, typed) == []
    other = await seeded.database.write(lambda session: create_conversation(session, ada, "Next", NOON))
    await say(Seeded(seeded.database, seeded.account, other), "sencha")
    assert await texts_found(seeded, "sencha") == ["sencha"]
    await seeded.database.write(lambda session: delete_account(session, ada))
    assert await found(seeded, "sencha") == []


async def test_what_is_not_kept_is_not_found(seeded: Seeded) -> None:
    def half(session: Session) -> None:
        add_message(session, seeded.question("oolong"))
        raise LookupError

    with pytest.raises(LookupError):
        await seeded.database.write(half)
    assert await found(seeded, "oolong") == []


async def test_a_restored_backup_is_searched(seeded: Seeded, directory: Path) -> None:
    kept = await say(seeded, "oolong")
    file = await backup(seeded.database)
    await say(seeded, "sencha")
    await seeded.database.close()
    restore(directory, file, NOON)
    database = await Database.open(directory)
    again = Seeded(database, seeded.account, seeded.conversation)
    assert [hit.message_id for hit in await found(again, "oolong")] == [kept.id]
    assert await found(again, "sencha") == []
    await database.close()
