"""Showing a conversation in a tab."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from chatui.conversations.reading import Piece
from chatui.conversations.services import Services
from chatui.domain.errors import NotFound, Refused
from chatui.domain.messages import ConversationId, MessageId, ShareId
from chatui.web.commands.command import Command
from chatui.web.commands.drafting import draft_frame
from chatui.web.commands.filing import files_frame
from chatui.web.commands.mannering import manner_frame
from chatui.web.frames import Frame, message_in, uuid_in
from chatui.web.hub import Hub
from chatui.web.markdown import Markdown
from chatui.web.readers import Readers
from chatui.web.rendering import FIRST_MESSAGES, SHOWN_MESSAGES, is_over, last_screen, render
from chatui.web.tab import Tab
from storage.tables import Conversation


class Showing:
    """Sends tabs the conversations that they show; other themes use it after what they did."""

    def __init__(self, hub: Hub, services: Services, markdown: Markdown) -> None:
        self._hub = hub
        self._rooms = services.rooms
        self._shelf = services.shelf
        self._sharing = services.sharing
        self._markdown = markdown
        self._readers = Readers(hub, services, markdown)

    def commands(self) -> Mapping[str, Command]:
        """`open` a conversation, or a `new` one; `away` while nobody looks at the page, `back` afterwards."""
        return {
            "open": self._open,
            "new": self._new,
            "older": self._older,
            "away": self._go_away,
            "back": self._come_back,
        }

    async def show(self, tab: Tab, wanted: UUID | None, at: MessageId | None = None) -> None:
        """Show a conversation, `at` one of its messages, or what a link leads to; else the empty page."""
        try:
            frame = await self._conversation(tab, wanted, at)
        except NotFound:
            if wanted is not None and await self._show_link(tab, ShareId(wanted)):
                return
            wanted, frame = None, await self._conversation(tab, None)
        except Refused as refusal:
            tab.refuse(refusal)
            return
        tab.post(frame)
        conversation = ConversationId(wanted) if wanted else None
        self._hub.show(tab, conversation)
        await self._tell_input(tab, conversation)
        await self._see(tab)

    async def show_everywhere(self, tab: Tab, conversation: ConversationId) -> None:
        """Show a conversation anew in every tab of the person that has it open."""
        for shown in self._hub.tabs_of(tab.user.id, conversation):
            await self.show(shown, conversation)
        await self.show_readers(conversation)

    async def show_to_all(self, conversation: ConversationId) -> None:
        """Show a conversation anew to its person and its readers, after somebody else had it answered."""
        for shown in self._hub.owners_tabs(conversation):
            await self.show(shown, conversation)
        await self.show_readers(conversation)

    async def show_readers(self, conversation: ConversationId) -> None:
        """Show a conversation anew to those with whom it is shared."""
        await self._readers.show_again(conversation)

    async def end_of(
        self, conversation: ConversationId, tabs: Sequence[Tab], limit: int
    ) -> Sequence[tuple[Tab, list[Frame]]]:
        """The last messages of a conversation, as each of its person's tabs shows them.

        An answer under way among them can be followed: one that ends while it is read and rendered is read again.
        """
        if not tabs:
            return ()

        async def read() -> tuple[Piece, list[tuple[Tab, list[Frame]]]]:
            found = await self._rooms.of(conversation).reading.open(tabs[0].user, conversation, limit)
            return found.piece, [(tab, await self.messages(tab, found.piece)) for tab in tabs]

        piece, shown = await read()
        if is_over(self._rooms, piece):
            _, shown = await read()
        return [(tab, messages) for tab, messages in shown if tab.conversation == conversation]

    async def messages(self, tab: Tab, piece: Piece) -> list[Frame]:
        """The messages of a piece as the tab shows them."""
        return await render(piece, self._markdown, tab)

    async def _open(self, tab: Tab, frame: Frame) -> None:
        at = uuid_in(frame, "at")
        conversation = uuid_in(frame, "conversation")
        if at is not None and conversation is not None:
            with suppress(NotFound):  # then it opens where it always does
                conversation = await self._rooms.of_message(MessageId(at)).branches.find(tab.user, MessageId(at))
        await self.show(tab, conversation, MessageId(at) if at else None)

    async def _older(self, tab: Tab, frame: Frame) -> None:
        before = message_in(frame)
        if tab.lent is not None:
            messages, older = await self._readers.older(tab, tab.lent, before)
        else:
            piece = await self._rooms.of_message(before).reading.older(tab.user, before, SHOWN_MESSAGES)
            messages, older = await self.messages(tab, piece), piece.older
        tab.post({"t": "older", "before": str(before), "messages": messages, "older": older})

    async def _new(self, tab: Tab, _: Frame) -> None:
        self._hub.show(tab, None)
        await self._tell_input(tab, None)

    async def _tell_input(self, tab: Tab, conversation: ConversationId | None) -> None:
        """What is typed there and not sent, and how it is to be answered."""
        room = self._rooms.of(conversation) if conversation else self._rooms.kept
        with suppress(Refused):  # while the database cannot be read; the page has its own
            tab.post(draft_frame(conversation, await room.unsent.of(tab.user, conversation)))
            tab.post(files_frame(conversation, await room.files.unsent(tab.user, conversation), room.files.limits))
            if conversation is not None:
                tab.post(manner_frame(conversation, await room.manners.of(tab.user, conversation)))

    async def _go_away(self, tab: Tab, _: Frame) -> None:
        tab.away = True

    async def _come_back(self, tab: Tab, _: Frame) -> None:
        tab.away = False
        await self._see(tab)

    async def _see(self, tab: Tab) -> None:
        """What is shown is seen, from the moment on in which somebody looks."""
        if tab.conversation is not None and not tab.away and await self._shelf.see(tab.user, tab.conversation):
            self._hub.list_changed(tab.user.id)

    async def _conversation(self, tab: Tab, wanted: UUID | None, at: MessageId | None = None) -> Frame:
        if wanted is None:
            return {"t": "conversation", "id": None, "title": "", "model": None, "messages": [], "older": False}
        conversation = ConversationId(wanted)
        link, (found, piece, messages) = await asyncio.gather(
            self._sharing.share_of(tab.user, conversation), self._end(tab, conversation, at)
        )
        # From here on nothing is waited for until the answers under way are followed.
        if is_over(self._rooms, piece):
            found, piece, messages = await self._end(tab, conversation, at)
        return {
            "t": "conversation",
            "id": str(found.id),
            "title": found.title,
            "model": found.model,
            "messages": messages,
            "temporary": self._rooms.memory.holds(conversation),
            "older": piece.older,
            "link": str(link) if link else None,
        }

    async def _end(
        self, tab: Tab, wanted: ConversationId, at: MessageId | None
    ) -> tuple[Conversation, Piece, list[Frame]]:
        """The end of a conversation; of one that the tab does not show yet what is seen at first."""
        is_shown = at is not None or tab.conversation == wanted
        limit = SHOWN_MESSAGES if is_shown else FIRST_MESSAGES
        found = await self._rooms.of(wanted).reading.open(tab.user, wanted, limit, at)
        piece = found.piece if is_shown else last_screen(found.piece)
        return found.conversation, piece, await self.messages(tab, piece)

    async def _show_link(self, tab: Tab, share: ShareId) -> bool:
        """Show what a link leads to; False where it leads nowhere."""
        try:
            if (own := await self._readers.own(tab, share)) is not None:
                await self.show(tab, own)
            else:
                await self._readers.show(tab, share)
        except NotFound:
            return False
        except Refused as refusal:
            tab.refuse(refusal)
        return True
