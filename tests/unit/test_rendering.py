"""What of a conversation is shown at first."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chatui.conversations.reading import Piece
from chatui.web.rendering import last_screen
from storage.tables import Message

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def piece_of(*texts: str) -> Piece:
    rows = [Message(conversation_id=uuid4(), role="user", content=text, created_at=NOW) for text in texts]
    return Piece(rows, {}, older=False)


@pytest.mark.parametrize(("text", "shown"), [("tea", 35), ("tea " * 250, 10), ("tea\n" * 20, 10), ("tea " * 9_000, 10)])
def test_what_fills_a_screen_is_shown_at_first(text: str, shown: int) -> None:
    piece = piece_of(*[text] * 49, "the last one")
    first = last_screen(piece)
    assert first.messages == piece.messages[-len(first.messages) :]
    assert (len(first.messages), first.older) == (shown, True)


def test_what_is_short_is_shown_whole() -> None:
    piece = piece_of(*["tea " * 9_000] * 10)
    assert last_screen(piece) is piece
