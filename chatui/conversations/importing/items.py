"""The conversations in a JSON text, one at a time: all of them at once would take many times the memory of the text."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

from chatui.conversations.importing.flaws import ImportFlaw
from chatui.domain.errors import ImportRefused

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()
_LIST, _FILES = "conversations", "files"
WINDOWS: Final = (256 * 1024, 2 * 1024 * 1024, 16 * 1024 * 1024)
"""Characters in which one conversation is looked for; one that is longer is not read."""


@dataclass(frozen=True, slots=True)
class FileItem:
    """What an object at the top holds among its `files`."""

    told: Any


def items_in(text: str) -> Generator[Any, None, None]:
    """Give what a list at the top holds, or what an object holds as its `conversations`; else the object itself.

    The `files` of an object are given as `FileItem`s, wherever they are in it.

    Raises `ImportRefused`, perhaps after some of them, for what is no such JSON, or is nested without end.
    """
    try:
        at = _space(text, 1 if text.startswith("\ufeff") else 0)
        if text.startswith("[", at):
            at = yield from _elements(text, at)
        elif text.startswith("{", at):
            at = yield from _members(text, at)
        else:
            raise ImportRefused(ImportFlaw.UNREADABLE)
        if at != len(text):
            raise ImportRefused(ImportFlaw.UNREADABLE)
    except (ValueError, RecursionError) as error:
        raise ImportRefused(ImportFlaw.UNREADABLE) from error


def _elements(text: str, at: int) -> Generator[Any, None, int]:
    """Give the elements of the list that begins at `at`; returns where the text goes on behind it."""
    at = _space(text, at + 1)
    if text.startswith("]", at):
        return _space(text, at + 1)
    while True:
        element, at = _decoded(text, at)
        yield element
        at = _space(text, at)
        if text.startswith("]", at):
            return _space(text, at + 1)
        at = _after(text, at, ",")


def _members(text: str, at: int) -> Generator[Any, None, int]:
    """Give what the object that begins at `at` holds; returns where the text goes on behind it."""
    whole: dict[str, Any] = {}
    has_list = False
    at = _space(text, at + 1)
    while not text.startswith("}", at):
        name, at = _decoded(text, at)
        at = _after(text, _space(text, at), ":")
        if name == _LIST and text.startswith("[", at):
            has_list = True
            at = yield from _elements(text, at)
        elif name == _FILES and text.startswith("[", at):
            at = yield from _files(text, at)
        else:
            whole[_name(name)], at = _decoded(text, at)
            at = _space(text, at)
        if not text.startswith("}", at):
            at = _after(text, at, ",")
    if not has_list:
        yield whole
    return _space(text, at + 1)


def _files(text: str, at: int) -> Generator[FileItem, None, int]:
    """Give the files of the list that begins at `at`; returns where the text goes on behind it."""
    elements = _elements(text, at)
    while True:
        try:
            told = next(elements)
        except StopIteration as end:
            return int(end.value)
        yield FileItem(told)


def _decoded(text: str, at: int) -> tuple[Any, int]:
    """Read the value that begins at `at`; gives where it ends, too.

    The decoder lets nobody else run meanwhile: it gets no more than it needs, and no end of text to read.
    """
    for window in WINDOWS:
        part = text[at : at + window]
        is_rest = at + len(part) == len(text)
        try:
            value, end = _DECODER.raw_decode(part)
        except ValueError:
            if is_rest:
                raise
            continue
        if end < len(part) or is_rest:  # else it may be the beginning of a longer number
            return value, at + end
    raise ImportRefused(ImportFlaw.TOO_LARGE)


def _name(told: object) -> str:
    if not isinstance(told, str):
        raise ValueError("the name of a member is no text")  # noqa: TRY004 - as the decoder says it
    return told


def _after(text: str, at: int, mark: str) -> int:
    if not text.startswith(mark, at):
        raise ValueError(f"no {mark!r} at {at}")
    return _space(text, at + 1)


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
