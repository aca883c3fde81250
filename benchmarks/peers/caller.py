"""One question over a connection of its own, which is really closed by who goes away."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.gateway.door import Door


@dataclass(slots=True)
class Heard:
    """What a client got, at monotonic times: words of the answer as they came, and how it ended."""

    asked_at: float
    words: list[tuple[float, int]] = field(default_factory=list)
    ended_at: float = math.inf
    left: bool = False
    error: str = ""

    @property
    def first_s(self) -> float | None:
        """How long the first word took."""
        return self.words[0][0] - self.asked_at if self.words else None

    @property
    def count(self) -> int:
        """How many words came."""
        return self.by(math.inf)

    def by(self, moment: float) -> int:
        """How many words had come by then."""
        return sum(count for at, count in self.words if at <= moment)


async def call(door: Door, text: str, tokens: int, heard: Heard) -> None:
    """Ask, and read to the end, into `heard`; cancelled, the connection is closed."""
    try:
        await _converse(door, door.request(text, tokens), heard)
    except (OSError, AssertionError, ValueError, asyncio.IncompleteReadError) as error:
        heard.error = str(error) or type(error).__name__


async def _converse(door: Door, request: bytes, heard: Heard) -> None:
    address = urlsplit(door.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(f"{head.decode().splitlines()[0]}: {(await reader.read(300)).decode()}")
        # The last chunk has no bytes; no line of the stream is a lone nought.
        while (line := await reader.readline()) != b"0\r\n":
            assert line, "the line broke"
            if count := len(door.text_in(line).split()):
                heard.words.append((time.monotonic(), count))
    finally:
        with suppress(OSError):
            writer.close()
