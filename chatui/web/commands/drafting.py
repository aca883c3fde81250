"""What is typed and not sent yet."""

from __future__ import annotations

from collections.abc import Mapping

from chatui.conversations.rooms import Rooms
from chatui.domain.messages import ConversationId
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, text_in, uuid_in
from chatui.web.hub import Hub
from chatui.web.tab import Tab


class Drafting:
    """Drafts. Every tab of the person that shows the conversation hears what is kept, also the one that said it."""

    def __init__(self, hub: Hub, rooms: Rooms) -> None:
        self._hub = hub
        self._rooms = rooms

    def commands(self) -> Mapping[str, Command]:
        """`draft` is what the box holds now, for a conversation or, without one, for the next."""
        return {"draft": self._draft}

    async def _draft(self, tab: Tab, frame: Frame) -> None:
        named = uuid_in(frame, "conversation")
        conversation = ConversationId(named) if named else None
        text = text_in(frame, "text") or ""
        room = self._rooms.of(conversation) if conversation else self._rooms.kept
        await room.unsent.keep(tab.user, conversation, text)
        for shown in self._hub.tabs_of(tab.user.id, conversation):
            shown.post(draft_frame(conversation, text))


def draft_frame(conversation: ConversationId | None, text: str, sent: str | None = None) -> Frame:
    """What is kept of a draft; nothing is, once something was `sent`."""
    return {"t": "draft", "conversation": str(conversation) if conversation else None, "text": text, "sent": sent}
