"""How people keep their conversations: named, pinned, in folders, archived, deleted.

What is deleted is gone at once for everybody, can be taken back for a while, and is then purged. Every call names the
person, and what is not theirs is not found.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final, Unpack

from sqlmodel import Session

from chatui.conversations.journal import AnswerJournal
from chatui.conversations.storage_watch import StorageWatch
from chatui.conversations.titles import name_from
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound, Refused
from chatui.domain.messages import ConversationId, FolderId
from chatui.domain.people import User
from chatui.scheduler.scheduler import Scheduler
from storage import conversations, folders, shares, shelf
from storage.database import Clocks
from storage.shares import Link
from storage.tables import Conversation, Folder

log = logging.getLogger(__name__)
TAKEN_BACK_WITHIN: Final = timedelta(seconds=10)
_LOOK_EVERY: Final = timedelta(minutes=1)


class View(StrEnum):
    """Which of a person's conversations a list shows."""

    DESK = "desk"
    SHARED = "shared"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies on a shelf. `kept` is pinned or in a folder; `recent` is the rest, cut to a limit where `more` is.

    `links` are those of what the person shares, or, where that is what is shown, everybody's; `shared` counts all.
    """

    view: View
    folders: Sequence[Folder]
    kept: Sequence[Conversation]
    recent: Sequence[Conversation]
    more: bool
    archived: int
    links: Sequence[Link] = ()
    shared: int = 0


class Shelf:
    """Conversations of everybody, in the order that each keeps."""

    def __init__(
        self,
        store: StorageWatch,
        clocks: Clocks,
        scheduler: Scheduler,
        journal: AnswerJournal,
        taken_back_within: timedelta = TAKEN_BACK_WITHIN,
    ) -> None:
        self._store = store
        self._clocks = clocks
        self._scheduler = scheduler
        self._journal = journal
        self.taken_back_within = taken_back_within
        self._put_away = asyncio.Event()

    async def contents(self, by: User, view: View, limit: int) -> Contents:
        """Everything that a list shows, the last used first."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))

        def read(session: Session) -> Contents:
            shared = shares.count_links(session)
            if view is View.SHARED:
                links = shares.links(session, limit + 1)
                return Contents(view, [], [], [], len(links) > limit, 0, links[:limit], shared)
            return replace(own(session), links=shares.links_of(session, by.id), shared=shared)

        def own(session: Session) -> Contents:
            rows = (shelf.archived if view is View.ARCHIVE else shelf.recent)(session, by.id, limit + 1)
            kept = shelf.kept_together(session, by.id) if view is View.DESK else []
            archived = shelf.count_archived(session, by.id)
            return Contents(view, folders.list_folders(session, by.id), kept, rows[:limit], len(rows) > limit, archived)

        return await self._store.read(read)

    async def rename(self, by: User, conversation: ConversationId, title: str) -> None:
        """Give a conversation a title, which stays; raises `EmptyMessage` for one without words."""
        await self._place(by, conversation, title=name_from(title), titled_by="person")

    async def pin(self, by: User, conversation: ConversationId) -> None:
        """Keep a conversation above the others."""
        await self._place(by, conversation, pinned=True)

    async def unpin(self, by: User, conversation: ConversationId) -> None:
        """Let it go down again."""
        await self._place(by, conversation, pinned=False)

    async def archive(self, by: User, conversation: ConversationId) -> None:
        """Put a conversation out of sight; it is found and read as before."""
        await self._place(by, conversation, archived=True, pinned=False)

    async def unarchive(self, by: User, conversation: ConversationId) -> None:
        """Bring it back."""
        await self._place(by, conversation, archived=False)

    async def see(self, by: User, conversation: ConversationId) -> bool:
        """Note that its person has seen what came; False when nothing new had."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))
        if not await self._store.read(lambda session: shelf.is_unread(session, by.id, conversation)):
            return False
        await self._place(by, conversation, unread=False)
        return True

    async def mark_unread(self, ended: Collection[ConversationId]) -> None:
        """Note that answers came while nobody looked."""
        await self._store.write(lambda session: shelf.mark_unread(session, ended))

    async def move(self, by: User, conversation: ConversationId, folder: FolderId | None) -> None:
        """Put a conversation into one of the person's folders, or into none."""
        require(by, Action.CHANGE_CONVERSATION, Owned(by.id))

        def write(session: Session) -> bool:
            if folder is not None and folders.folder_of(session, by.id, folder) is None:
                return False
            return shelf.place(session, by.id, conversation, folder_id=folder, archived=False)

        await self._found(write)

    async def add_folder(self, by: User, name: str) -> Folder:
        """Make a folder; two may have the same name."""
        require(by, Action.CHANGE_CONVERSATION, Owned(by.id))
        folder = Folder(account_id=by.id, name=name_from(name), created_at=self._clocks.now())
        return await self._store.write(lambda session: folders.add_folder(session, folder))

    async def rename_folder(self, by: User, folder: FolderId, name: str) -> None:
        """Give a folder another name."""
        require(by, Action.CHANGE_CONVERSATION, Owned(by.id))
        given = name_from(name)
        await self._found(lambda session: folders.rename_folder(session, by.id, folder, given))

    async def delete_folder(self, by: User, folder: FolderId) -> None:
        """Delete a folder; what lies in it stays."""
        require(by, Action.CHANGE_CONVERSATION, Owned(by.id))
        await self._found(lambda session: folders.delete_folder(session, by.id, folder))

    async def delete(self, by: User, conversation: ConversationId) -> str:
        """Delete a conversation, stop what is written in it, and tell its title.

        It can be taken back for `taken_back_within`.
        """
        require(by, Action.DELETE_CONVERSATION, Owned(by.id))
        now = self._clocks.now()

        def write(session: Session) -> str:
            row = conversations.conversation_of(session, by.id, conversation)
            if row is None:
                raise NotFound
            shelf.put_away(session, by.id, conversation, now)
            return row.title

        title = await self._store.write(write)
        self._put_away.set()
        for job in self._journal.live(conversation):
            await self._scheduler.stop(job)
        return title

    async def undelete(self, by: User, conversation: ConversationId) -> None:
        """Take a deleted conversation back; raises `NotFound` when it is too late."""
        require(by, Action.DELETE_CONVERSATION, Owned(by.id))
        await self._found(lambda session: shelf.take_back(session, by.id, conversation))

    async def run(self) -> None:
        """Purge what can no longer be taken back, until cancelled."""
        while True:
            self._put_away.clear()
            wait = _LOOK_EVERY
            with suppress(Refused):
                wait = await self.purge()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait.total_seconds()):
                    await self._put_away.wait()

    async def purge(self) -> timedelta:
        """Purge what is due; tells how long nothing more will be."""
        before = self._clocks.now() - self.taken_back_within
        oldest = await self._store.read(shelf.oldest_put_away)
        if oldest is None:
            return _LOOK_EVERY
        if oldest > before:
            return oldest - before
        gone = await self._store.write(lambda session: shelf.purge(session, before))
        log.info("%d deleted conversations were purged", gone)
        return timedelta()

    async def _place(self, by: User, conversation: ConversationId, **values: Unpack[shelf.Place]) -> None:
        require(by, Action.CHANGE_CONVERSATION, Owned(by.id))
        await self._found(lambda session: shelf.place(session, by.id, conversation, **values))

    async def _found(self, write: Callable[[Session], bool]) -> None:
        if not await self._store.write(write):
            raise NotFound
