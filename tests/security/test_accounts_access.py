"""Every method of accounts, tried by those who may not."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from chatui.accounts.admin import AccountAdmin
from chatui.accounts.audit import AuditAction
from chatui.accounts.groups import GroupAdmin
from chatui.accounts.limits import GroupLimits
from chatui.accounts.own_account import OwnAccount
from chatui.accounts.rules import SignUpMode
from chatui.domain.access import Action
from chatui.domain.errors import Forbidden, NotFound, SignInFailed
from chatui.domain.messages import UserId
from chatui.domain.people import AccountRole, GroupId, Principal, SessionId
from tests.support.accounts import HOME, PASSWORD, Office, open_office

ANY = GroupId(uuid4())
Call = Callable[[Any, Principal, UserId], Awaitable[object]]

# What belongs to an account is not found; what everybody knows to be there is forbidden.
ON_SOMEBODY: dict[str, Call] = {
    "approve": lambda admin, by, user: admin.approve(by, user),
    "set_role": lambda admin, by, user: admin.set_role(by, user, AccountRole.ADMIN),
    "set_group": lambda admin, by, user: admin.set_group(by, user, None),
    "disable": lambda admin, by, user: admin.disable(by, user),
    "enable": lambda admin, by, user: admin.enable(by, user),
    "reset_password": lambda admin, by, user: admin.reset_password(by, user),
    "delete": lambda admin, by, user: admin.delete(by, user),
}
IN_GENERAL: dict[str, Call] = {
    "people": lambda admin, by, _: admin.people(by),
    "invite": lambda admin, by, _: admin.invite(by, AccountRole.ADMIN),
    "invitations": lambda admin, by, _: admin.invitations(by),
    "take_back": lambda admin, by, _: admin.take_back(by, uuid4()),
    "set_sign_up": lambda admin, by, _: admin.set_sign_up(by, SignUpMode.OPEN),
    "audit_log": lambda admin, by, _: admin.audit_log(by, 10),
    "record": lambda admin, by, _: admin.record(by, Action.OPEN_SHARE_LINK, AuditAction.SHARE_LINK_OPENED, {}),
}
ON_GROUPS: dict[str, Call] = {
    "groups": lambda groups, by, _: groups.groups(by),
    "create": lambda groups, by, _: groups.create(by, "Mine", GroupLimits()),
    "change": lambda groups, by, _: groups.change(by, ANY, "Mine", GroupLimits()),
    "delete": lambda groups, by, _: groups.delete(by, ANY),
}
CALLS = {
    **{f"admin.{name}": ("admin", call) for name, call in (ON_SOMEBODY | IN_GENERAL).items()},
    **{f"groups.{name}": ("groups", call) for name, call in ON_GROUPS.items()},
}
LOWER = [AccountRole.MEMBER, AccountRole.VIEWER]


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path / "data") as opened:
        yield opened


@pytest_asyncio.fixture
async def ada(office: Office) -> Principal:
    return await office.admin()


def public(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_every_method_of_an_admin_is_tried() -> None:
    assert public(AccountAdmin) == {*ON_SOMEBODY, *IN_GENERAL}
    assert public(GroupAdmin) == set(ON_GROUPS)
    for kind in (AccountAdmin, GroupAdmin, OwnAccount):
        for name in public(kind):
            assert next(iter(list(inspect.signature(getattr(kind, name)).parameters)[1:])) == "by"


@pytest.mark.parametrize("role", LOWER)
@pytest.mark.parametrize("name", ON_SOMEBODY)
async def test_nobody_else_touches_an_account(office: Office, ada: Principal, role: AccountRole, name: str) -> None:
    eve, bob = await office.member(ada, "Eve", role), await office.member(ada, "Bob")
    before = (await office.accounts.admin.people(ada), await office.actions())
    for user in (bob.user.id, ada.user.id, UserId(uuid4())):
        with pytest.raises(NotFound):
            await ON_SOMEBODY[name](office.accounts.admin, eve, user)
    if name != "delete":
        with pytest.raises(Forbidden):
            await ON_SOMEBODY[name](office.accounts.admin, eve, eve.user.id)
    assert (await office.accounts.admin.people(ada), await office.actions()) == before
    assert office.events == []


@pytest.mark.parametrize("role", LOWER)
@pytest.mark.parametrize("name", sorted(CALLS.keys() - {f"admin.{name}" for name in ON_SOMEBODY}))
async def test_nobody_else_runs_the_app(office: Office, ada: Principal, role: AccountRole, name: str) -> None:
    eve = await office.member(ada, "Eve", role)
    before = await office.actions()
    part, call = CALLS[name]
    with pytest.raises(Forbidden):
        await call(getattr(office.accounts, part), eve, eve.user.id)
    assert await office.actions() == before


@pytest.mark.parametrize("how", ["demoted", "disabled", "deleted"])
@pytest.mark.parametrize("name", CALLS)
async def test_an_admin_of_a_moment_ago_is_none(office: Office, ada: Principal, name: str, how: str) -> None:
    """The principal was made before, as an open WebSocket would hold it."""
    bob, cyd = await office.member(ada, "Bob", AccountRole.ADMIN), await office.member(ada, "Cyd")
    admin = office.accounts.admin
    await {
        "demoted": lambda: admin.set_role(ada, bob.user.id, AccountRole.MEMBER),
        "disabled": lambda: admin.disable(ada, bob.user.id),
        "deleted": lambda: admin.delete(ada, bob.user.id),
    }[how]()
    before = (await admin.people(ada), await office.actions())
    part, call = CALLS[name]
    with pytest.raises(Forbidden):
        await call(getattr(office.accounts, part), bob, cyd.user.id)
    assert (await admin.people(ada), await office.actions()) == before


async def test_what_is_my_own_is_decided_by_who_asks(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    with pytest.raises(NotFound):
        await office.accounts.allowances.usage(bob.user, ada.user.id, date.min, date.max)
    assert await office.accounts.allowances.usage(ada.user, bob.user.id, date.min, date.max) == []
    gone = replace(bob, user=replace(bob.user, id=UserId(uuid4())), session=SessionId(uuid4()))
    with pytest.raises(NotFound):
        await office.accounts.own.change_password(gone, PASSWORD, "another of my own", HOME)
    with pytest.raises(NotFound):
        await office.accounts.own.delete(gone, PASSWORD)
    assert await office.accounts.own.sessions(gone) == []


async def test_a_reset_account_has_no_password_that_fits(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    await office.accounts.admin.reset_password(ada, bob.user.id)
    for password in (PASSWORD, "", "None"):
        with pytest.raises(SignInFailed):
            await office.accounts.own.delete(bob, password)


async def test_changes_of_role_and_group_are_seen_at_once(office: Office, ada: Principal) -> None:
    bob = await office.member(ada, "Bob")
    token = (await office.accounts.service.sign_in("Bob", PASSWORD, HOME)).token
    assert await office.accounts.service.user_for(token) == bob.user
    group = await office.accounts.groups.create(ada, "Kitchen", GroupLimits())
    await office.accounts.admin.set_group(ada, bob.user.id, group.id)
    assert await office.accounts.service.user_for(token) == replace(bob.user, group=group.id)
    await office.accounts.admin.set_role(ada, bob.user.id, AccountRole.VIEWER)
    assert await office.accounts.service.user_for(token) is None
