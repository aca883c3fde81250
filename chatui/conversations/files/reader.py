"""What a model reads of a file, found out without trusting it."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from chatui.conversations.context import TOKENS_PER_IMAGE, estimate_tokens
from chatui.conversations.files.child import LONGEST_TEXT
from chatui.conversations.files.kinds import FileFlaw, FileKind, kind_of, may_be_text, text_in
from chatui.conversations.files.prompt import part_of
from chatui.domain.errors import FileRefused

_PACKAGE_ROOT: Final = Path(__file__).parents[3]
_AT_ONCE: Final = 2
READ_WITHIN: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Known:
    """What became of a file: what is kept of it, and what a model makes of that."""

    kind: FileKind
    media_type: str
    data: bytes
    text: str
    tokens: int


class FileReader:
    """Reads files, all but plain UTF-8 in processes of their own: two at a time, each for `within` at most."""

    def __init__(self, within: timedelta = READ_WITHIN) -> None:
        self._within = within
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def read(self, name: str, data: bytes) -> Known:
        """Read a file; raises `FileRefused`."""
        if not data.strip():
            raise FileRefused(FileFlaw.EMPTY, name)
        kind = kind_of(data)
        match kind:
            case None:
                if not may_be_text(data):
                    raise FileRefused(FileFlaw.BINARY, name)
                media_type, text = await self._made(FileKind.TEXT, name, data)
                return _text(name, data, media_type, FileKind.TEXT, text.decode())
            case FileKind.TEXT:
                return _text(name, data, "text/plain", kind, text_in(data) or "")
            case FileKind.PDF:
                media_type, text = await self._made(kind, name, data)
                return _text(name, data, media_type, kind, text.decode())
            case FileKind.IMAGE:
                media_type, picture = await self._made(kind, name, data)
                return Known(kind, media_type, picture, "", TOKENS_PER_IMAGE)

    async def _made(self, kind: FileKind, name: str, data: bytes) -> tuple[str, bytes]:
        async with self._turns:
            line, _, made = (await self._run(kind, name, data)).partition(b"\n")
        try:
            told = json.loads(line)
        except ValueError as error:  # it ended before it could say why: over its limits
            raise FileRefused(FileFlaw.HEAVY, name) from error
        if "flaw" in told:
            raise FileRefused(told["flaw"], name)
        return told["media_type"], made

    async def _run(self, kind: FileKind, name: str, data: bytes) -> bytes:
        command = (sys.executable, "-m", "chatui.conversations.files.child", str(kind))
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=_PACKAGE_ROOT
            )
        except OSError as error:
            raise FileRefused(FileFlaw.BUSY, name) from error
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                answer, _ = await process.communicate(data)
        except TimeoutError as error:
            raise FileRefused(FileFlaw.HEAVY, name) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return answer


def _text(name: str, data: bytes, media_type: str, kind: FileKind, text: str) -> Known:
    if not text.strip():
        raise FileRefused(FileFlaw.EMPTY, name)
    if len(text) > LONGEST_TEXT:
        raise FileRefused(FileFlaw.LONG, name)
    return Known(kind, media_type, data, text, estimate_tokens(part_of(name, text)))
