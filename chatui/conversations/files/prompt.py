"""What a model reads of a question with files beside it: pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from storage.attachments import PICTURE, Content

_TICKS: Final = re.compile("`+")


def part_of(name: str, text: str) -> str:
    """Write a file as a part of a question: its name, and its text in a fence that nothing in it closes."""
    fence = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    return f"{name}:\n{fence}\n{text.strip()}\n{fence}"


def with_files(question: str, files: Sequence[Content]) -> str:
    """Put the texts of files before a question: models read best what is asked behind what it is asked of."""
    parts = [part_of(one.head.name, one.text) for one in files if one.head.kind != PICTURE]
    return "\n\n".join([*parts, *([question] if question.strip() else [])]) if parts else question


def naming_pictures(question: str, files: Sequence[Content]) -> str:
    """Name the pictures that a model does not get, so that what was said of them is not without ground."""
    names = [f"[{one.head.name}: a picture]" for one in files if one.head.kind == PICTURE]
    return "\n".join([*names, *([question] if question.strip() else [])]) if names else question
