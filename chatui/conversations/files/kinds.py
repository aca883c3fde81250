"""What a file is, by what is in it and never by its name: pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

_MAGIC: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_PDF: Final = b"%PDF-"
_BYTE_ORDER: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
# What no text has: control characters beside those for spaces, pages and colours of a terminal.
_NO_TEXT: Final = re.compile("[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f]")


class FileKind(StrEnum):
    """What can stand beside a question."""

    IMAGE = "image"
    TEXT = "text"
    PDF = "pdf"


class FileFlaw(StrEnum):
    """Why a file cannot."""

    EMPTY = "empty"
    BINARY = "binary"
    CODING = "coding"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    NO_TEXT = "no_text"
    LONG = "long"
    PAGES = "pages"
    PIXELS = "pixels"
    HEAVY = "heavy"
    LARGE = "large"
    MANY = "many"
    FULL = "full"
    BUSY = "busy"


def kind_of(data: bytes) -> FileKind | None:
    """Tell what a file is; None for what is neither a picture nor a PDF nor text."""
    if data.startswith(_MAGIC) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return FileKind.IMAGE
    if data[:64].lstrip().startswith(_PDF):
        return FileKind.PDF
    return FileKind.TEXT if text_in(data) is not None else None


def text_in(data: bytes) -> str | None:
    """Read text in UTF-8, or in UTF-16 that says so; None for what is none. Lines end in one way."""
    coding = next((coding for mark, coding in _BYTE_ORDER.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(coding)
    except UnicodeDecodeError:
        return None
    return None if _NO_TEXT.search(text) else lines_of(text)


def may_be_text(data: bytes) -> bool:
    """Tell whether bytes that are no UTF-8 may be text in a coding of older programs: none has control characters."""
    return not _NO_TEXT.search(data.decode("latin-1"))


def lines_of(text: str) -> str:
    """Give a text whose lines end in one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
