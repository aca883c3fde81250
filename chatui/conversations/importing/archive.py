"""The JSON texts in a file that somebody chose: the file itself, or those in the archive that ChatGPT sends."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final

from chatui.conversations.importing.flaws import ImportFlaw
from chatui.domain.errors import ImportRefused

LONGEST_FILE: Final = 100 * 1024 * 1024
"""Bytes of what may be sent; pictures make archives large."""
LONGEST_JSON: Final = 64 * 1024 * 1024
LONGEST_UNPACKED: Final = 256 * 1024 * 1024
_MOST_TEXTS: Final = 1000
_MOST_MEMBERS: Final = 100_000
_ZIP: Final = b"PK\x03\x04"
# Large exports come in several files, each a list of its own.
_NAMES: Final = re.compile(r"(?:^|/)conversations(?:-\d{1,6})?\.json$")
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError)


def texts_in(file: IO[bytes]) -> Iterator[str]:
    """Give the texts that may hold conversations, each of at most `LONGEST_JSON` bytes; raises `ImportRefused`."""
    file.seek(0)
    is_archive = file.read(len(_ZIP)) == _ZIP
    file.seek(0)
    if is_archive:
        yield from _texts_in_archive(file)
    else:
        yield _decoded(_bounded(file))


def _texts_in_archive(file: IO[bytes]) -> Iterator[str]:
    left = LONGEST_UNPACKED
    try:
        with zipfile.ZipFile(file) as archive:
            for member in _members(archive):
                with archive.open(member) as opened:
                    packed = _bounded(opened)
                left -= len(packed)
                if left < 0:
                    raise ImportRefused(ImportFlaw.TOO_LARGE)
                yield _decoded(packed)
    except _BROKEN as error:
        raise ImportRefused(ImportFlaw.UNREADABLE) from error


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    found = [member for member in members if _NAMES.search(member.filename)]
    if len(members) > _MOST_MEMBERS or len(found) > _MOST_TEXTS:
        raise ImportRefused(ImportFlaw.TOO_LARGE)
    if not found:
        raise ImportRefused(ImportFlaw.NOTHING)
    return sorted(found, key=lambda member: member.filename)


def _bounded(file: IO[bytes]) -> bytes:
    """Read a file to its end, whatever it says of its size."""
    read = file.read(LONGEST_JSON + 1)
    if len(read) > LONGEST_JSON:
        raise ImportRefused(ImportFlaw.TOO_LARGE)
    return read


def _decoded(read: bytes) -> str:
    try:
        return read.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ImportRefused(ImportFlaw.UNREADABLE) from error
