"""Showing what is shared to those who may only read it."""

from __future__ import annotations

from chatui.conversations.services import Services
from chatui.conversations.sharing import SharedChat
from chatui.domain.access import Action, may
from chatui.domain.errors import NotFound, Refused
from chatui.domain.messages import ConversationId, MessageId, ShareId, UserId
from chatui.web.frames import Frame
from chatui.web.hub import Hub
from chatui.web.markdown import Markdown
from chatui.web.rendering import SHOWN_MESSAGES, is_over, render
from chatui.web.tab import Lent, Tab
from chatui.web.transcript import for_reader


class Readers:
    """Sends readers' tabs what they show, until it is shared no longer."""

    def __init__(self, hub: Hub, services: Services, markdown: Markdown) -> None:
        self._hub = hub
        self._rooms = services.rooms
        self._sharing = services.sharing
        self._markdown = markdown

    async def own(self, tab: Tab, share: ShareId) -> ConversationId | None:
        """Tell which conversation of the person's own a link leads to; None for one that is somebody else's."""
        link = await self._sharing.find(tab.user, share)
        return ConversationId(link.conversation.id) if link.owner == tab.user.id else None

    async def show(self, tab: Tab, share: ShareId) -> None:
        """Show what a link leads to; raises `NotFound` where it leads nowhere."""
        found, messages = await self._read(tab, share)
        if is_over(self._rooms, found.piece):
            found, messages = await self._read(tab, share)
        conversation = ConversationId(found.link.conversation.id)
        row = found.link.conversation
        tab.post(
            {
                "t": "conversation",
                "id": str(share),
                "title": row.title,
                "model": row.model,
                "messages": messages,
                "temporary": False,
                "older": found.piece.older,
                "reading": {"by": found.link.name, "copy": may(tab.user, Action.ASK)},
            }
        )
        self._hub.show(tab, conversation, Lent(share, UserId(found.link.owner), row.leaf_id))
        await self._look_again(tab, share)

    async def show_again(self, conversation: ConversationId) -> None:
        """Show a conversation anew to all who read it; those who may no longer are told so."""
        for tab in self._hub.readers_of(conversation):
            if tab.lent is not None:
                try:
                    await self.show(tab, tab.lent.share)
                except NotFound:
                    self._hub.withdraw(tab)
                except Refused as refusal:  # what they have stays, and is no worry of who changed it
                    tab.refuse(refusal)

    async def older(self, tab: Tab, lent: Lent, before: MessageId) -> tuple[list[Frame], bool]:
        """Older messages of what a tab reads, and whether there are others before them."""
        piece = await self._sharing.older(tab.user, lent.share, before, SHOWN_MESSAGES)
        return [for_reader(message) for message in await render(piece, self._markdown, tab)], piece.older

    async def _read(self, tab: Tab, share: ShareId) -> tuple[SharedChat, list[Frame]]:
        found = await self._sharing.open(tab.user, share, SHOWN_MESSAGES)
        return found, [for_reader(message) for message in await render(found.piece, self._markdown, tab)]

    async def _look_again(self, tab: Tab, share: ShareId) -> None:
        """Who is withdrawn hears of it from the moment on in which they read along; just before, it is found here."""
        try:
            await self._sharing.find(tab.user, share)
        except NotFound:
            if tab.lent is not None and tab.lent.share == share:
                self._hub.withdraw(tab)
