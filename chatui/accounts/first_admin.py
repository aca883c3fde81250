"""The one-time code that makes the first admin: printed on the console, kept in memory alone."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session

from chatui.accounts.changes import Change
from chatui.accounts.events import LimitsChanged
from chatui.accounts.names import fold
from chatui.accounts.tokens import NewToken, digest
from chatui.domain.errors import NameTaken
from chatui.domain.messages import UserId
from chatui.domain.people import AccountRole
from storage import accounts
from storage.tables import Account


class FirstAdminCode:
    """At most one code, valid for `life` of the monotonic clock. Every start of the app makes another one."""

    def __init__(self, clock: Callable[[], float], life: timedelta, new_token: NewToken) -> None:
        self._clock = clock
        self._life = life
        self._new_token = new_token
        self._kept = ""
        self._until = 0.0

    def issue(self) -> str:
        """Make a code; an earlier one stops working."""
        code = self._new_token()
        self._kept = digest(code)
        self._until = self._clock() + self._life.total_seconds()
        return code

    def is_valid(self, code: str) -> bool:
        """Tell whether somebody holds the code of the moment."""
        return hmac.compare_digest(digest(code), self._kept) and self._clock() < self._until

    def void(self) -> None:
        """Let no code work any more."""
        self._kept = ""


def make_admin(change: Change, new: Account) -> Account:
    """Keep a new admin; the first one takes over the account of the local person, whose conversations stay theirs.

    Raises NameTaken.
    """
    made = _make_admin(change.session, new)
    change.tell(LimitsChanged(frozenset({UserId(made.id)})))
    return made


def _make_admin(session: Session, new: Account) -> Account:
    is_first = accounts.count_admins(session) == 0
    local = accounts.admin_without_name(session) if is_first else None
    others = accounts.accounts_called(session, new.name, fold(new.name))
    if any(local is None or found != local.id for found in others):
        raise NameTaken(new.name)
    if local is None:
        return accounts.add_account(session, new)
    accounts.change_account(
        session,
        local.id,
        name=new.name,
        sign_in_name=new.sign_in_name,
        password_hash=new.password_hash,
        role=AccountRole.ADMIN,
    )
    session.refresh(local)
    return local
