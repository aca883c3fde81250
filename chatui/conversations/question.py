"""What a question may be: pure."""

from __future__ import annotations

from chatui.domain.errors import EmptyMessage, MessageTooLong


def check_text(text: str, characters: int) -> None:
    """Raise `EmptyMessage` for a text without words, `MessageTooLong` for one of more than so many characters."""
    if not text.strip():
        raise EmptyMessage
    if len(text) > characters:
        raise MessageTooLong(len(text), characters)
