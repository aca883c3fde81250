"""Accounts as the rest of the product sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from chatui.domain.messages import UserId
from chatui.domain.people import AccountRole, AccountState, GroupId, SessionId, User
from storage.tables import Account, AccountSession


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was just opened. The token goes into the cookie, which the browser may keep until `expires_at`."""

    token: str = field(repr=False)
    user: User
    session: SessionId
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its person sees it in a list; `is_this` marks the one that asks."""

    id: SessionId
    address: str
    device: str
    created_at: datetime
    used_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class Person:
    """An account as an admin sees it in a list."""

    id: UserId
    name: str
    role: AccountRole
    state: AccountState
    group: GroupId | None
    created_at: datetime
    has_password: bool


def user_from(account: Account) -> User:
    """Give the user of an account."""
    return User(UserId(account.id), account.name, AccountRole(account.role), group_id(account))


def person_from(account: Account) -> Person:
    """Give an account as an admin sees it."""
    return Person(
        id=UserId(account.id),
        name=account.name,
        role=AccountRole(account.role),
        state=AccountState(account.state),
        group=group_id(account),
        created_at=account.created_at,
        has_password=account.password_hash is not None,
    )


def open_session_from(row: AccountSession, this: SessionId | None) -> OpenSession:
    """Give a session as its person sees it."""
    return OpenSession(SessionId(row.id), row.address, row.device, row.created_at, row.used_at, is_this=row.id == this)


def group_id(account: Account) -> GroupId | None:
    """Tell the group of an account."""
    return GroupId(account.group_id) if account.group_id else None
