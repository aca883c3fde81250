"""What everybody who works on accounts shares, and the steps that are the same for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change, Changes, Store, Visit
from chatui.accounts.events import AccountClosed, LimitsChanged
from chatui.accounts.names import fold
from chatui.accounts.passwords import Passwords
from chatui.accounts.people import SignedIn, user_from
from chatui.accounts.rules import AccountRules
from chatui.accounts.sessions import Sessions
from chatui.accounts.tokens import NewToken
from chatui.domain.access import Action, require
from chatui.domain.errors import AccountNotActive, Forbidden, LastAdmin, NameTaken
from chatui.domain.messages import UserId
from chatui.domain.people import AccountState, Principal
from storage import accounts, invitations
from storage.database import Clocks
from storage.tables import Account

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts below."""

    store: Store
    clocks: Clocks
    rules: AccountRules
    changes: Changes
    passwords: Passwords
    sessions: Sessions
    new_token: NewToken

    async def read(self, by: Principal, action: Action, work: Callable[[Session], T]) -> T:
        """Read what `action` is about for somebody who may; raises Forbidden."""
        require(by.user, action)

        def read(session: Session) -> T:
            require_still(session, by, action)
            return work(session)

        return await self.store.read(read)

    async def change(self, by: Principal, action: Action, work: Callable[[Change], T]) -> T:
        """Make the change that `action` is for somebody who may; raises Forbidden."""
        require(by.user, action)

        def change(made: Change) -> T:
            require_still(made.session, by, action)
            return work(made)

        return await self.changes.make(change, by.address, by.user.id)

    def set_password(self, change: Change, account: Account, password_hash: str, visit: Visit) -> SignedIn:
        """Give an account another password: every session ends, an open reset does, too, and one session begins."""
        accounts.change_account(change.session, account.id, password_hash=password_hash)
        invitations.delete_reset(change.session, account.id)
        self.sessions.close_all(change, account.id)
        change.audit(AuditAction.PASSWORD_CHANGED, account.id, by=account.id)
        return self.sessions.open(change, account, visit)


def add_person(change: Change, account: Account) -> None:
    """Keep a new account; raises NameTaken."""
    if accounts.accounts_called(change.session, account.name, fold(account.name)):
        raise NameTaken(account.name)
    accounts.add_account(change.session, account)
    change.tell(LimitsChanged(frozenset({UserId(account.id)})))


def require_active(account: Account) -> None:
    """Return when the person of an account may sign in; raises AccountNotActive."""
    if account.state != AccountState.ACTIVE:
        raise AccountNotActive(account.state)


def delete_person(desk: Desk, change: Change, account: Account) -> None:
    """Delete an account and all that belongs to it as a part of a change; raises LastAdmin."""
    desk.sessions.close_all(change, account.id)
    accounts.delete_account(change.session, account.id)
    require_admin_left(change)
    change.audit(AuditAction.ACCOUNT_DELETED, account.id)
    change.tell(AccountClosed(UserId(account.id)))


def require_still(session: Session, by: Principal, action: Action) -> None:
    """Look again whether somebody may, as things are in this transaction; raises Forbidden."""
    account = accounts.get_account(session, by.user.id)
    if account is None or account.state != AccountState.ACTIVE:
        raise Forbidden("the account is closed")
    require(user_from(account), action)


def require_admin_left(change: Change) -> None:
    """Return when somebody can still run the app after the change; raises LastAdmin."""
    if accounts.count_admins(change.session) == 0:
        raise LastAdmin("nobody would be left")
