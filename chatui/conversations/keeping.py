"""How conversations are kept: read, and drafts written before their jobs are acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlmodel import Session

from chatui.accounts.allowances import Allowances
from chatui.accounts.changes import Store
from chatui.conversations.draft import Draft, write_draft
from chatui.scheduler.job import Job

T = TypeVar("T")


class Keeping(Protocol):
    """Keeps conversations, durably or not."""

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on what is kept."""
        ...

    async def keep(self, draft: Draft, job: Job) -> None:
        """Keep a draft of whoever may still ask; raises a `Refused`, and then nothing of it is kept."""


class DurableKeeping:
    """Keeps conversations in the database."""

    def __init__(self, store: Store, allowances: Allowances) -> None:
        self._store = store
        self._allowances = allowances

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on one snapshot; raises `StorageUnavailable` where it cannot be."""
        return await self._store.read(work)

    async def keep(self, draft: Draft, job: Job) -> None:
        """Keep a draft in one transaction, and return once it is on the disk."""

        def write(session: Session) -> None:
            # What changed since it was looked at: who closes an account stops only the jobs that are there by then.
            self._allowances.require_still_allowed(session, draft.user, job.request.model)
            write_draft(session, draft, job)

        await self._store.write(write)
