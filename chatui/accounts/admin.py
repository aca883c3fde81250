"""What admins do with the accounts of others. Everything is checked again in the transaction that does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change
from chatui.accounts.desk import Desk, delete_person, require_admin_left
from chatui.accounts.events import AccountClosed, LimitsChanged
from chatui.accounts.keys import revoke_keys
from chatui.accounts.people import Person, person_from
from chatui.accounts.rules import SignUpMode
from chatui.accounts.service import SIGN_UP_SETTING
from chatui.accounts.tokens import Link, digest
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound
from chatui.domain.messages import UserId
from chatui.domain.people import AccountRole, AccountState, GroupId, Principal
from storage import accounts, audit, groups, invitations, settings
from storage.setting_tables import SettingChange
from storage.tables import Account, AuditEntry, Invitation, PasswordReset

T = TypeVar("T")

_LONGEST_PAGE = 500


class AccountAdmin:
    """Who may use the app, and as what. Raises Forbidden or NotFound for those who do not run it."""

    def __init__(self, desk: Desk, erased: Callable[[], Awaitable[None]]) -> None:
        self._desk = desk
        self._erased = erased

    async def people(self, by: Principal) -> Sequence[Person]:
        """List everybody, by name."""
        rows = await self._desk.read(by, Action.LIST_ACCOUNTS, accounts.list_accounts)
        return sorted(map(person_from, rows), key=lambda person: person.name.casefold())

    async def invite(
        self, by: Principal, role: AccountRole, group: GroupId | None = None, life: timedelta | None = None
    ) -> Link:
        """Make a link with which one person makes an account of that role and group; raises NotFound for the group."""
        token = self._desk.new_token()

        def make(change: Change) -> Link:
            if group is not None and groups.get_group(change.session, group) is None:
                raise NotFound("no such group")
            invitation = Invitation(
                token_hash=digest(token),
                role=role,
                group_id=group,
                created_by=by.user.id,
                created_at=change.at,
                expires_at=change.at + (life or self._desk.rules.invitation_life),
            )
            invitations.add_invitation(change.session, invitation)
            change.audit(AuditAction.INVITATION_MADE, role=role, invitation=str(invitation.id))
            return Link(token, invitation.expires_at, invitation.id)

        return await self._desk.change(by, Action.INVITE, make)

    async def invitations(self, by: Principal) -> Sequence[Invitation]:
        """List the invitations that nobody used yet, newest first; their tokens are not to be had any more."""
        now = self._desk.clocks.now()
        return await self._desk.read(by, Action.INVITE, lambda session: invitations.list_invitations(session, now))

    async def take_back(self, by: Principal, invitation_id: UUID) -> None:
        """Let an invitation work no more; raises NotFound."""

        def take_back(change: Change) -> None:
            if not invitations.delete_invitation(change.session, invitation_id):
                raise NotFound("no such invitation")
            change.audit(AuditAction.INVITATION_TAKEN_BACK, invitation=str(invitation_id))

        await self._desk.change(by, Action.INVITE, take_back)

    async def approve(self, by: Principal, user: UserId) -> None:
        """Let somebody in who signed up; raises NotFound for anybody who does not wait for that."""

        def approve(change: Change, account: Account) -> None:
            _require_state(account, AccountState.PENDING)
            accounts.change_account(change.session, user, state=AccountState.ACTIVE)
            change.audit(AuditAction.ACCOUNT_APPROVED, user)
            change.tell(LimitsChanged(frozenset({user})))

        await self._run_on(by, Action.APPROVE_ACCOUNT, user, approve)

    async def set_role(self, by: Principal, user: UserId, role: AccountRole) -> None:
        """Give somebody a role; all of their sessions end. Raises NotFound, LastAdmin."""

        def change_role(change: Change, account: Account) -> None:
            before = account.role
            accounts.change_account(change.session, user, role=role)
            if role is not AccountRole.ADMIN:
                invitations.delete_invitations_by(change.session, user)
            self._desk.sessions.close_all(change, user)
            require_admin_left(change)
            change.audit(AuditAction.ROLE_CHANGED, user, before=before, after=role)
            change.tell(LimitsChanged(frozenset({user})))

        await self._run_on(by, Action.CHANGE_ROLE, user, change_role)

    async def set_group(self, by: Principal, user: UserId, group: GroupId | None) -> None:
        """Put somebody into a group, or out of theirs; raises NotFound for either."""

        def change_group(change: Change, _account: Account) -> None:
            if group is not None and groups.get_group(change.session, group) is None:
                raise NotFound("no such group")
            accounts.change_account(change.session, user, group_id=group)
            change.audit(AuditAction.GROUP_JOINED, user, group=str(group) if group else None)
            change.tell(LimitsChanged(frozenset({user})))

        await self._run_on(by, Action.CHANGE_GROUP, user, change_group)

    async def disable(self, by: Principal, user: UserId) -> None:
        """Keep somebody out: sessions, keys, jobs, invitations and codes end. Raises NotFound, LastAdmin."""

        def disable(change: Change, _account: Account) -> None:
            accounts.change_account(change.session, user, state=AccountState.DISABLED)
            invitations.delete_invitations_by(change.session, user)
            invitations.delete_reset(change.session, user)
            self._desk.sessions.close_all(change, user)
            revoke_keys(change, user)
            require_admin_left(change)
            change.audit(AuditAction.ACCOUNT_DISABLED, user)
            change.tell(AccountClosed(user))

        await self._run_on(by, Action.DISABLE_ACCOUNT, user, disable)

    async def enable(self, by: Principal, user: UserId) -> None:
        """Let somebody in again; raises NotFound for anybody who is not kept out."""

        def enable(change: Change, account: Account) -> None:
            _require_state(account, AccountState.DISABLED)
            accounts.change_account(change.session, user, state=AccountState.ACTIVE)
            change.audit(AuditAction.ACCOUNT_ENABLED, user)
            change.tell(LimitsChanged(frozenset({user})))

        await self._run_on(by, Action.DISABLE_ACCOUNT, user, enable)

    async def reset_password(self, by: Principal, user: UserId) -> Link:
        """Void somebody's password and sessions, and make the code with which they set another one.

        Raises NotFound, and LastAdmin, since until then they cannot sign in.
        """
        token = self._desk.new_token()

        def reset(change: Change, account: Account) -> Link:
            if account.sign_in_name is None:
                raise NotFound("nobody signs in to that account")
            expires_at = change.at + self._desk.rules.reset_life
            accounts.change_account(change.session, user, password_hash=None)
            row = PasswordReset(account_id=user, token_hash=digest(token), expires_at=expires_at)
            invitations.set_reset(change.session, row)
            self._desk.sessions.close_all(change, user)
            require_admin_left(change)
            change.audit(AuditAction.PASSWORD_RESET, user)
            return Link(token, expires_at)

        return await self._run_on(by, Action.RESET_PASSWORD, user, reset)

    async def delete(self, by: Principal, user: UserId) -> None:
        """Delete somebody's account and all that belongs to it; returns once it is off the disk.

        A person who waits for approval is turned away so. Raises NotFound, LastAdmin.
        """

        def delete(change: Change, account: Account) -> None:
            delete_person(self._desk, change, account)

        await self._run_on(by, Action.DELETE_ACCOUNT, user, delete)
        await self._erased()

    async def set_sign_up(self, by: Principal, mode: SignUpMode) -> None:
        """Choose how somebody without an invitation gets an account."""

        def choose(change: Change) -> None:
            made = SettingChange(
                key=SIGN_UP_SETTING,
                after=mode.value,
                changed_at=change.at,
                changed_by=by.user.id,
                address=change.address,
            )
            settings.change(change.session, made)
            change.audit(AuditAction.SETTING_CHANGED, key=SIGN_UP_SETTING, value=mode.value)

        await self._desk.change(by, Action.CHANGE_SETTINGS, choose)

    async def audit_log(self, by: Principal, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
        """List what happened, newest first; `before` is the id of the last entry on the page before."""
        shown = min(limit, _LONGEST_PAGE)
        return await self._desk.read(by, Action.READ_AUDIT, lambda session: audit.list_entries(session, shown, before))

    async def record(self, by: Principal, action: Action, fact: AuditAction, detail: Mapping[str, str]) -> None:
        """Write an entry about an action that changes no account, such as the opening of a share link."""

        def record(change: Change) -> None:
            change.audit(fact, about=dict(detail))

        await self._desk.change(by, action, record)

    async def _run_on(self, by: Principal, action: Action, user: UserId, work: Callable[[Change, Account], T]) -> T:
        # Whose account it is decides what is refused; whether there is one is looked up only for those who may.
        require(by.user, action, Owned(user))

        def run(change: Change) -> T:
            account = accounts.get_account(change.session, user)
            if account is None:
                raise NotFound("no such account")
            return work(change, account)

        return await self._desk.change(by, action, run)


def _require_state(account: Account, state: AccountState) -> None:
    if account.state != state:
        raise NotFound(f"not {state}")
