"""Importing: a file is read to see that all of it can be read, once more to keep the conversations, then for files.

So a file that is broken at its end changes nothing, and no more of it than a few conversations is in memory as objects.
One import runs at a time; reading is done in a thread, and each piece kept in a transaction of its own, between those
of everybody else. What is imported once more is there already: ids are made of what the origin calls things.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import IO, Final

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Changes, Store
from chatui.accounts.events import Listeners
from chatui.conversations.files.service import FileGround
from chatui.conversations.importing.archive import texts_in
from chatui.conversations.importing.bringing import Bringing
from chatui.conversations.importing.brought import Brought, brought
from chatui.conversations.importing.flaws import ImportFlaw, LeftOut, Unusable
from chatui.conversations.importing.formats import origin_from
from chatui.conversations.importing.items import FileItem, items_in
from chatui.conversations.importing.origin import Marks
from chatui.conversations.importing.report import Report, Stage
from chatui.conversations.importing.tree import Planted, planted
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import FileRefused, ImportRefused, Refused
from chatui.domain.messages import UserId
from chatui.domain.people import Principal, User
from chatui.scheduler.tasks import Tasks
from storage.database import Clocks
from storage.imports import add_whole, conversations_there, count_conversations

log = logging.getLogger(__name__)
MOST_CONVERSATIONS: Final = 50_000
"""Of one person, from where on nothing more is imported."""
_AT_ONCE: Final = 300
"""Messages that are kept in one transaction, or those of one conversation."""
_REMEMBERED: Final = 500


class Imports:
    """Imports of everybody. `changed` is told of the person whose conversations became more."""

    def __init__(self, store: Store, clocks: Clocks, files: FileGround) -> None:
        self._store = store
        self._clocks = clocks
        self._bringing = Bringing(store, clocks, files)
        self._changes = Changes(store, clocks.now, Listeners())
        self._reports: dict[UserId, Report] = {}
        self._turn = asyncio.Lock()
        self._tasks = Tasks()
        self._closed = False
        self.changed: Callable[[UserId], None] = lambda _: None

    def of(self, by: User) -> Report | None:
        """The person's import that is under way, or the last one."""
        require(by, Action.IMPORT_CONVERSATIONS, Owned(by.id))
        return self._reports.get(by.id)

    def begin(self, by: Principal, file: IO[bytes], marks: Marks) -> None:
        """Import a file in the background, and close it. Raises `ImportRefused` while one is under way."""
        require(by.user, Action.IMPORT_CONVERSATIONS, Owned(by.user.id))
        known = self._reports.get(by.user.id)
        if known is not None and known.under_way:
            raise ImportRefused(ImportFlaw.UNDER_WAY)
        report = self._remember(by.user.id)
        self._tasks.spawn(self._run_quietly(by, file, marks, report))

    async def run(self, by: Principal, file: IO[bytes], marks: Marks) -> Report:
        """Import a file and tell what became of it; raises a `Refused` where nothing did."""
        require(by.user, Action.IMPORT_CONVERSATIONS, Owned(by.user.id))
        report = Report()
        await self._run(by, file, marks, report)
        return report

    def close(self) -> None:
        """End what is under way; what was kept of it stays."""
        self._closed = True  # a thread hears of no cancelling
        self._tasks.cancel()

    def _remember(self, user: UserId) -> Report:
        self._reports.pop(user, None)
        over = [key for key, report in self._reports.items() if not report.under_way]
        for key in over[: max(0, len(over) - _REMEMBERED)]:
            del self._reports[key]
        return self._reports.setdefault(user, Report())

    async def _run_quietly(self, by: Principal, file: IO[bytes], marks: Marks, report: Report) -> None:
        """Run, and note what came in between: nobody waits for it."""
        try:
            with closing(file):
                async with self._turn:
                    await self._run(by, file, marks, report)
        except Refused as refusal:
            report.refusal, report.stage = refusal, Stage.REFUSED
        except Exception:
            log.exception("an import ended in a fault")
            report.refusal, report.stage = ImportRefused(ImportFlaw.UNREADABLE), Stage.REFUSED

    async def _run(self, by: Principal, file: IO[bytes], marks: Marks, report: Report) -> None:
        user = by.user.id
        if await self._store.read(lambda session: count_conversations(session, user)) >= MOST_CONVERSATIONS:
            raise ImportRefused(ImportFlaw.FULL)
        found = partial(self._found, file, user, marks)
        report.stage = Stage.CHECKING
        report.total = await asyncio.to_thread(_count, found(report))
        if not report.total and set(report.left_out) <= {LeftOut.UNKNOWN}:
            raise ImportRefused(ImportFlaw.NOTHING)
        report.stage = Stage.KEEPING
        pieces = found(Report())
        while piece := await asyncio.to_thread(_next, pieces):
            added = await self._store.write(partial(_keep, account=user, piece=piece))
            report.added += added
            report.there += len(piece) - added
            self.changed(user)
        await self._bring(by.user, file, report)
        await self._changes.make(
            lambda change: change.audit(AuditAction.DATA_IMPORTED, user, conversations=report.added), by.address, user
        )
        report.stage = Stage.DONE

    async def _bring(self, by: User, file: IO[bytes], report: Report) -> None:
        """Keep the files of our own exports, now that what they stand beside is there."""
        files = self._files(file, by.id)
        while (one := await asyncio.to_thread(next, files, None)) is not None:
            try:
                report.files += await self._bringing.bring(by, one)
            except FileRefused as refusal:
                report.refuse_file(refusal)

    def _files(self, file: IO[bytes], user: UserId) -> Iterator[Brought]:
        for text in texts_in(file):
            for told in items_in(text):
                if self._closed:
                    return
                if isinstance(told, FileItem) and (one := brought(told, user)) is not None:
                    yield one

    def _found(self, file: IO[bytes], user: UserId, marks: Marks, report: Report) -> Iterator[Planted]:
        """Give every conversation that can be kept; the others are counted in the report."""
        now = self._clocks.now()
        for text in texts_in(file):
            for told in items_in(text):
                if self._closed:
                    return
                if isinstance(told, FileItem):
                    continue
                try:
                    yield planted(origin_from(told, marks), user, marks, now)
                except Unusable as why:
                    report.left_out[why.reason] += 1


def _count(found: Iterator[Planted]) -> int:
    return sum(1 for _ in found)


def _next(found: Iterator[Planted]) -> Sequence[Planted]:
    """Take the next few, so that the one writer is never held for long; nothing is the end."""
    piece: list[Planted] = []
    for one in found:
        piece.append(one)
        if sum(len(planted.messages) for planted in piece) >= _AT_ONCE:
            break
    return piece


def _keep(session: Session, account: UserId, piece: Sequence[Planted]) -> int:
    """Keep what is not there yet; tells how many that were."""
    ids = {known for one in piece for known in (one.conversation.id, one.was) if known is not None}
    there = conversations_there(session, account, ids)
    added = 0
    for one in piece:
        if one.conversation.id not in there and one.was not in there:
            add_whole(session, one.conversation, one.messages)
            there.add(one.conversation.id)
            added += 1
    return added
