"""What is written out for spreadsheets."""

from __future__ import annotations

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(cell: str) -> str:
    """Give a text as a spreadsheet shows it: one that it would reckon with is marked as text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
