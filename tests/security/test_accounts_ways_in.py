"""The ways to an account: the first admin, invitations, signing up, and a password that was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from chatui.accounts.events import AccountClosed
from chatui.accounts.limits import GroupLimits
from chatui.accounts.people import SignedIn
from chatui.accounts.rules import AccountRules, SignUpMode
from chatui.domain.errors import (
    AccountNotActive,
    LastAdmin,
    LinkInvalid,
    NameRefused,
    NameTaken,
    NotFound,
    PasswordRefused,
    Refused,
    SignInFailed,
    SignUpClosed,
    TooManyTries,
)
from chatui.domain.people import AccountRole, AccountState, Principal
from storage.accounts import ensure_account, list_accounts
from storage.conversations import create_conversation, list_conversations
from tests.support.accounts import AWAY, HOME, NOON, PASSWORD, Office, open_office


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path / "data") as opened:
        yield opened


@pytest_asyncio.fixture
async def ada(office: Office) -> Principal:
    return await office.admin()


async def code_of(office: Office) -> str:
    code = await office.accounts.service.first_admin_code()
    assert code is not None
    return code


async def test_nobody_is_there_at_the_first_start(office: Office) -> None:
    assert not await office.accounts.service.has_admin()
    for name in ("admin", "root", "local", "Ada"):
        with pytest.raises(SignInFailed):
            await office.accounts.service.sign_in(name, "admin", HOME)


async def test_the_code_makes_the_first_admin_once(office: Office) -> None:
    code = await code_of(office)
    signed_in = await office.accounts.service.claim_first_admin(code, "Ada", PASSWORD, HOME)
    assert signed_in.user.role is AccountRole.ADMIN
    assert await office.accounts.service.user_for(signed_in.token) == signed_in.user
    assert await office.accounts.service.first_admin_code() is None
    with pytest.raises(LinkInvalid):
        await office.accounts.service.claim_first_admin(code, "Eve", PASSWORD, AWAY)
    assert await office.actions() == ["admin_made"]


async def test_of_many_at_once_one_becomes_the_admin(office: Office) -> None:
    code = await code_of(office)
    claims = [office.accounts.service.claim_first_admin(code, f"Ada {n}", PASSWORD, HOME) for n in range(12)]
    outcomes = await asyncio.gather(*claims, return_exceptions=True)
    assert len([each for each in outcomes if isinstance(each, SignedIn)]) == 1
    assert len([each for each in outcomes if isinstance(each, LinkInvalid)]) == 11
    assert len(await office.database.read(list_accounts)) == 1


async def test_the_code_works_for_a_quarter_of_an_hour_and_is_made_anew(office: Office) -> None:
    first = await code_of(office)
    office.time.go_on(minutes=15)
    with pytest.raises(LinkInvalid):
        await office.accounts.service.claim_first_admin(first, "Eve", PASSWORD, HOME)
    second, third = await code_of(office), await code_of(office)
    for old in (first, second, "", "nonsense", third[:-1], "\ud800"):
        with pytest.raises(LinkInvalid):
            await office.accounts.service.claim_first_admin(old, "Eve", PASSWORD, HOME)
    office.time.go_on(minutes=14, seconds=59)
    assert await office.accounts.service.claim_first_admin(third, "Ada", PASSWORD, HOME)


async def test_a_mistake_leaves_the_code_as_it_was(office: Office) -> None:
    code = await code_of(office)
    with pytest.raises(PasswordRefused):
        await office.accounts.service.claim_first_admin(code, "Ada", "password", HOME)
    with pytest.raises(NameRefused):
        await office.accounts.service.claim_first_admin(code, " ", PASSWORD, HOME)
    assert await office.accounts.service.claim_first_admin(code, "Ada", PASSWORD, HOME)


@pytest.mark.parametrize("name", ["Ada", "local", "LOCAL"])
async def test_the_first_admin_keeps_what_was_asked_before_there_were_accounts(tmp_path: Path, name: str) -> None:
    async with open_office(tmp_path / "data") as office:
        local = await office.database.write(lambda session: ensure_account(session, "local", "admin", NOON))
        await office.database.write(lambda session: create_conversation(session, local.id, "Tea", NOON))
        assert not await office.accounts.service.has_admin()
        signed_in = await office.accounts.service.claim_first_admin(await code_of(office), name, PASSWORD, HOME)
        assert (signed_in.user.id, signed_in.user.name) == (local.id, name)
        owned = await office.database.read(lambda session: list_conversations(session, signed_in.user.id, 10))
        assert [conversation.title for conversation in owned] == ["Tea"]
        second = await office.accounts.service.create_admin("Bob", PASSWORD)
        assert second.id != local.id
    async with open_office(tmp_path / "data") as office:
        assert await office.accounts.service.first_admin_code() is None


async def test_a_script_makes_admins(office: Office) -> None:
    made = await office.accounts.service.create_admin("Ada", PASSWORD)
    assert (await office.signed_in("Ada")).user == made
    with pytest.raises(NameTaken):
        await office.accounts.service.create_admin("ADA", PASSWORD)
    with pytest.raises(PasswordRefused):
        await office.accounts.service.create_admin("Bob", "password")
    (entry, _) = await office.entries()
    assert (entry.action, entry.actor_id, entry.address) == ("admin_made", None, "console")


async def test_an_invitation_makes_one_account_of_its_role_and_group(office: Office, ada: Principal) -> None:
    group = await office.accounts.groups.create(ada, "Kitchen", GroupLimits())
    link = await office.accounts.admin.invite(ada, AccountRole.VIEWER, group.id)
    assert link.expires_at == NOON + timedelta(days=7)
    signed_in = await office.accounts.service.accept_invitation(link.token, "Bob", PASSWORD, HOME)
    assert (signed_in.user.role, signed_in.user.group) == (AccountRole.VIEWER, group.id)
    with pytest.raises(LinkInvalid):
        await office.accounts.service.accept_invitation(link.token, "Eve", PASSWORD, HOME)
    assert await office.accounts.admin.invitations(ada) == []


async def test_of_many_at_once_one_accepts(office: Office, ada: Principal) -> None:
    link = await office.accounts.admin.invite(ada, AccountRole.MEMBER)
    accepting = [office.accounts.service.accept_invitation(link.token, f"Bob {n}", PASSWORD, HOME) for n in range(12)]
    outcomes = await asyncio.gather(*accepting, return_exceptions=True)
    assert [type(each) for each in outcomes].count(SignedIn) == 1
    assert [type(each) for each in outcomes].count(LinkInvalid) == 11
    assert len(await office.accounts.admin.people(ada)) == 2


async def test_a_mistake_leaves_the_invitation_as_it_was(office: Office, ada: Principal) -> None:
    link = await office.accounts.admin.invite(ada, AccountRole.MEMBER)
    for name, password, refusal in (("ada", PASSWORD, NameTaken), ("Bob", "12345678", PasswordRefused)):
        with pytest.raises(refusal):
            await office.accounts.service.accept_invitation(link.token, name, password, HOME)
    (kept,) = await office.accounts.admin.invitations(ada)
    assert kept.id == link.id
    assert link.token not in kept.model_dump_json()
    assert await office.accounts.service.accept_invitation(link.token, "Bob", PASSWORD, HOME)


async def test_invitations_end(office: Office, ada: Principal) -> None:
    invite = office.accounts.admin.invite
    old, taken_back = (
        await invite(ada, AccountRole.MEMBER, life=timedelta(hours=1)),
        await invite(ada, AccountRole.MEMBER),
    )
    assert taken_back.id is not None
    await office.accounts.admin.take_back(ada, taken_back.id)
    with pytest.raises(NotFound):
        await office.accounts.admin.take_back(ada, taken_back.id)
    office.time.go_on(hours=1)
    for link in (old, taken_back):
        with pytest.raises(LinkInvalid):
            await office.accounts.service.accept_invitation(link.token, "Bob", PASSWORD, HOME)


@pytest.mark.parametrize("how", ["demoted", "disabled", "deleted"])
async def test_invitations_end_with_the_admin_who_made_them(office: Office, ada: Principal, how: str) -> None:
    bob = await office.member(ada, "Bob", AccountRole.ADMIN)
    link = await office.accounts.admin.invite(bob, AccountRole.ADMIN)
    admin = office.accounts.admin
    await {
        "demoted": lambda: admin.set_role(ada, bob.user.id, AccountRole.MEMBER),
        "disabled": lambda: admin.disable(ada, bob.user.id),
        "deleted": lambda: admin.delete(ada, bob.user.id),
    }[how]()
    with pytest.raises(LinkInvalid):
        await office.accounts.service.accept_invitation(link.token, "Eve", PASSWORD, HOME)


async def test_links_cannot_be_guessed_for_long(office: Office, ada: Principal) -> None:
    link = await office.accounts.admin.invite(ada, AccountRole.MEMBER)
    for n in range(20):
        with pytest.raises(LinkInvalid):
            await office.accounts.service.accept_invitation(f"guess {n}", "Eve", PASSWORD, AWAY)
    with pytest.raises(TooManyTries):
        await office.accounts.service.accept_invitation(link.token, "Eve", PASSWORD, AWAY)
    assert office.hasher.asked["hash"] == 2  # the admin's, and the one for unknown names
    assert await office.accounts.service.accept_invitation(link.token, "Bob", PASSWORD, HOME)


async def test_sign_up_is_closed_until_an_admin_opens_it(office: Office, ada: Principal) -> None:
    assert await office.accounts.service.sign_up_mode() is SignUpMode.CLOSED
    with pytest.raises(SignUpClosed):
        await office.accounts.service.sign_up("Bob", PASSWORD, HOME)
    await office.accounts.admin.set_sign_up(ada, SignUpMode.OPEN)
    signed_in = await office.accounts.service.sign_up("Bob", PASSWORD, HOME)
    assert signed_in is not None
    assert signed_in.user.role is AccountRole.MEMBER
    assert await office.accounts.service.user_for(signed_in.token) == signed_in.user
    with pytest.raises(NameTaken):
        await office.accounts.service.sign_up("bob", PASSWORD, HOME)


async def test_with_approval_an_admin_lets_each_of_them_in(office: Office, ada: Principal) -> None:
    await office.accounts.admin.set_sign_up(ada, SignUpMode.APPROVAL)
    for name in ("Bob", "Eve"):
        assert await office.accounts.service.sign_up(name, PASSWORD, HOME) is None
    with pytest.raises(AccountNotActive) as refusal:
        await office.accounts.service.sign_in("Bob", PASSWORD, HOME)
    assert refusal.value.state == "pending"
    people = {person.name: person for person in await office.accounts.admin.people(ada)}
    assert people["Bob"].state is people["Eve"].state is AccountState.PENDING
    await office.accounts.admin.approve(ada, people["Bob"].id)
    await office.accounts.admin.delete(ada, people["Eve"].id)
    assert await office.signed_in("Bob")
    with pytest.raises(SignInFailed):
        await office.accounts.service.sign_in("Eve", PASSWORD, HOME)
    with pytest.raises(NotFound):
        await office.accounts.admin.approve(ada, people["Bob"].id)


async def test_only_so_many_wait_for_approval(tmp_path: Path) -> None:
    rules = AccountRules(sign_up=SignUpMode.APPROVAL, most_pending=2)
    async with open_office(tmp_path / "data", rules) as office:
        for name in ("Bob", "Cyd"):
            await office.accounts.service.sign_up(name, PASSWORD, HOME)
        with pytest.raises(SignUpClosed):
            await office.accounts.service.sign_up("Eve", PASSWORD, HOME)


async def test_what_the_admin_chose_outlives_a_restart(tmp_path: Path) -> None:
    async with open_office(tmp_path / "data") as office:
        await office.accounts.admin.set_sign_up(await office.admin(), SignUpMode.OPEN)
    async with open_office(tmp_path / "data") as office:
        assert await office.accounts.service.sign_up_mode() is SignUpMode.OPEN


async def test_a_lost_password_is_set_anew_with_a_code(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    old = await office.accounts.service.sign_in("Bob", PASSWORD, AWAY)
    first = await office.accounts.admin.reset_password(ada, bob.user.id)
    link = await office.accounts.admin.reset_password(ada, bob.user.id)
    assert await office.accounts.service.user_for(old.token) is None
    with pytest.raises(SignInFailed):
        await office.accounts.service.sign_in("Bob", PASSWORD, AWAY)
    with pytest.raises(PasswordRefused):
        await office.accounts.service.use_reset(link.token, "bob12345", AWAY)
    signed_in = await office.accounts.service.use_reset(link.token, "another of my own", AWAY)
    assert signed_in.user == bob.user
    for used in (first, link):
        with pytest.raises(LinkInvalid):
            await office.accounts.service.use_reset(used.token, "a third of my own", AWAY)
    assert await office.accounts.service.sign_in("Bob", "another of my own", AWAY)


async def test_a_code_lasts_a_day_and_dies_with_the_account(office: Office, ada: Principal) -> None:
    bob, cyd = await office.member(ada, "Bob"), await office.member(ada, "Cyd")
    late = await office.accounts.admin.reset_password(ada, bob.user.id)
    dead = await office.accounts.admin.reset_password(ada, cyd.user.id)
    await office.accounts.admin.disable(ada, cyd.user.id)
    await office.accounts.admin.enable(ada, cyd.user.id)
    with pytest.raises(LinkInvalid):
        await office.accounts.service.use_reset(dead.token, "another of my own", HOME)
    office.time.go_on(days=1)
    with pytest.raises(LinkInvalid):
        await office.accounts.service.use_reset(late.token, "another of my own", HOME)


async def test_of_many_at_once_one_uses_the_code(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    link = await office.accounts.admin.reset_password(ada, bob.user.id)
    using = [office.accounts.service.use_reset(link.token, f"my own number {n}", HOME) for n in range(8)]
    outcomes = await asyncio.gather(*using, return_exceptions=True)
    assert [type(each) for each in outcomes].count(SignedIn) == 1
    assert [type(each) for each in outcomes].count(LinkInvalid) == 7


@pytest.mark.parametrize("how", ["demote", "disable", "delete", "reset", "leave"])
async def test_the_last_admin_stays(office: Office, ada: Principal, how: str) -> None:
    await office.member(ada, "Bob")
    admin, last = office.accounts.admin, ada.user.id
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "demote": lambda: admin.set_role(ada, last, AccountRole.MEMBER),
        "disable": lambda: admin.disable(ada, last),
        "delete": lambda: admin.delete(ada, last),
        "reset": lambda: admin.reset_password(ada, last),
        "leave": lambda: office.accounts.own.delete(ada, PASSWORD),
    }
    with pytest.raises(LastAdmin):
        await ways[how]()
    assert office.events == []
    assert len(await office.accounts.admin.people(ada)) == 2
    assert (await office.signed_in("Ada")).user == ada.user


async def test_two_admins_who_demote_each_other_leave_one(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob", AccountRole.ADMIN)
    demoting = (
        office.accounts.admin.set_role(ada, bob.user.id, AccountRole.MEMBER),
        office.accounts.admin.set_role(bob, ada.user.id, AccountRole.MEMBER),
    )
    outcomes = await asyncio.gather(*demoting, return_exceptions=True)
    assert len([each for each in outcomes if isinstance(each, Refused)]) == 1
    assert await office.accounts.service.has_admin()


async def test_jobs_of_a_closed_account_are_told_to_end(office: Office, ada: Principal) -> None:
    bob, cyd = await office.member(ada, "Bob"), await office.member(ada, "Cyd")
    await office.accounts.admin.disable(ada, bob.user.id)
    await office.accounts.own.delete(cyd, PASSWORD)
    assert [event for event in office.events if isinstance(event, AccountClosed)] == [
        AccountClosed(bob.user.id), AccountClosed(cyd.user.id)
    ]  # fmt: skip
