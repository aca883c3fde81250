"""What people do with their own account."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change, Visit
from chatui.accounts.desk import Desk, delete_person
from chatui.accounts.export import export_pieces
from chatui.accounts.password_rules import check_password
from chatui.accounts.people import OpenSession, SignedIn, open_session_from
from chatui.accounts.throttle import Throttle
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound, SignInFailed
from chatui.domain.people import Principal, SessionId
from storage import accounts
from storage.sessions import sessions_of
from storage.tables import Account


class OwnAccount:
    """Passwords, sessions and data of whoever asks. `erased` returns once what was deleted is off the disk."""

    def __init__(self, desk: Desk, erased: Callable[[], Awaitable[None]]) -> None:
        self._desk = desk
        self._erased = erased
        self._tries = Throttle(desk.rules.sign_in_tries)

    async def change_password(self, by: Principal, old: str, new: str, visit: Visit) -> SignedIn:
        """Set another password. Every session ends; the one that is returned goes on in the place of this one.

        Raises SignInFailed for a wrong old password, TooManyTries, PasswordRefused.
        """
        require(by.user, Action.CHANGE_PASSWORD, _own(by))
        account = await self._confirmed(by, old)
        check_password(new, account.name)
        password_hash = await self._desk.passwords.hash(new)

        def change_it(change: Change) -> SignedIn:
            now = _unchanged(change, account)
            return self._desk.set_password(change, now, password_hash, visit)

        return await self._desk.changes.make(change_it, by.address, by.user.id)

    async def sessions(self, by: Principal) -> Sequence[OpenSession]:
        """List one's own sessions, the last used first."""
        require(by.user, Action.READ_SESSIONS, _own(by))
        rows = await self._desk.store.read(lambda session: sessions_of(session, by.user.id))
        return [open_session_from(row, by.session) for row in rows]

    async def revoke_session(self, by: Principal, session_id: SessionId) -> None:
        """End one of one's own sessions; raises NotFound for any other."""
        require(by.user, Action.REVOKE_SESSION, _own(by))

        def revoke(change: Change) -> None:
            if not self._desk.sessions.close(change, by.user.id, session_id):
                raise NotFound("no such session")
            change.audit(AuditAction.SESSION_REVOKED, by.user.id)

        await self._desk.changes.make(revoke, by.address, by.user.id)

    async def revoke_other_sessions(self, by: Principal) -> int:
        """End all of one's own sessions but this one; gives how many there were."""
        require(by.user, Action.REVOKE_SESSION, _own(by))

        def revoke(change: Change) -> int:
            ended = self._desk.sessions.close_all(change, by.user.id, by.session)
            change.audit(AuditAction.SESSION_REVOKED, by.user.id, sessions=ended)
            return ended

        return await self._desk.changes.make(revoke, by.address, by.user.id)

    async def delete(self, by: Principal, password: str) -> None:
        """Delete one's own account and everything that belongs to it; returns once it is off the disk.

        Raises SignInFailed for a wrong password, TooManyTries, LastAdmin.
        """
        require(by.user, Action.DELETE_ACCOUNT, _own(by))
        account = await self._confirmed(by, password)

        def delete(change: Change) -> None:
            delete_person(self._desk, change, _unchanged(change, account))

        await self._desk.changes.make(delete, by.address, by.user.id)
        await self._erased()

    async def export(self, by: Principal) -> AsyncGenerator[str, None]:
        """Give everything that belongs to the person as one JSON document, piece by piece.

        A refusal comes in place of the first piece.
        """
        require(by.user, Action.EXPORT_ACCOUNT, _own(by))
        await self._desk.changes.make(
            lambda change: change.audit(AuditAction.DATA_EXPORTED, by.user.id), by.address, by.user.id
        )
        async with aclosing(export_pieces(self._desk.store, by.user.id, self._desk.clocks.now())) as pieces:
            async for piece in pieces:
                yield piece

    async def _confirmed(self, by: Principal, password: str) -> Account:
        """Give the account of a person who knows its password; raises SignInFailed or TooManyTries."""
        tried = self._tries.spend((("own", str(by.user.id)),), self._desk.clocks.monotonic())
        account = await self._desk.store.read(lambda session: accounts.get_account(session, by.user.id))
        if account is None:
            raise NotFound("no such account")
        verdict = await self._desk.passwords.verify(password, account.password_hash)
        if not verdict.right:
            raise SignInFailed("password")
        self._tries.give_back(tried)
        return account


def _own(by: Principal) -> Owned:
    return Owned(by.user.id)


def _unchanged(change: Change, account: Account) -> Account:
    """Give the account as it is now, unless its password changed since it was confirmed."""
    now = accounts.get_account(change.session, account.id)
    if now is None or now.password_hash != account.password_hash:
        raise SignInFailed("the password was changed meanwhile")
    return now
