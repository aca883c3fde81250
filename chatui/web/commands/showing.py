"""Showing a conversation in a tab."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from chatui.conversations.reading import Opened, Piece
from chatui.conversations.services import Services
from chatui.domain.errors import NotFound, Refused
from chatui.domain.messages import ConversationId, MessageId
from chatui.web.commands.command import Command
from chatui.web.commands.drafting import draft_frame
from chatui.web.commands.mannering import manner_frame
from chatui.web.frames import Frame, message_in, uuid_in
from chatui.web.hub import Hub
from chatui.web.markdown import Markdown
from chatui.web.tab import Tab
from chatui.web.transcript import UNDER_WAY, show_message

_SHOWN_MESSAGES = 50
_RENDERED_AT_ONCE = 10


class Showing:
    """Sends tabs the conversations that they show; other themes use it after what they did."""

    def __init__(self, hub: Hub, services: Services, markdown: Markdown) -> None:
        self._hub = hub
        self._rooms = services.rooms
        self._shelf = services.shelf
        self._markdown = markdown

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
        """Show a conversation, `at` one of its messages; one that is not there, or not theirs, is the empty page."""
        try:
            frame = await self._conversation(tab, wanted, at)
        except NotFound:
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

    async def read(self, tab: Tab, conversation: ConversationId, limit: int) -> Opened:
        """Read a conversation so that an answer under way in it can be followed: it may end while it is read."""
        reading = self._rooms.of(conversation).reading
        found = await reading.open(tab.user, conversation, limit)
        return await reading.open(tab.user, conversation, limit) if self._is_over(found) else found

    def _is_over(self, found: Opened) -> bool:
        """Whether an answer that was under way when it was read has ended since."""
        under_way = any(row.state in UNDER_WAY for row in found.piece.messages)
        return under_way and self._rooms.live(ConversationId(found.conversation.id)) is None

    async def messages(self, tab: Tab, piece: Piece) -> list[Frame]:
        """The messages of a piece as the tab shows them. Others get their turn while many are rendered."""
        shown = []
        for index, row in enumerate(piece.messages):
            if index % _RENDERED_AT_ONCE == _RENDERED_AT_ONCE - 1:
                await asyncio.sleep(0)
            shown.append(show_message(row, self._markdown, tab.words, piece.beside.get(row.id, ())))
        return shown

    async def _open(self, tab: Tab, frame: Frame) -> None:
        at = uuid_in(frame, "at")
        conversation = uuid_in(frame, "conversation")
        if at is not None and conversation is not None:
            with suppress(NotFound):  # then it opens where it always does
                conversation = await self._rooms.of_message(MessageId(at)).branches.find(tab.user, MessageId(at))
        await self.show(tab, conversation, MessageId(at) if at else None)

    async def _older(self, tab: Tab, frame: Frame) -> None:
        before = message_in(frame)
        piece = await self._rooms.of_message(before).reading.older(tab.user, before, _SHOWN_MESSAGES)
        messages = await self.messages(tab, piece)
        tab.post({"t": "older", "before": str(before), "messages": messages, "older": piece.older})

    async def _new(self, tab: Tab, _: Frame) -> None:
        self._hub.show(tab, None)
        await self._tell_input(tab, None)

    async def _tell_input(self, tab: Tab, conversation: ConversationId | None) -> None:
        """What is typed there and not sent, and how it is to be answered."""
        room = self._rooms.of(conversation) if conversation else self._rooms.kept
        with suppress(Refused):  # while the database cannot be read; the page has its own
            tab.post(draft_frame(conversation, await room.unsent.of(tab.user, conversation)))
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
        reading = self._rooms.of(conversation).reading
        found = await reading.open(tab.user, conversation, _SHOWN_MESSAGES, at)
        messages = await self.messages(tab, found.piece)
        if self._is_over(found):
            found = await reading.open(tab.user, conversation, _SHOWN_MESSAGES, at)
            messages = await self.messages(tab, found.piece)
        return {
            "t": "conversation",
            "id": str(found.conversation.id),
            "title": found.conversation.title,
            "model": found.conversation.model,
            "messages": messages,
            "temporary": self._rooms.memory.holds(conversation),
            "older": found.piece.older,
        }
