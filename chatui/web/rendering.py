"""Messages as a tab shows them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from chatui.conversations.reading import Piece
from chatui.conversations.rooms import Rooms
from chatui.web.commands.filing import show_file
from chatui.web.frames import Frame
from chatui.web.markdown import Markdown
from chatui.web.tab import Tab
from chatui.web.transcript import UNDER_WAY, show_message

SHOWN_MESSAGES: Final = 50
FIRST_MESSAGES: Final = 20
"""As many are read before anything is shown: each row that is read waits for its turn of the interpreter."""
_RENDERED_AT_ONCE: Final = 20_000
_MESSAGE: Final = 2_000
"""What a message costs beside its text; both in characters."""
_SCREEN: Final = 9_000
"""Fills a tall screen, in characters of prose; at least `_SCREEN_MESSAGES` are shown."""
_SCREEN_MESSAGES: Final = 10
_ROOM, _LINE_ROOM = 260, 60
"""How much of it a message takes beside its text, and a line beside its words."""


def last_screen(piece: Piece) -> Piece:
    """The end of a piece that is seen at first: a page that has drawn it asks for what is before it."""
    taken = 0
    for shown, row in enumerate(reversed(piece.messages)):
        if taken >= _SCREEN and shown >= _SCREEN_MESSAGES:
            return replace(piece, messages=piece.messages[-shown:], older=True)
        taken += len(row.content) + row.content.count("\n") * _LINE_ROOM + _ROOM
    return piece


async def render(piece: Piece, markdown: Markdown, tab: Tab) -> list[Frame]:
    """The messages of a piece in the tab's language. Others get their turn while many are rendered."""
    shown, rendered = [], 0
    for row in piece.messages:
        rendered += len(row.content) + _MESSAGE
        if rendered > _RENDERED_AT_ONCE:
            await asyncio.sleep(0)
            rendered = 0
        message = show_message(row, markdown, tab.words, piece.beside.get(row.id, ()))
        shown.append(message | {"files": [show_file(head) for head in piece.files.get(row.id, ())]})
    if piece.together:
        shown[-1]["columns"] = [show_message(row, markdown, tab.words, ()) for row in piece.together]
    return shown


def is_over(rooms: Rooms, piece: Piece) -> bool:
    """Whether an answer that was under way when it was read has ended since: then it must be read again."""
    under_way = {row.id for row in (*piece.messages, *piece.together) if row.state in UNDER_WAY}
    return bool(under_way) and not under_way <= {place.message for place, _ in rooms.live()}
