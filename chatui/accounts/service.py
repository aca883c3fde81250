"""The door: signing in and out, and the ways to an account."""

from __future__ import annotations

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import CONSOLE, Change, Visit
from chatui.accounts.desk import Desk, add_person, require_active
from chatui.accounts.first_admin import FirstAdminCode, make_admin
from chatui.accounts.names import clean_name, fold
from chatui.accounts.password_rules import check_password
from chatui.accounts.passwords import Verdict
from chatui.accounts.people import SignedIn, user_from
from chatui.accounts.rules import SignUpMode
from chatui.accounts.throttle import SignInThrottle, Throttle, Try, network_of
from chatui.accounts.tokens import digest
from chatui.domain.errors import LinkInvalid, SignInFailed, SignUpClosed, TooManyTries
from chatui.domain.people import AccountRole, AccountState, Principal, User
from storage import accounts, invitations, settings
from storage.sessions import list_addresses
from storage.tables import Account, Invitation

SIGN_UP_SETTING = "accounts.sign_up"


class AccountService:
    """Lets people in. Nothing here needs somebody who is signed in, and nothing tells a stranger who has an account."""

    def __init__(self, desk: Desk, first_admin: FirstAdminCode) -> None:
        self._desk = desk
        self._first_admin = first_admin
        self._sign_ins = SignInThrottle(desk.rules.sign_in_tries)
        self._links = Throttle(desk.rules.link_tries)

    async def start(self) -> None:
        """Get ready for the first sign-in: know who is signed in from where, as before the restart."""
        await self._desk.passwords.prepare()
        for sign_in_name, address in await self._desk.store.read(list_addresses):
            if sign_in_name is not None:
                self._sign_ins.acquaint(sign_in_name, address)

    async def user_for(self, token: str) -> User | None:
        """Tell whose session a token opens; None for one that is over or never was. Cheap enough for every request."""
        known = await self._desk.sessions.find(token)
        return known.user if known else None

    async def principal_for(self, token: str, address: str) -> Principal | None:
        """Tell who acts with a token from an address; None as for `user_for`."""
        known = await self._desk.sessions.find(token)
        return Principal(known.user, Visit(address).address, known.session) if known else None

    async def sign_in(self, name: str, password: str, visit: Visit) -> SignedIn:
        """Open a session. Takes as long for a name that nobody has as for a wrong password.

        Raises SignInFailed, TooManyTries, or, once the password was right, AccountNotActive.
        """
        sign_in_name = fold(name)
        tried = self._sign_ins.spend(sign_in_name, visit.address, self._clock())
        account = await self._desk.store.read(lambda session: accounts.account_to_sign_in(session, sign_in_name))
        try:
            verdict = await self._desk.passwords.verify(password, account.password_hash if account else None)
        except TooManyTries:  # too many wait for theirs: nobody looked at this one
            self._sign_ins.give_back(tried)
            raise
        if account is None or not verdict.right:
            failed_at = account.id if account else None
            await self._desk.changes.make(
                lambda change: change.audit(AuditAction.SIGN_IN_FAILED, failed_at), visit.address
            )
            raise SignInFailed("name or password")
        self._sign_ins.succeeded(tried, sign_in_name, visit.address)
        require_active(account)
        return await self._desk.changes.make(
            lambda change: self._enter(change, account, verdict, visit), visit.address, account.id
        )

    async def sign_out(self, token: str, address: str) -> None:
        """End the session of a token; one that is over already stays so."""
        known = await self._desk.sessions.find(token)
        if known is None:
            return

        def leave(change: Change) -> None:
            if self._desk.sessions.close(change, known.user.id, known.session):
                change.audit(AuditAction.SIGNED_OUT, known.user.id)

        await self._desk.changes.make(leave, address, known.user.id)

    async def has_admin(self) -> bool:
        """Tell whether somebody can run the app, so that it may be opened to others."""
        return await self._desk.store.read(accounts.count_admins) > 0

    async def first_admin_code(self) -> str | None:
        """Make the code for the console's link; None when there is an admin."""
        return None if await self.has_admin() else self._first_admin.issue()

    async def claim_first_admin(self, code: str, name: str, password: str, visit: Visit) -> SignedIn:
        """Make the first admin and sign them in. Of several at once one wins.

        Raises LinkInvalid, NameRefused, PasswordRefused, TooManyTries.
        """
        tried = self._try_link(visit)
        if not self._first_admin.is_valid(code):
            raise LinkInvalid("first admin")
        admin = await self._new_account(name, password, AccountRole.ADMIN)
        signed_in = await self._desk.changes.make(lambda change: self._claim(change, admin, visit), visit.address)
        self._first_admin.void()
        return self._welcomed(tried, signed_in, visit)

    async def create_admin(self, name: str, password: str) -> User:
        """Make an admin from a script; raises NameTaken, NameRefused, PasswordRefused."""
        admin = await self._new_account(name, password, AccountRole.ADMIN)

        def create(change: Change) -> Account:
            made = make_admin(change, admin)
            change.audit(AuditAction.ADMIN_MADE, made.id)
            return made

        return user_from(await self._desk.changes.make(create, CONSOLE.address))

    async def create_account(self, name: str, password: str, role: AccountRole) -> User:
        """Make an account from a script; raises NameTaken, NameRefused, PasswordRefused."""
        account = await self._new_account(name, password, role)

        def create(change: Change) -> None:
            add_person(change, account)
            change.audit(AuditAction.ACCOUNT_MADE, account.id, role=role)

        await self._desk.changes.make(create, CONSOLE.address)
        return user_from(account)

    async def first_admin(self) -> User | None:
        """Give the admin who has been there longest; None when there is none."""
        admin = await self._desk.store.read(accounts.oldest_admin)
        return user_from(admin) if admin else None

    async def sign_up_mode(self) -> SignUpMode:
        """Tell how somebody without an invitation gets an account now."""
        return await self._desk.store.read(self._mode)

    async def sign_up(self, name: str, password: str, visit: Visit) -> SignedIn | None:
        """Make an account and sign in to it; None when it waits for an admin's approval first.

        Raises SignUpClosed, NameTaken, NameRefused, PasswordRefused, TooManyTries.
        """
        self._try_link(visit)
        if await self.sign_up_mode() is SignUpMode.CLOSED:
            raise SignUpClosed("closed")
        account = await self._new_account(name, password, AccountRole.MEMBER)
        signed_in = await self._desk.changes.make(lambda change: self._sign_up(change, account, visit), visit.address)
        if signed_in is not None:
            self._sign_ins.acquaint(fold(signed_in.user.name), visit.address)
        return signed_in

    async def accept_invitation(self, token: str, name: str, password: str, visit: Visit) -> SignedIn:
        """Make the account that an invitation is for and sign in to it. Of several at once one wins.

        Raises LinkInvalid, NameTaken, NameRefused, PasswordRefused, TooManyTries; all but the first leave the
        invitation as it was.
        """
        tried = self._try_link(visit)
        await self._desk.store.read(lambda session: self._invitation(session, token))
        account = await self._new_account(name, password, AccountRole.MEMBER)

        def accept(change: Change) -> SignedIn:
            invitation = self._invitation(change.session, token)
            invitations.delete_invitation(change.session, invitation.id)
            account.role, account.group_id = invitation.role, invitation.group_id
            return self._admit(change, account, visit, AuditAction.INVITATION_ACCEPTED)

        signed_in = await self._desk.changes.make(accept, visit.address)
        return self._welcomed(tried, signed_in, visit)

    async def use_reset(self, token: str, password: str, visit: Visit) -> SignedIn:
        """Set a new password with the code of an admin, and sign in; every other session of the account ends.

        Raises LinkInvalid, PasswordRefused, AccountNotActive, TooManyTries.
        """
        tried = self._try_link(visit)
        account = await self._desk.store.read(lambda session: self._account_to_reset(session, token))
        check_password(password, account.name)
        password_hash = await self._desk.passwords.hash(password)

        def reset(change: Change) -> SignedIn:
            account = self._account_to_reset(change.session, token)
            require_active(account)
            return self._desk.set_password(change, account, password_hash, visit)

        signed_in = await self._desk.changes.make(reset, visit.address, account.id)
        return self._welcomed(tried, signed_in, visit)

    async def purge(self) -> None:
        """End the sessions that are too old; to be called every minute or so."""
        await self._desk.changes.make(self._desk.sessions.purge, CONSOLE.address)

    def _clock(self) -> float:
        return self._desk.clocks.monotonic()

    def _try_link(self, visit: Visit) -> Try:
        return self._links.spend((("link", network_of(visit.address)),), self._clock())

    def _welcomed(self, tried: Try, signed_in: SignedIn, visit: Visit) -> SignedIn:
        self._links.give_back(tried)
        self._sign_ins.acquaint(fold(signed_in.user.name), visit.address)
        return signed_in

    def _enter(self, change: Change, account: Account, verdict: Verdict, visit: Visit) -> SignedIn:
        """Open the session, unless the account changed while the password was looked at."""
        now = accounts.get_account(change.session, account.id)
        if now is None or now.password_hash != account.password_hash:
            raise SignInFailed("the password was changed meanwhile")
        require_active(now)
        if verdict.new_hash is not None:
            accounts.change_account(change.session, account.id, password_hash=verdict.new_hash)
        change.audit(AuditAction.SIGNED_IN, account.id)
        return self._desk.sessions.open(change, now, visit)

    def _claim(self, change: Change, admin: Account, visit: Visit) -> SignedIn:
        if accounts.count_admins(change.session) > 0:
            raise LinkInvalid("first admin")
        made = make_admin(change, admin)
        change.audit(AuditAction.ADMIN_MADE, made.id, by=made.id)
        return self._desk.sessions.open(change, made, visit)

    def _sign_up(self, change: Change, account: Account, visit: Visit) -> SignedIn | None:
        match self._mode(change.session):
            case SignUpMode.OPEN:
                return self._admit(change, account, visit, AuditAction.SIGNED_UP)
            case SignUpMode.APPROVAL if accounts.count_pending(change.session) < self._desk.rules.most_pending:
                account.state = AccountState.PENDING
                add_person(change, account)
                change.audit(AuditAction.SIGNED_UP, account.id, by=account.id)
                return None
            case _:
                raise SignUpClosed("closed, or too many wait for approval")

    def _admit(self, change: Change, account: Account, visit: Visit, how: AuditAction) -> SignedIn:
        add_person(change, account)
        change.audit(how, account.id, by=account.id, role=account.role)
        return self._desk.sessions.open(change, account, visit)

    async def _new_account(self, name: str, password: str, role: AccountRole) -> Account:
        name = clean_name(name)
        check_password(password, name)
        return Account(
            name=name,
            sign_in_name=fold(name),
            password_hash=await self._desk.passwords.hash(password),
            role=role,
            created_at=self._desk.clocks.now(),
        )

    def _mode(self, session: Session) -> SignUpMode:
        return SignUpMode(settings.get_all(session).get(SIGN_UP_SETTING, self._desk.rules.sign_up))

    def _invitation(self, session: Session, token: str) -> Invitation:
        found = invitations.invitation_by_token(session, digest(token), self._desk.clocks.now())
        if found is None:
            raise LinkInvalid("invitation")
        return found

    def _account_to_reset(self, session: Session, token: str) -> Account:
        found = invitations.reset_by_token(session, digest(token), self._desk.clocks.now())
        account = accounts.get_account(session, found.account_id) if found else None
        if account is None:
            raise LinkInvalid("password reset")
        return account
