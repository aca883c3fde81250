"""Keys for programs: what is kept of them, what they open, and when they are over."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from chatui.accounts.events import KeysRevoked
from chatui.accounts.keys import KEY_MARK, KeyWish
from chatui.commands import run_command
from chatui.domain.errors import InvalidInput, NameRefused, NotFound
from chatui.domain.jobs import Priority
from chatui.domain.people import KeyScope, Principal
from chatui.settings import SettingsError
from storage import keys
from storage.failures import record_failure
from storage.key_tables import ApiKey
from storage.tables import Failure
from tests.support.accounts import NOON, PASSWORD, Office, open_office
from tests.support.rows import every_row

ASKING = KeyWish("laptop", frozenset({KeyScope.ASK}))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


async def kept(office: Office, by: Principal) -> list[ApiKey]:
    await office.accounts.keys.settle()
    return list(await office.database.read(lambda session: keys.keys_of(session, by.user.id)))


async def test_a_key_opens_what_it_was_made_for_and_is_kept_as_a_hash_alone(office: Office) -> None:
    ada = await office.admin()
    wish = KeyWish("  night \t runs ", frozenset({KeyScope.ASK, KeyScope.QUEUE}), timedelta(days=2), Priority.LOW, 4)
    made = await office.accounts.keys.create(ada, wish)
    holder = await office.accounts.keys.find(made.token)
    assert holder is not None
    assert (holder.user, holder.card.name, holder.card.scopes) == (ada.user, "night runs", wish.scopes)
    assert (holder.card.priority, holder.card.most, holder.card.expires_at) == (
        Priority.LOW,
        4,
        NOON + timedelta(days=2),
    )
    assert made.token.startswith(made.card.prefix)
    assert made.card.prefix.startswith(KEY_MARK)
    assert len(made.token) - len(made.card.prefix) > 30
    assert made.token not in repr(made)
    rows = await office.database.read(every_row)
    assert made.token not in str(rows)
    exported = "".join([piece async for piece in office.accounts.own.export(ada)])
    assert made.card.prefix in exported
    assert str(rows["apikey"][0]["token_hash"]) not in exported


@pytest.mark.parametrize("token", ["", "sam_", "sam_nobody", "x" * 5_000, "sam_" + "é" * 40, "\x00"])
async def test_what_is_no_key_opens_nothing(office: Office, token: str) -> None:
    await office.accounts.keys.create(await office.admin(), ASKING)
    assert await office.accounts.keys.find(token) is None


async def test_a_key_is_over_when_it_expires_or_is_revoked(office: Office) -> None:
    ada = await office.admin()
    short = await office.accounts.keys.create(ada, KeyWish("short", frozenset({KeyScope.ASK}), timedelta(hours=1)))
    long = await office.accounts.keys.create(ada, ASKING)
    assert await office.accounts.keys.find(short.token)
    office.time.go_on(hours=1)
    assert await office.accounts.keys.find(short.token) is None
    assert await office.accounts.keys.find(long.token)
    await office.accounts.keys.revoke(ada, long.card.id)
    assert await office.accounts.keys.find(long.token) is None
    assert KeysRevoked(ada.user.id, frozenset({long.card.id})) in office.events
    with pytest.raises(NotFound):
        await office.accounts.keys.revoke(ada, long.card.id)


async def test_nobody_lists_or_revokes_the_keys_of_others(office: Office) -> None:
    ada = await office.admin()
    bob = await office.member(ada)
    made = await office.accounts.keys.create(bob, ASKING)
    assert await office.accounts.keys.list(ada) == []
    with pytest.raises(NotFound):
        await office.accounts.keys.revoke(ada, made.card.id)
    assert await office.accounts.keys.find(made.token)


async def test_no_key_survives_a_disabled_or_deleted_account(office: Office) -> None:
    ada = await office.admin()
    bob = await office.member(ada)
    made = await office.accounts.keys.create(bob, ASKING)
    assert await office.accounts.keys.find(made.token)
    await office.accounts.admin.disable(ada, bob.user.id)
    assert await office.accounts.keys.find(made.token) is None
    assert KeysRevoked(bob.user.id, frozenset({made.card.id})) in office.events
    await office.accounts.admin.enable(ada, bob.user.id)
    assert await office.accounts.keys.find(made.token) is None

    again = await office.accounts.keys.create(bob, ASKING)
    failure = Failure(
        attempt_number=1,
        code="busy",
        detail="",
        stage="reading",
        backend="b",
        model="m",
        account_id=bob.user.id,
        created_at=NOON,
    )
    await office.database.write(lambda session: record_failure(session, failure))
    await office.accounts.admin.delete(ada, bob.user.id)
    assert await office.accounts.keys.find(again.token) is None
    assert await kept(office, bob) == []
    assert (await office.database.read(every_row))["failure"] == []


async def test_the_last_use_is_noted_once_a_minute(office: Office) -> None:
    ada = await office.admin()
    made = await office.accounts.keys.create(ada, ASKING)
    assert (await kept(office, ada))[0].used_at is None
    for seconds, noted in ((0, 0), (30, 0), (30, 60), (59, 60), (1, 120)):
        office.time.go_on(seconds=seconds)
        await office.accounts.keys.find(made.token)
        assert (await kept(office, ada))[0].used_at == NOON + timedelta(seconds=noted)


async def test_a_wish_that_makes_no_sense_is_refused(office: Office) -> None:
    ada, ask = await office.admin(), frozenset({KeyScope.ASK})
    with pytest.raises(InvalidInput):
        KeyWish("x", frozenset())
    with pytest.raises(InvalidInput):
        KeyWish("x", ask, most=0)
    with pytest.raises(InvalidInput):
        KeyWish("x", ask, timedelta())
    with pytest.raises(NameRefused):
        await office.accounts.keys.create(ada, KeyWish(" ", ask))
    for number in range(50):
        life = timedelta(days=1) if number == 0 else None
        await office.accounts.keys.create(ada, KeyWish(f"key {number}", ask, life))
    with pytest.raises(InvalidInput):
        await office.accounts.keys.create(ada, ASKING)
    office.time.go_on(days=1)  # what has expired makes room
    await office.accounts.keys.create(ada, ASKING)


def test_keys_are_made_and_revoked_at_the_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ["--data", str(tmp_path)]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    run_command(["admin", "create", "--name", "Ada", "--password-stdin", *data])
    token = run_command(["key", "create", "--name", "Ada", "--label", "cron", "--days", "30", *data])
    listed = run_command(["key", "list", "--name", "Ada", *data])
    prefix, label, scopes, until, used = listed.split("\t")
    assert token.startswith(prefix)
    assert (label, scopes, used) == ("cron", "ask,queue", "never used")
    assert until.startswith("until 20")
    run_command(["key", "revoke", "--name", "Ada", "--key", prefix, *data])
    assert run_command(["key", "list", "--name", "Ada", *data]) == ""
    for wrong in (["revoke", "--key", prefix], ["create", "--label", " "], ["list", "--shout"]):
        with pytest.raises(SettingsError):
            run_command(["key", *wrong, "--name", "Ada", *data])
