"""What admins do with backups: list, make and take them, and go back to one at the next start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import CONSOLE, Change, Changes
from chatui.accounts.desk import Desk
from chatui.domain.access import Action, require
from chatui.domain.errors import NotFound
from chatui.domain.people import Principal
from storage import restoring
from storage.backup import BackupFile, backup, list_backups
from storage.database import Database
from storage.restoring import Restored
from storage.snapshot import Reason


class Backups:
    """The backups of one database. Raises Forbidden for those who do not run the app, and what storage raises.

    A restore is checked and prepared while the app runs, and takes place at its next start: until then nothing is
    another, and it can be taken back. `next_at` tells when the clock makes the next backup.
    """

    def __init__(self, desk: Desk, database: Database, next_at: Callable[[], datetime | None]) -> None:
        self._desk = desk
        self._database = database
        self._one_at_a_time = asyncio.Lock()
        self.next_at = next_at

    @property
    def restored(self) -> Restored | None:
        """What this start put in place."""
        return self._database.restored

    async def files(self, by: Principal) -> Sequence[BackupFile]:
        """List the backups, and what restores replaced, newest first."""
        require(by.user, Action.BACK_UP)
        return await asyncio.to_thread(list_backups, self._database.directory)

    async def prepared(self, by: Principal) -> str | None:
        """Tell which backup takes the database's place at the next start."""
        require(by.user, Action.BACK_UP)
        return await asyncio.to_thread(restoring.prepared, self._database.directory)

    async def make(self, by: Principal) -> None:
        """Make a backup; the newest five are kept."""
        require(by.user, Action.BACK_UP)
        file = await backup(self._database, Reason.HAND)
        await self._note(by, AuditAction.BACKUP_MADE, file.name)

    async def taken(self, by: Principal, name: str) -> Path:
        """Give the file of a backup to somebody who takes it away; raises NotFound."""
        file = await self._file(by, name)
        await self._note(by, AuditAction.BACKUP_TAKEN, name)
        return file.path

    async def prepare(self, by: Principal, name: str) -> None:
        """Have a backup restored at the next start, in place of any other; raises NotFound."""
        file = await self._file(by, name)
        async with self._one_at_a_time:
            await asyncio.to_thread(restoring.prepare, self._database.directory, file.path)
        await self._note(by, AuditAction.RESTORE_PREPARED, name)

    async def give_up(self, by: Principal) -> None:
        """Have nothing restored at the next start."""
        name = await self.prepared(by)
        async with self._one_at_a_time:
            await asyncio.to_thread(restoring.give_up, self._database.directory)
        await self._note(by, AuditAction.RESTORE_GIVEN_UP, name)

    async def _file(self, by: Principal, name: str) -> BackupFile:
        found = next((file for file in await self.files(by) if file.path.name == name), None)
        if found is None:
            raise NotFound("no such backup")
        return found

    async def _note(self, by: Principal, action: AuditAction, name: str | None) -> None:
        await self._desk.change(by, Action.BACK_UP, lambda change: change.audit(action, name=name))


async def note_restored(changes: Changes, restored: Restored | None) -> None:
    """Write into the audit log of a restored database that it is one: what was asked for stands in the other."""
    if restored is not None:

        def note(change: Change) -> None:
            change.audit(AuditAction.RESTORED, name=restored.name, replaced=restored.replaced)

        await changes.make(note, CONSOLE.address)
