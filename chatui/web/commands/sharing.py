"""Sharing a conversation inside the team, and going on with one that somebody else shares."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from chatui.conversations.sharing import Sharing as Shares
from chatui.domain.messages import ConversationId, ShareId
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, conversation_in
from chatui.web.hub import Hub
from chatui.web.tab import Tab


class Sharing:
    """What a page does with links. A link names what it leads to as an id names a conversation."""

    def __init__(self, hub: Hub, shares: Shares) -> None:
        self._hub = hub
        self._shares = shares

    def commands(self) -> Mapping[str, Command]:
        """`share` a conversation, `unshare` it, `copy` what a link leads to into a conversation of one's own."""
        return {"share": self._share, "unshare": self._unshare, "copy": self._copy}

    async def _share(self, tab: Tab, frame: Frame) -> None:
        conversation = conversation_in(frame)
        self._tell(tab, conversation, await self._shares.share(tab.by, conversation))

    async def _unshare(self, tab: Tab, frame: Frame) -> None:
        conversation = conversation_in(frame)
        await self._shares.unshare(tab.by, conversation)
        for reader in self._hub.readers_of(conversation):
            self._hub.withdraw(reader)
        self._tell(tab, conversation, None)

    async def _copy(self, tab: Tab, frame: Frame) -> None:
        made = await self._shares.copy(tab.user, ShareId(conversation_in(frame)))
        tab.post({"t": "copied", "conversation": str(made)})
        self._hub.list_changed(tab.user.id)

    def _tell(self, tab: Tab, conversation: ConversationId, share: UUID | None) -> None:
        """Every tab of the person shows whether a conversation is shared, everybody's list what there is to read."""
        self._hub.post_to(tab.user.id, link_frame(conversation, share))
        self._hub.lists_changed()


def link_frame(conversation: ConversationId, share: UUID | None) -> Frame:
    """As what a conversation is shared, if it is."""
    return {"t": "link", "conversation": str(conversation), "link": str(share) if share else None}
