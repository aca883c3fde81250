"""The words of the sheet of keyboard shortcuts, in English."""

from __future__ import annotations

from typing import Final

KEYS: Final[dict[str, str]] = {
    "help": "Keyboard shortcuts",
    "keys_anywhere": "Anywhere",
    "keys_answer": "The newest answer",
    "keys_in_box": "In the box",
    "keys_previous": "Previous conversation",
    "keys_next": "Next conversation",
    "keys_list": "Hide or show the list",
    "keys_box": "To the box",
    "keys_stop": "Close, or stop it",
    "keys_copy": "Copy it",
    "keys_line": "New line",
}
