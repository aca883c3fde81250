"""Accounts, settings and failures; and that no query reads a whole table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlmodel import Session

from storage.accounts import account_named, ensure_account, get_account
from storage.conversations import conversation_of, delete_conversation, list_conversations, rename, set_leaf
from storage.database import Database
from storage.failures import failures_of, purge_failures, recent_failures, record_failure
from storage.jobs import (
    attempts_of,
    claim_job,
    count_unfinished,
    finish_attempt,
    finish_job,
    next_arrival,
    requeue_job,
    unfinished_jobs,
)
from storage.messages import children_of, message_of, outline_of, path_to, said_to, update_answer
from storage.settings import get_all, put, remove
from storage.tables import Failure
from tests.storage.conftest import NOON, Seeded

ID, OTHER = uuid4(), uuid4()


async def test_an_account_is_made_once(database: Database) -> None:
    made = await database.write(lambda session: ensure_account(session, "ada", "admin", NOON))
    again = await database.write(lambda session: ensure_account(session, "ada", "member", NOON + timedelta(days=1)))
    assert again == made
    assert await database.read(lambda session: get_account(session, made.id)) == made
    assert await database.read(lambda session: account_named(session, "bob")) is None


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "чай", [1, "2"], {"a": {"b": [None]}}])
async def test_a_setting_comes_back_as_it_was(database: Database, value: Any) -> None:
    await database.write(lambda session: put(session, "queue.limit", "first", NOON))
    await database.write(lambda session: put(session, "queue.limit", value, NOON, by=ID))
    assert await database.read(get_all) == {"queue.limit": value}
    await database.write(lambda session: remove(session, "queue.limit"))
    assert await database.read(get_all) == {}


async def test_failures_come_newest_first(database: Database) -> None:
    for minute in range(5):
        failure = Failure(
            job_id=ID,
            attempt_number=1,
            code="memory",
            detail=f"at {minute}",
            stage="loading",
            backend="box",
            model="tea:1b",
            memory_available=2**40,
            load_average=0.5,
            created_at=NOON + timedelta(minutes=minute),
        )
        await database.write(partial(record_failure, failure=failure))
    recent = await database.read(lambda session: recent_failures(session, 2))
    assert [(failure.detail, failure.memory_available) for failure in recent] == [("at 4", 2**40), ("at 3", 2**40)]


async def test_old_failures_are_purged_a_share_at_a_time(database: Database) -> None:
    for minute in range(5):
        failure = Failure(
            job_id=ID,
            attempt_number=minute,
            code="busy",
            detail="",
            stage="reading",
            backend="box",
            model="tea:1b",
            created_at=NOON + timedelta(minutes=minute),
        )
        await database.write(partial(record_failure, failure=failure))
    purge = partial(purge_failures, before=NOON + timedelta(minutes=3), limit=2)
    assert [await database.write(purge) for _ in range(3)] == [2, 1, 0]
    left = await database.read(lambda session: failures_of(session, ID))
    assert [failure.attempt_number for failure in left] == [3, 4]


QUERIES: list[Callable[[Session], object]] = [
    lambda session: account_named(session, "ada"),
    lambda session: get_account(session, ID),
    lambda session: conversation_of(session, ID, OTHER),
    lambda session: list_conversations(session, ID, 10),
    lambda session: list_conversations(session, ID, 10, (NOON, OTHER)),
    lambda session: rename(session, ID, OTHER, "Tea"),
    lambda session: set_leaf(session, ID, OTHER, ID),
    lambda session: delete_conversation(session, ID, OTHER),
    lambda session: message_of(session, ID, OTHER),
    lambda session: path_to(session, ID),
    lambda session: path_to(session, ID, 10),
    lambda session: said_to(session, ID, 10),
    lambda session: children_of(session, ID, OTHER),
    lambda session: children_of(session, ID, None),
    lambda session: outline_of(session, ID),
    lambda session: update_answer(session, ID, 1, content="x"),
    next_arrival,
    lambda session: claim_job(session, ID, 1, "box", NOON),
    lambda session: requeue_job(session, ID, NOON),
    lambda session: finish_job(session, ID, "done", None, NOON),
    lambda session: finish_attempt(session, ID, 1, "done", NOON),
    lambda session: attempts_of(session, ID),
    unfinished_jobs,
    count_unfinished,
    lambda session: count_unfinished(session, ID),
    lambda session: recent_failures(session, 10),
    lambda session: failures_of(session, ID),
    lambda session: purge_failures(session, NOON),
]


async def test_every_query_finds_its_rows_by_an_index(seeded: Seeded) -> None:
    def plans(session: Session) -> list[tuple[str, str]]:
        connection, asked = session.connection(), []
        event.listen(connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        for query in QUERIES:
            query(session)
        return [
            (text, row[3])
            for text, values in list(asked)
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]

    found = await seeded.database.write(plans)
    assert len({text for text, _ in found}) >= 20
    scans = {(text, step) for text, step in found if step.startswith("SCAN")}
    # The path is the few rows of the branch; a scan along an index that gives the order ends at its LIMIT.
    whole = [step for text, step in scans if step != "SCAN path" and not ("USING INDEX" in step and "LIMIT" in text)]
    assert whole == []
