"""Groups and what they allow, the audit log, the export, and what is left of a deleted account."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlmodel import Session, func, select

from chatui.accounts.allowances import note_usage
from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change, Visit
from chatui.accounts.events import LimitsChanged
from chatui.accounts.limits import GroupLimits, Limits
from chatui.domain.access import Action
from chatui.domain.errors import Forbidden, GroupInUse, ModelForbidden, NameTaken, NotFound, QuotaSpent
from chatui.domain.jobs import Priority
from chatui.domain.messages import ModelName, Usage, UserId
from chatui.domain.people import AccountRole, GroupId, Principal
from storage import audit, groups, invitations, own_data, sessions, usage
from storage.accounts import account_to_sign_in, accounts_called, delete_account, members_of
from storage.conversations import create_conversation
from storage.errors import Conflict, StorageError
from storage.failures import record_failure
from storage.jobs import add_job, next_arrival
from storage.messages import add_message
from storage.tables import Failure, Job, Message, Table
from tests.support.accounts import AWAY, HOME, NOON, PASSWORD, Office, open_office

MODEL, OTHER = ModelName("qwen3:4b"), ModelName("gemma3:1b")
KITCHEN = GroupLimits(
    weight=2.0, priority=Priority.HIGH, running=1, queued=3, tokens_per_day=100, models=frozenset({MODEL})
)
MARK = "the secret of the samovar is in its spout"


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path / "data") as opened:
        yield opened


@pytest_asyncio.fixture
async def ada(office: Office) -> Principal:
    return await office.admin()


async def test_a_group_is_kept_as_it_was_made(office: Office, ada: Principal) -> None:
    made = await office.accounts.groups.create(ada, " Kitchen ", KITCHEN)
    assert await office.accounts.groups.groups(ada) == [made]
    assert (made.name, made.limits) == ("Kitchen", KITCHEN)
    await office.accounts.groups.change(ada, made.id, "Kitchen", GroupLimits(models=frozenset()))
    (changed,) = await office.accounts.groups.groups(ada)
    assert changed.limits == GroupLimits(models=frozenset())
    with pytest.raises(NameTaken):
        await office.accounts.groups.create(ada, "Kitchen", KITCHEN)
    with pytest.raises(NotFound):
        await office.accounts.groups.change(ada, GroupId(uuid4()), "Hall", KITCHEN)


async def test_a_group_with_members_stays(office: Office, ada: Principal) -> None:
    made = await office.accounts.groups.create(ada, "Kitchen", KITCHEN)
    bob = await office.member(ada, "Bob", group=made.id)
    await office.accounts.admin.invite(ada, AccountRole.MEMBER, made.id)
    with pytest.raises(GroupInUse):
        await office.accounts.groups.delete(ada, made.id)
    with pytest.raises(Conflict):  # the schema keeps it, too
        await office.database.write(lambda session: groups.delete_group(session, made.id))
    await office.accounts.admin.set_group(ada, bob.user.id, None)
    await office.accounts.groups.delete(ada, made.id)
    assert await office.accounts.admin.invitations(ada) == []
    with pytest.raises(NotFound):
        await office.accounts.groups.delete(ada, made.id)
    with pytest.raises(NotFound):
        await office.accounts.admin.set_group(ada, bob.user.id, made.id)
    with pytest.raises(NotFound):
        await office.accounts.admin.invite(ada, AccountRole.MEMBER, made.id)


async def test_limits_change_at_once_for_all_members(office: Office, ada: Principal) -> None:
    made = await office.accounts.groups.create(ada, "Kitchen", KITCHEN)
    bob, cyd = await office.member(ada, "Bob", group=made.id), await office.member(ada, "Cyd")
    assert await office.accounts.allowances.limits_of(bob.user.id) == Limits(
        2.0, Priority.HIGH, 1, 3, 100, frozenset({MODEL})
    )
    await office.accounts.groups.change(ada, made.id, "Kitchen", GroupLimits(weight=0.5))
    await office.accounts.admin.set_group(ada, cyd.user.id, made.id)
    everybody = await office.accounts.allowances.limits_of_all()
    assert everybody == {ada.user.id: Limits(), bob.user.id: Limits(0.5), cyd.user.id: Limits(0.5)}
    assert office.events == [LimitsChanged(frozenset({bob.user.id})), LimitsChanged(frozenset({cyd.user.id}))]
    with pytest.raises(NotFound):
        await office.accounts.allowances.limits_of(UserId(uuid4()))


async def test_the_tokens_of_a_day_are_counted_and_come_back_at_midnight(office: Office, ada: Principal) -> None:
    made = await office.accounts.groups.create(ada, "Kitchen", KITCHEN)
    bob = await office.member(ada, "Bob", group=made.id)
    allowed, took = office.accounts.allowances, Usage(prompt_tokens=30, output_tokens=20)
    for left in (100, 50):
        assert (await allowed.require_allowed(bob.user, MODEL)).tokens_per_day == 100
        assert await allowed.used_today(bob.user.id) == 100 - left
        await office.database.write(lambda session: note_usage(session, bob.user.id, MODEL, took, office.time.now()))
    with pytest.raises(QuotaSpent) as refusal:
        await allowed.require_allowed(bob.user, MODEL)
    assert refusal.value.retry_after == timedelta(hours=12)
    with pytest.raises(ModelForbidden):
        await allowed.require_allowed(bob.user, OTHER)
    assert await allowed.require_allowed(ada.user, OTHER) == Limits()
    office.time.go_on(hours=12)
    assert await allowed.require_allowed(bob.user, MODEL)
    await office.database.write(lambda session: note_usage(session, bob.user.id, OTHER, took, office.time.now()))
    shown = await allowed.usage(bob.user, bob.user.id, NOON.date(), date.max)
    assert [(day.day, day.model, day.answers, day.prompt_tokens, day.output_tokens) for day in shown] == [
        (NOON.date(), MODEL, 2, 60, 40), (NOON.date() + timedelta(days=1), OTHER, 1, 30, 20)
    ]  # fmt: skip


async def test_a_viewer_may_not_ask(office: Office, ada: Principal) -> None:
    viewer = await office.member(ada, "Vi", AccountRole.VIEWER)
    with pytest.raises(Forbidden):
        await office.accounts.allowances.require_allowed(viewer.user, MODEL)


async def test_the_log_tells_who_did_what_to_whom_from_where_and_when(office: Office, ada: Principal) -> None:
    office.time.go_on(minutes=3)
    bob = await office.member(ada, "Bob", visit=AWAY)
    await office.accounts.admin.set_role(ada, bob.user.id, AccountRole.VIEWER)
    _, _, invited, accepted, changed = await office.entries()
    assert (invited.actor_id, invited.action, invited.detail["role"]) == (ada.user.id, "invitation_made", "member")
    assert (accepted.actor_id, accepted.subject_id, accepted.address) == (bob.user.id, bob.user.id, AWAY.address)
    assert (changed.actor_id, changed.subject_id, changed.address) == (ada.user.id, bob.user.id, HOME.address)
    assert changed.detail == {"before": "member", "after": "viewer"}
    assert changed.at == NOON + timedelta(minutes=3)
    await office.accounts.admin.record(ada, Action.OPEN_SHARE_LINK, AuditAction.SHARE_LINK_OPENED, {"until": "six"})
    newest, *_ = page = await office.accounts.admin.audit_log(ada, 2)
    assert (newest.action, newest.detail) == ("share_link_opened", {"about": {"until": "six"}})
    assert page[1].id is not None
    assert [entry.id for entry in await office.accounts.admin.audit_log(ada, 1, page[1].id)] == [accepted.id]


def run(session: Session, statement: str) -> None:
    session.connection().exec_driver_sql(statement)


async def test_the_log_is_only_added_to(office: Office, ada: Principal) -> None:
    assert ada.session is not None
    before = await office.entries()
    for statement in (
        "UPDATE auditentry SET action = ''",
        "DELETE FROM auditentry",
        "DELETE FROM auditentry WHERE id = 1",
    ):
        with pytest.raises(StorageError, match="only added to"):
            await office.database.write(partial(run, statement=statement))
    assert await office.entries() == before


async def test_an_entry_is_kept_with_its_change_or_not_at_all(office: Office, ada: Principal) -> None:
    before = await office.entries()

    def fail(change: Change) -> None:
        change.audit(AuditAction.ROLE_CHANGED, ada.user.id)
        change.tell(LimitsChanged(frozenset()))
        raise LookupError("lost")

    with pytest.raises(LookupError):
        await office.accounts.desk.changes.make(fail, HOME.address)
    assert await office.entries() == before
    assert office.events == []


async def test_nothing_in_the_log_is_a_secret_or_a_name(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    await office.accounts.admin.reset_password(ada, bob.user.id)
    await office.accounts.own.change_password(ada, PASSWORD, "another of my own", HOME)
    text = " ".join(entry.model_dump_json() for entry in await office.entries())
    for secret in ("Bob", "Ada", PASSWORD, "another", "argon2", "token"):
        assert secret not in text


async def everything_of(office: Office, person: Principal, text: str = MARK) -> UUID:
    """Give a person a conversation with a job that failed once, and some use."""

    def fill(session: Session) -> UUID:
        conversation = create_conversation(session, person.user.id, text, NOON)
        question = Message(conversation_id=conversation.id, role="user", content=text * 50, created_at=NOON)
        add_message(session, question)
        job = Job(
            account_id=person.user.id, conversation_id=conversation.id, model=MODEL, priority=1, state="failed",
            arrival=next_arrival(session), created_at=NOON,
        )  # fmt: skip
        add_job(session, job)
        record_failure(
            session,
            Failure(
                job_id=job.id, attempt_number=1, code="memory", detail=text, stage="loading", backend="box",
                model=MODEL, account_id=person.user.id, created_at=NOON,
            ),
        )  # fmt: skip
        note_usage(session, person.user.id, MODEL, Usage(1, 1), NOON)
        return conversation.id

    return await office.database.write(fill)


def count_rows(session: Session) -> dict[str, int]:
    tables = Table.metadata.sorted_tables
    return {table.name: session.exec(select(func.count()).select_from(table)).one() for table in tables}


@pytest.mark.parametrize("by_whom", ["own", "admin"])
async def test_nothing_is_left_of_a_deleted_account(office: Office, ada: Principal, by_whom: str) -> None:
    await everything_of(office, ada, "another's")
    before = await office.database.read(count_rows)
    bob = await office.member(ada, "Bob the unforgettable", visit=Visit(AWAY.address, MARK))
    await everything_of(office, bob)
    if by_whom == "own":
        await office.accounts.own.delete(bob, PASSWORD)
    else:
        await office.accounts.admin.delete(ada, bob.user.id)
    after = await office.database.read(count_rows)
    assert after.pop("auditentry") > before.pop("auditentry")
    assert after == before
    directory = office.database.directory.database.parent
    kept = b"".join(file.read_bytes() for file in directory.glob("samovar.db*"))
    assert b"another's" in kept
    for trace in (MARK, "unforgettable"):
        assert trace.encode() not in kept


async def test_an_export_is_everything_of_ones_own_and_nothing_else(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob", visit=AWAY)
    await everything_of(office, ada, "another's")
    conversation = await everything_of(office, bob, 'tea "and" чай\u2028')
    await office.accounts.admin.set_group(ada, bob.user.id, None)
    pieces = [piece async for piece in office.accounts.own.export(bob)]
    document: dict[str, Any] = json.loads("".join(pieces))
    assert document["format"] == "samovar-account"
    assert document["account"]["name"] == "Bob"
    assert [found["id"] for found in document["conversations"]] == [str(conversation)]
    assert document["conversations"][0]["messages"][0]["content"] == 'tea "and" чай\u2028' * 50
    assert len(document["jobs"]) == len(document["usage"]) == len(document["sessions"]) == 1
    assert [entry["action"] for entry in document["audit"]] == ["data_exported", "group_joined", "invitation_accepted"]
    text = "".join(pieces)
    for foreign in ("another's", "argon2", "token_hash", "password_hash", str(ada.user.id)):
        assert foreign not in text
    assert (await office.actions(bob.user.id))[-1] == "data_exported"


async def test_an_empty_export_is_a_document_as_well(office: Office, ada: Principal) -> None:
    document = json.loads("".join([piece async for piece in office.accounts.own.export(ada)]))
    assert document["conversations"] == document["jobs"] == document["usage"] == []


QUERIES: list[Callable[[Session], object]] = [
    lambda session: account_to_sign_in(session, "ada"),
    lambda session: accounts_called(session, "Ada", "ada"),
    lambda session: members_of(session, uuid4()),
    lambda session: delete_account(session, uuid4()),
    lambda session: sessions.session_by_token(session, "x"),
    lambda session: sessions.sessions_of(session, uuid4()),
    lambda session: sessions.touch_session(session, uuid4(), NOON),
    lambda session: sessions.close_session(session, uuid4(), uuid4()),
    lambda session: sessions.close_sessions(session, uuid4(), uuid4()),
    lambda session: sessions.purge_sessions(session, NOON - timedelta(days=9), NOON - timedelta(days=9)),
    lambda session: invitations.invitation_by_token(session, "x", NOON),
    lambda session: invitations.delete_invitation(session, uuid4()),
    lambda session: invitations.delete_invitations_by(session, uuid4()),
    lambda session: invitations.reset_by_token(session, "x", NOON),
    lambda session: invitations.delete_reset(session, uuid4()),
    lambda session: groups.group_of(session, uuid4()),
    lambda session: groups.group_named(session, "x"),
    lambda session: groups.delete_group(session, uuid4()),
    lambda session: audit.list_entries(session, 10),
    lambda session: audit.list_entries(session, 10, 5),
    lambda session: audit.entries_about(session, uuid4(), 10),
    lambda session: usage.tokens_on(session, uuid4(), date(2026, 1, 1)),
    lambda session: usage.usage_of(session, uuid4(), date.min, date.max),
    lambda session: own_data.conversation_ids(session, uuid4()),
    lambda session: own_data.messages_in(session, uuid4()),
    lambda session: own_data.jobs_of(session, uuid4()),
]


async def test_every_query_finds_its_rows_by_an_index(office: Office, ada: Principal) -> None:
    assert ada.session is not None

    def plans(session: Session) -> list[tuple[str, str]]:
        connection, asked = session.connection(), list[tuple[str, Any]]()
        event.listen(connection, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        for query in QUERIES:
            query(session)
        return [
            (text, row[3])
            for text, values in list(asked)
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]

    found = await office.database.write(plans)
    assert len({text for text, _ in found}) >= len(QUERIES)
    assert [(text, step) for text, step in found if step.startswith("SCAN") and "LIMIT" not in text] == []
