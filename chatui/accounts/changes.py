"""Changes of accounts: one transaction with their entries in the audit log, and told once they are durable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.events import AccountEvent, Listeners
from storage.audit import record_entry
from storage.tables import AuditEntry

T = TypeVar("T")

_LONGEST_DEVICE = 200
_LONGEST_ADDRESS = 64


class Store(Protocol):
    """The database, as `storage.database.Database` and the watch over it both are."""

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on one snapshot."""
        ...

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request comes from: the address, and what the browser calls itself, cut to what can be shown."""

    address: str
    device: str = ""

    def __post_init__(self) -> None:
        shown = "".join(character for character in self.device if character.isprintable())
        object.__setattr__(self, "device", shown[:_LONGEST_DEVICE])
        object.__setattr__(self, "address", self.address[:_LONGEST_ADDRESS])


CONSOLE = Visit("console")


@dataclass(frozen=True, slots=True)
class Change:
    """A change under way: its transaction, its moment, who makes it (None: nobody who is signed in), from where."""

    session: Session
    at: datetime
    by: UUID | None
    address: str
    events: list[AccountEvent] = field(default_factory=list)

    def audit(self, action: AuditAction, subject: UUID | None = None, by: UUID | None = None, **detail: Any) -> None:
        """Write an entry that is kept if and only if the change is. `by` names who made it when it began without."""
        entry = AuditEntry(
            at=self.at,
            actor_id=by or self.by,
            action=action,
            subject_id=subject,
            address=self.address,
            detail=detail,
        )
        record_entry(self.session, entry)

    def tell(self, event: AccountEvent) -> None:
        """Have an event told once the change is durable."""
        self.events.append(event)


class Changes:
    """Makes changes. A caller that is cancelled only stops waiting: the change is made and told all the same."""

    def __init__(self, store: Store, now: Callable[[], datetime], listeners: Listeners) -> None:
        self._store = store
        self._now = now
        self._listeners = listeners
        self._under_way: set[asyncio.Task[Any]] = set()

    async def make(self, work: Callable[[Change], T], address: str, by: UUID | None = None) -> T:
        """Run `work` in a transaction and return its result once it is durable and told."""
        task = asyncio.create_task(self._make(work, address, by))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Return when no change is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _make(self, work: Callable[[Change], T], address: str, by: UUID | None) -> T:
        events: list[AccountEvent] = []
        at = self._now()
        result = await self._store.write(lambda session: work(Change(session, at, by, address, events)))
        for event in events:
            self._listeners.tell(event)
        return result

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # whoever still waits hears it; nobody else has to
