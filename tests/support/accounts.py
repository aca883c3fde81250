"""The real accounts over a real database, with a clock that stands until it is moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from chatui.accounts.accounts import Accounts, open_accounts
from chatui.accounts.changes import Visit
from chatui.accounts.events import AccountEvent, LimitsChanged
from chatui.accounts.limits import Limits
from chatui.accounts.passwords import Argon2Hasher
from chatui.accounts.people import SignedIn
from chatui.accounts.rules import AccountRules
from chatui.domain.messages import UserId
from chatui.domain.people import AccountRole, GroupId, Principal
from storage.audit import list_entries
from storage.database import Clocks, Database, DatabaseLimits
from storage.tables import AuditEntry
from tests.support.fresh import furnish

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "tea leaves in the moonlight"
HOME = Visit("192.0.2.7", "Firefox")
AWAY = Visit("198.51.100.9", "a stranger's")


@dataclass
class Time:
    """Both clocks, moved together."""

    passed: timedelta = timedelta()

    def monotonic(self) -> float:
        return 1_000.0 + self.passed.total_seconds()

    def now(self) -> datetime:
        return NOON + self.passed

    def go_on(self, **by: float) -> None:
        self.passed += timedelta(**by)

    @property
    def clocks(self) -> Clocks:
        return Clocks(self.monotonic, self.now)


class CountingHasher(Argon2Hasher):
    """The real argon2id with less memory, so that tests are quick; counts what it was asked."""

    def __init__(self, memory_kib: int = 64) -> None:
        super().__init__(memory_kib=memory_kib, passes=1)
        self.asked: Counter[str] = Counter()

    def hash(self, password: bytes) -> str:
        self.asked["hash"] += 1
        return super().hash(password)

    def verify(self, kept: str, password: bytes) -> bool:
        self.asked["verify"] += 1
        return super().verify(kept, password)


@dataclass
class Office:
    """Accounts, what they stand on, and every event that they told."""

    accounts: Accounts
    database: Database
    time: Time
    hasher: CountingHasher
    events: list[AccountEvent] = field(default_factory=list)

    async def admin(self, name: str = "Ada", visit: Visit = HOME) -> Principal:
        """An admin who is signed in."""
        made = await self.accounts.service.create_admin(name, PASSWORD)
        self._was_made(made.id)
        return await self.signed_in(name, visit)

    async def member(
        self,
        by: Principal,
        name: str = "Bob",
        role: AccountRole = AccountRole.MEMBER,
        visit: Visit = HOME,
        group: GroupId | None = None,
    ) -> Principal:
        """Somebody whom `by` invited, signed in."""
        link = await self.accounts.admin.invite(by, role, group)
        signed_in = await self.accounts.service.accept_invitation(link.token, name, PASSWORD, visit)
        self._was_made(signed_in.user.id)
        return await self.principal(signed_in)

    def _was_made(self, user: UserId) -> None:
        """Forget the news that an account was made: no test is about it that asks for a person here."""
        self.events.remove(LimitsChanged(frozenset({user})))

    async def signed_in(self, name: str, visit: Visit = HOME) -> Principal:
        return await self.principal(await self.accounts.service.sign_in(name, PASSWORD, visit))

    async def principal(self, signed_in: SignedIn) -> Principal:
        found = await self.accounts.service.principal_for(signed_in.token, HOME.address)
        assert found is not None
        return found

    async def entries(self) -> list[AuditEntry]:
        """The audit log, oldest first."""
        return list(reversed(await self.database.read(lambda session: list_entries(session, 1_000))))

    async def actions(self, subject: UUID | None = None) -> list[str]:
        return [entry.action for entry in await self.entries() if subject in {None, entry.subject_id}]


@asynccontextmanager
async def open_office(
    directory: Path,
    rules: AccountRules | None = None,
    defaults: Limits | None = None,
    time: Time | None = None,
) -> AsyncIterator[Office]:
    """Open a database and the accounts over it."""
    time, hasher = time or Time(), CountingHasher()
    furnish(directory)
    database = await Database.open(directory, DatabaseLimits(idle=timedelta(hours=1)), time.clocks)
    accounts = await open_accounts(
        database, time.clocks, database.erase_deleted, rules, defaults=lambda: defaults or Limits(), hasher=hasher
    )
    office = Office(accounts, database, time, hasher)
    accounts.listeners.subscribe(office.events.append)
    try:
        yield office
    finally:
        await accounts.close()
        await database.close()
