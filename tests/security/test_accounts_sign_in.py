"""Signing in and out, and how long it lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import Session, select

from chatui.accounts.events import SessionsRevoked
from chatui.accounts.passwords import Verdict
from chatui.accounts.rules import AccountRules, SessionRules
from chatui.accounts.tokens import digest
from chatui.domain.errors import AccountNotActive, NotFound, SignInFailed, TooManyTries
from chatui.domain.people import Principal, SessionId
from storage.accounts import account_to_sign_in, change_account
from storage.sessions import sessions_of
from storage.tables import AccountSession
from tests.support.accounts import AWAY, HOME, PASSWORD, CountingHasher, Office, Time, open_office


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path / "data") as opened:
        yield opened


@pytest_asyncio.fixture
async def ada(office: Office) -> Principal:
    return await office.admin()


def all_sessions(session: Session) -> list[AccountSession]:
    return list(session.exec(select(AccountSession)).all())


async def test_a_session_opens_what_its_person_may(office: Office, ada: Principal) -> None:
    signed_in = await office.accounts.service.sign_in(" ADA ", PASSWORD, HOME)
    assert await office.accounts.service.user_for(signed_in.token) == ada.user
    assert signed_in.expires_at == office.time.now() + timedelta(days=7)
    assert len(signed_in.token) == 43
    assert signed_in.token not in repr(signed_in)


async def test_only_the_hash_of_a_token_is_kept(office: Office, ada: Principal) -> None:
    signed_in = await office.accounts.service.sign_in("Ada", PASSWORD, HOME)
    rows = await office.database.read(all_sessions)
    assert digest(signed_in.token) in {row.token_hash for row in rows}
    assert not any(signed_in.token in row.model_dump_json() for row in rows)
    assert await office.accounts.service.user_for(digest(signed_in.token)) is None
    assert rows[0].account_id == ada.user.id


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 43, "x" * 10_000, "\ud800", "' OR 1=1 --", "\x00"])
async def test_no_other_token_opens_anything(office: Office, ada: Principal, token: str) -> None:
    assert ada.session is not None
    assert await office.accounts.service.user_for(token) is None
    await office.accounts.service.sign_out(token, HOME.address)


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ada", "wrong"), ("Ada", ""), ("Eve", PASSWORD), ("", ""), ("Ada", PASSWORD.upper()), ("Ada", "x" * 100_000),
     ("\ud800", PASSWORD), ("x" * 100_000, PASSWORD), ("Ada", "\ud800")],
)  # fmt: skip
async def test_wrong_names_and_wrong_passwords_look_the_same(office: Office, name: str, password: str) -> None:
    ada = await office.admin()
    writes = len(await office.entries())
    office.hasher.asked.clear()
    with pytest.raises(SignInFailed) as refusal:
        await office.accounts.service.sign_in(name, password, HOME)
    assert str(refusal.value) == "name or password"
    assert office.hasher.asked == {"verify": 1}
    (entry,) = (await office.entries())[writes:]
    assert (entry.action, entry.actor_id) == ("sign_in_failed", None)
    assert entry.subject_id == (ada.user.id if name == "Ada" else None)
    assert (entry.address, entry.detail) == (HOME.address, {})


async def test_five_wrong_ones_delay_and_the_quarter_of_an_hour_ends(office: Office, ada: Principal) -> None:
    assert ada.session is not None
    for _ in range(5):
        with pytest.raises(SignInFailed):
            await office.accounts.service.sign_in("Ada", "wrong", AWAY)
    office.hasher.asked.clear()
    with pytest.raises(TooManyTries) as refusal:
        await office.accounts.service.sign_in("Ada", PASSWORD, AWAY)
    assert refusal.value.retry_after == timedelta(minutes=15)
    assert not office.hasher.asked
    assert await office.signed_in("Ada", HOME)  # who has been at home before is not kept out by a stranger
    office.time.go_on(minutes=15)
    assert await office.signed_in("Ada", AWAY)


async def test_one_address_cannot_go_through_the_names(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob", visit=AWAY)
    for name in ("a", "b", "c", "d", "e"):
        with pytest.raises(SignInFailed):
            await office.accounts.service.sign_in(name, PASSWORD, AWAY)
    with pytest.raises(TooManyTries):
        await office.accounts.service.sign_in("Ada", PASSWORD, AWAY)
    assert (await office.signed_in("Bob", AWAY)).user == bob.user  # a colleague behind the same router


async def test_a_hundred_at_once_get_five_tries(office: Office, ada: Principal) -> None:
    assert ada.session is not None
    tries = [office.accounts.service.sign_in("Ada", f"wrong {n}", AWAY) for n in range(100)]
    outcomes = [type(outcome) for outcome in await asyncio.gather(*tries, return_exceptions=True)]
    assert sorted(map(outcomes.count, {SignInFailed, TooManyTries})) == [5, 95]
    assert office.hasher.asked["verify"] == 5 + 1


async def test_who_was_signed_in_is_known_after_a_restart(tmp_path: Path) -> None:
    async with open_office(tmp_path / "data") as office:
        await office.admin()
    async with open_office(tmp_path / "data") as office:
        for name in ("a", "b", "c", "d", "e"):
            with pytest.raises(SignInFailed):
                await office.accounts.service.sign_in(name, "wrong", HOME)
        assert await office.signed_in("Ada")


async def test_twelve_idle_hours_end_a_session(office: Office, ada: Principal) -> None:
    token = (await office.accounts.service.sign_in("Ada", PASSWORD, HOME)).token
    for _ in range(3):
        office.time.go_on(hours=11.9)
        assert await office.accounts.service.user_for(token) == ada.user
        await office.accounts.desk.sessions.settle()
    office.time.go_on(hours=12)
    assert await office.accounts.service.user_for(token) is None


async def test_a_week_ends_a_session_however_much_it_was_used(office: Office, ada: Principal) -> None:
    token = (await office.accounts.service.sign_in("Ada", PASSWORD, HOME)).token
    for _ in range(6 * 24 + 23):
        office.time.go_on(hours=1)
        assert await office.accounts.service.user_for(token) == ada.user
        await office.accounts.desk.sessions.settle()
    office.time.go_on(hours=1)
    assert await office.accounts.service.user_for(token) is None


async def test_what_is_too_old_is_purged_and_told(office: Office, ada: Principal) -> None:
    office.time.go_on(hours=6)
    stays = await office.signed_in("Ada")
    office.time.go_on(hours=6)
    await office.accounts.service.purge()
    assert ada.session is not None
    assert office.events == [SessionsRevoked(ada.user.id, frozenset({ada.session}))]
    assert [row.id for row in await office.database.read(all_sessions)] == [stays.session]


async def test_use_is_written_once_a_minute(office: Office, ada: Principal) -> None:
    token = (await office.accounts.service.sign_in("Ada", PASSWORD, HOME)).token
    used = []
    for _ in range(150):
        office.time.go_on(seconds=2)
        await office.accounts.service.user_for(token)
        await office.accounts.desk.sessions.settle()
        rows = await office.database.read(lambda session: sessions_of(session, ada.user.id))
        used.append(rows[0].used_at)
    assert len(set(used)) == 6
    assert used[-1] == office.time.now()


async def test_a_found_session_is_remembered_for_a_second(office: Office, ada: Principal) -> None:
    token = (await office.accounts.service.sign_in("Ada", PASSWORD, HOME)).token
    reads = 0
    read = office.database.read

    async def counted(work: object) -> object:
        nonlocal reads
        reads += 1
        return await read(work)  # type: ignore[arg-type]

    office.database.read = counted  # type: ignore[method-assign, assignment]
    for _ in range(50):
        assert await office.accounts.service.user_for(token) == ada.user
    assert reads == 1
    office.time.go_on(seconds=1)
    assert await office.accounts.service.user_for(token) == ada.user
    assert reads == 2


async def test_signing_out_ends_the_session_at_once(office: Office, ada: Principal) -> None:
    signed_in = await office.accounts.service.sign_in("Ada", PASSWORD, HOME)
    assert await office.accounts.service.user_for(signed_in.token)
    await office.accounts.service.sign_out(signed_in.token, HOME.address)
    assert await office.accounts.service.user_for(signed_in.token) is None
    assert office.events == [SessionsRevoked(ada.user.id, frozenset({signed_in.session}))]
    await office.accounts.service.sign_out(signed_in.token, HOME.address)
    assert (await office.actions())[-1:] == ["signed_out"]


async def test_what_was_revoked_while_it_was_looked_up_is_not_remembered(
    office: Office, ada: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await office.accounts.service.sign_in("Ada", PASSWORD, HOME)).token
    read, looked_up, go_on = office.database.read, asyncio.Event(), asyncio.Event()

    async def slow(work: Callable[[Session], Any]) -> Any:
        found = await read(work)
        looked_up.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(office.database, "read", slow)
    looking = asyncio.create_task(office.accounts.service.user_for(token))
    await looked_up.wait()
    await office.accounts.own.revoke_other_sessions(ada)
    go_on.set()
    assert await looking == ada.user  # as it was when it asked
    assert await office.accounts.service.user_for(token) is None


async def test_a_session_of_a_closed_account_opens_nothing(office: Office, ada: Principal) -> None:
    token = (await office.accounts.service.sign_in("Ada", PASSWORD, HOME)).token
    await office.database.write(lambda session: change_account(session, ada.user.id, state="disabled"))
    assert await office.accounts.service.user_for(token) is None


@pytest.mark.parametrize("what", ["sign in", "delete", "change"])
async def test_a_password_that_is_void_by_now_opens_nothing(
    office: Office, ada: Principal, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    bob = await office.member(ada, "Bob")
    passwords = office.accounts.desk.passwords
    verify = passwords.verify

    async def overtaken(password: str, kept: str | None) -> Verdict:
        verdict = await verify(password, kept)
        await office.accounts.admin.reset_password(ada, bob.user.id)
        return verdict

    monkeypatch.setattr(passwords, "verify", overtaken)
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "sign in": lambda: office.accounts.service.sign_in("Bob", PASSWORD, HOME),
        "delete": lambda: office.accounts.own.delete(bob, PASSWORD),
        "change": lambda: office.accounts.own.change_password(bob, PASSWORD, "another of my own", HOME),
    }
    with pytest.raises(SignInFailed):
        await ways[what]()
    assert [person.name for person in await office.accounts.admin.people(ada)] == ["Ada", "Bob"]
    assert await office.accounts.own.sessions(bob) == []


async def test_the_twenty_first_session_ends_the_first(office: Office) -> None:
    await office.accounts.service.create_admin("Ada", PASSWORD)
    opened = []
    for _ in range(22):
        office.time.go_on(seconds=1)
        opened.append(await office.accounts.service.sign_in("Ada", PASSWORD, HOME))
    assert [await office.accounts.service.user_for(each.token) is not None for each in opened] == [False] * 2 + [
        True
    ] * 20
    assert [event.sessions for event in office.events if isinstance(event, SessionsRevoked)] == [
        frozenset({each.session}) for each in opened[:2]
    ]


async def test_people_see_and_end_their_own_sessions_alone(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    office.time.go_on(minutes=1)
    elsewhere = await office.accounts.service.sign_in("Bob", PASSWORD, AWAY)
    shown = await office.accounts.own.sessions(bob)
    assert [(each.address, each.device, each.is_this) for each in shown] == [
        (AWAY.address, AWAY.device, False), (HOME.address, HOME.device, True)
    ]  # fmt: skip
    assert ada.session is not None
    for other in (ada.session, SessionId(ada.user.id)):
        with pytest.raises(NotFound):
            await office.accounts.own.revoke_session(bob, other)
    assert not office.events
    await office.accounts.own.revoke_session(bob, elsewhere.session)
    assert await office.accounts.service.user_for(elsewhere.token) is None
    assert len(await office.accounts.own.sessions(bob)) == len(await office.accounts.own.sessions(ada)) == 1


async def test_another_password_ends_every_session_and_begins_one(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    old = await office.accounts.service.sign_in("Bob", PASSWORD, AWAY)
    assert await office.accounts.service.user_for(old.token)
    with pytest.raises(SignInFailed):
        await office.accounts.own.change_password(bob, "wrong", "another of my own", HOME)
    new = await office.accounts.own.change_password(bob, PASSWORD, "another of my own", HOME)
    assert bob.session is not None
    assert office.events == [SessionsRevoked(bob.user.id, frozenset({bob.session, old.session}))]
    assert await office.accounts.service.user_for(old.token) is None
    assert await office.accounts.service.user_for(new.token) == bob.user
    with pytest.raises(SignInFailed):
        await office.accounts.service.sign_in("Bob", PASSWORD, HOME)
    assert await office.accounts.service.sign_in("Bob", "another of my own", HOME)


async def test_a_session_that_was_taken_over_cannot_guess_the_password(office: Office, ada: Principal) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            await office.accounts.own.change_password(ada, "wrong", "another of my own", HOME)
    with pytest.raises(TooManyTries):
        await office.accounts.own.delete(ada, PASSWORD)


async def test_an_outdated_hash_is_renewed_at_the_next_sign_in(office: Office, ada: Principal) -> None:
    old = CountingHasher(memory_kib=32).hash(PASSWORD.encode())
    await office.database.write(lambda session: change_account(session, ada.user.id, password_hash=old))
    await office.signed_in("Ada")
    account = await office.database.read(lambda session: account_to_sign_in(session, "ada"))
    assert account is not None
    assert account.password_hash is not None
    assert "m=64,t=1" in account.password_hash
    assert await office.signed_in("Ada")


async def test_a_closed_account_says_so_only_to_its_person(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    await office.accounts.admin.disable(ada, bob.user.id)
    with pytest.raises(SignInFailed):
        await office.accounts.service.sign_in("Bob", "wrong", HOME)
    with pytest.raises(AccountNotActive) as refusal:
        await office.accounts.service.sign_in("Bob", PASSWORD, HOME)
    assert refusal.value.state == "disabled"


async def test_a_change_is_made_and_told_although_its_caller_has_gone(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    disabling = asyncio.create_task(office.accounts.admin.disable(ada, bob.user.id))
    await asyncio.sleep(0)
    disabling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await disabling
    await office.accounts.desk.changes.settle()
    assert bob.session is not None
    assert SessionsRevoked(bob.user.id, frozenset({bob.session})) in office.events


async def test_the_rules_come_from_the_settings(tmp_path: Path) -> None:
    rules = AccountRules(sessions=SessionRules(idle=timedelta(minutes=5), most=1))
    time = Time()
    async with open_office(tmp_path / "data", rules, time=time) as office:
        await office.accounts.service.create_admin("Ada", PASSWORD)
        first = await office.accounts.service.sign_in("Ada", PASSWORD, HOME)
        time.go_on(seconds=1)
        second = await office.accounts.service.sign_in("Ada", PASSWORD, HOME)
        assert await office.accounts.service.user_for(first.token) is None
        time.go_on(minutes=5)
        assert await office.accounts.service.user_for(second.token) is None
