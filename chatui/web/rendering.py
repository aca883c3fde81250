"""Messages as a tab shows them."""

from __future__ import annotations

import asyncio
from typing import Final

from chatui.conversations.reading import Piece
from chatui.conversations.rooms import Rooms
from chatui.domain.messages import ConversationId
from chatui.web.frames import Frame
from chatui.web.markdown import Markdown
from chatui.web.tab import Tab
from chatui.web.transcript import UNDER_WAY, show_message

SHOWN_MESSAGES: Final = 50
_RENDERED_AT_ONCE: Final = 10


async def render(piece: Piece, markdown: Markdown, tab: Tab) -> list[Frame]:
    """The messages of a piece in the tab's language. Others get their turn while many are rendered."""
    shown = []
    for index, row in enumerate(piece.messages):
        if index % _RENDERED_AT_ONCE == _RENDERED_AT_ONCE - 1:
            await asyncio.sleep(0)
        shown.append(show_message(row, markdown, tab.words, piece.beside.get(row.id, ())))
    return shown


def is_over(rooms: Rooms, conversation: ConversationId, piece: Piece) -> bool:
    """Whether an answer that was under way when it was read has ended since: then it must be read again."""
    return any(row.state in UNDER_WAY for row in piece.messages) and rooms.live(conversation) is None
