"""Conversations belong to somebody, and nobody else finds them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from sqlmodel import Session, select

from storage.accounts import ensure_account
from storage.conversations import (
    conversation_of,
    create_conversation,
    delete_conversation,
    list_conversations,
    rename,
    set_leaf,
    touch,
)
from storage.jobs import add_job, get_job, next_arrival
from storage.messages import add_message
from storage.tables import Conversation, Job, Message
from tests.storage.conftest import NOON, Seeded


async def test_what_belongs_to_somebody_else_is_not_found(seeded: Seeded) -> None:
    database, conversation_id = seeded.database, seeded.conversation.id
    bob = await database.write(lambda session: ensure_account(session, "bob", "member", NOON))
    message = await database.write(lambda session: add_message(session, seeded.question()))
    assert await database.read(lambda session: conversation_of(session, bob.id, conversation_id)) is None
    assert await database.read(lambda session: list_conversations(session, bob.id, 10)) == []
    for change in (
        partial(rename, title="Mine"),
        partial(touch, at=NOON),
        partial(set_leaf, leaf_id=message.id),
        delete_conversation,
    ):
        assert not await database.write(partial(change, account_id=bob.id, conversation_id=conversation_id))
    kept = await database.read(lambda session: conversation_of(session, seeded.account.id, conversation_id))
    assert kept == seeded.conversation


async def test_the_owner_changes_it(seeded: Seeded) -> None:
    database, ada, conversation_id = seeded.database, seeded.account.id, seeded.conversation.id
    later = NOON + timedelta(hours=1)

    def change(session: Session) -> list[bool]:
        message = add_message(session, seeded.question())
        return [
            rename(session, ada, conversation_id, "Coffee"),
            touch(session, ada, conversation_id, later),
            set_leaf(session, ada, conversation_id, message.id),
            set_leaf(session, ada, conversation_id, uuid4()),
        ]

    assert await database.write(change) == [True, True, True, False]
    changed = await database.read(lambda session: conversation_of(session, ada, conversation_id))
    assert changed is not None
    assert (changed.title, changed.updated_at) == ("Coffee", later)


async def test_a_leaf_of_another_conversation_is_refused(seeded: Seeded) -> None:
    database, ada = seeded.database, seeded.account.id
    other = await database.write(lambda session: create_conversation(session, ada, "Other", NOON))
    message = await database.write(lambda session: add_message(session, seeded.question()))
    assert not await database.write(lambda session: set_leaf(session, ada, other.id, message.id))


async def test_pages_of_the_list_go_on_where_the_last_ended(seeded: Seeded) -> None:
    database, ada = seeded.database, seeded.account.id
    for n in range(9):
        # Three at each moment: the id decides between them.
        at = NOON + timedelta(minutes=n // 3)
        await database.write(partial(create_conversation, account_id=ada, title=f"Tea {n}", at=at))
    whole = await database.read(lambda session: list_conversations(session, ada, 100))
    assert len(whole) == 10
    assert [row.updated_at for row in whole] == sorted((row.updated_at for row in whole), reverse=True)
    paged: list[Conversation] = []
    before: tuple[datetime, UUID] | None = None
    while page := await database.read(partial(list_conversations, account_id=ada, limit=4, before=before)):
        paged += page
        before = (page[-1].updated_at, page[-1].id)
    assert paged == list(whole)


async def test_deleting_takes_a_long_conversation_and_leaves_the_jobs(seeded: Seeded) -> None:
    database, ada, conversation_id = seeded.database, seeded.account.id, seeded.conversation.id

    def fill(session: Session) -> Job:
        branch = seeded.branch(1_500)
        session.add_all(branch)
        session.flush()
        job = Job(
            account_id=ada,
            conversation_id=conversation_id,
            message_id=branch[-1].id,
            model="m",
            priority=1,
            state="queued",
            arrival=next_arrival(session),
            created_at=NOON,
        )
        return add_job(session, job)

    job = await database.write(fill)
    assert await database.write(lambda session: delete_conversation(session, ada, conversation_id))
    assert await database.read(lambda session: session.exec(select(Message).limit(1)).first()) is None
    kept = await database.read(lambda session: get_job(session, job.id))
    assert kept is not None
    assert (kept.conversation_id, kept.message_id) == (None, None)
