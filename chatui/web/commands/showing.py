"""Showing a conversation in a tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from chatui.conversations.rooms import Rooms
from chatui.conversations.shelf import Shelf
from chatui.domain.errors import NotFound, Refused
from chatui.domain.messages import ConversationId
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, uuid_in
from chatui.web.hub import Hub
from chatui.web.markdown import Markdown
from chatui.web.tab import Tab
from chatui.web.transcript import UNDER_WAY, show_message
from storage.tables import Conversation, Message

_SHOWN_MESSAGES = 50


class Showing:
    """Sends tabs the conversations that they show; other themes use it after what they did."""

    def __init__(self, hub: Hub, rooms: Rooms, shelf: Shelf, markdown: Markdown) -> None:
        self._hub = hub
        self._rooms = rooms
        self._shelf = shelf
        self._markdown = markdown

    def commands(self) -> Mapping[str, Command]:
        """`open` a conversation, or a `new` one; `away` while nobody looks at the page, `back` afterwards."""
        return {"open": self._open, "new": self._new, "away": self._go_away, "back": self._come_back}

    async def show(self, tab: Tab, wanted: UUID | None) -> None:
        """Show a conversation; one that is not there, or not theirs, is the empty page."""
        try:
            frame = await self._conversation(tab, wanted)
        except NotFound:
            wanted, frame = None, await self._conversation(tab, None)
        except Refused as refusal:
            tab.refuse(refusal)
            return
        tab.post(frame)
        self._hub.show(tab, ConversationId(wanted) if wanted else None)
        await self._see(tab)

    async def show_everywhere(self, tab: Tab, conversation: ConversationId) -> None:
        """Show a conversation anew in every tab of the person that has it open."""
        for shown in self._hub.tabs_of(tab.user.id, conversation):
            await self.show(shown, conversation)

    async def read(self, tab: Tab, conversation: ConversationId, limit: int) -> tuple[Conversation, Sequence[Message]]:
        """Read a conversation so that an answer under way in it can be followed: it may end while it is read."""
        room = self._rooms.of(conversation).conversations
        found, rows = await room.open(tab.user, conversation, limit)
        if any(row.state in UNDER_WAY for row in rows) and room.live(conversation) is None:
            found, rows = await room.open(tab.user, conversation, limit)
        return found, rows

    async def _open(self, tab: Tab, frame: Frame) -> None:
        await self.show(tab, uuid_in(frame, "conversation"))

    async def _new(self, tab: Tab, _: Frame) -> None:
        self._hub.show(tab, None)

    async def _go_away(self, tab: Tab, _: Frame) -> None:
        tab.away = True

    async def _come_back(self, tab: Tab, _: Frame) -> None:
        tab.away = False
        await self._see(tab)

    async def _see(self, tab: Tab) -> None:
        """What is shown is seen, from the moment on in which somebody looks."""
        if tab.conversation is not None and not tab.away and await self._shelf.see(tab.user, tab.conversation):
            self._hub.list_changed(tab.user.id)

    async def _conversation(self, tab: Tab, wanted: UUID | None) -> Frame:
        if wanted is None:
            return {"t": "conversation", "id": None, "title": "", "model": None, "messages": []}
        conversation, rows = await self.read(tab, ConversationId(wanted), _SHOWN_MESSAGES)
        messages = [show_message(row, self._markdown, tab.words) for row in rows]
        return {
            "t": "conversation",
            "id": str(conversation.id),
            "title": conversation.title,
            "model": conversation.model,
            "messages": messages,
            "temporary": self._rooms.memory.holds(ConversationId(wanted)),
        }
