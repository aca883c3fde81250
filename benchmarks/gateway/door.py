"""A way to the same model: asked over a connection that is kept, as lean as Python can, so that it tells of the others.

An answer is streamed, and a clock is read at the arrival of each line, before it is looked at.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Door:
    """Where a chat is asked, in which API's words (that of the path), with which key, and what is sent along."""

    name: str
    url: str
    path: str
    model: str
    key: str = ""
    headers: tuple[str, ...] = ()
    fields: tuple[tuple[str, object], ...] = ()

    def request(self, text: str, tokens: int) -> bytes:
        """Write the request for an answer of so many tokens."""
        body: Json = {"model": self.model, "messages": [{"role": "user", "content": text}], "stream": True}
        body |= {"max_tokens": tokens} if self.speaks_openai else {"options": {"num_predict": tokens}}
        written = json.dumps(body | dict(self.fields)).encode()
        head = [
            f"POST {self.path} HTTP/1.1",
            f"Host: {urlsplit(self.url).netloc}",
            "Content-Type: application/json",
            f"Content-Length: {len(written)}",
            f"Authorization: Bearer {self.key or 'none'}",
            *self.headers,
        ]
        return "\r\n".join([*head, "", ""]).encode() + written

    @property
    def speaks_openai(self) -> bool:
        """Whether OpenAI's API is spoken here, or else Ollama's."""
        return self.path.startswith("/v1/")

    def text_in(self, line: bytes) -> str:
        """Read what a line of the stream adds to the answer; raises AssertionError for an error in it."""
        told = line.removeprefix(b"data:").strip()
        if not told.startswith(b"{"):
            return ""
        chunk: Json = json.loads(told)
        assert "error" not in chunk, f"{self.name}: {chunk['error']}"
        if not self.speaks_openai:
            return str(chunk["message"]["content"])
        return "".join(choice["delta"].get("content") or "" for choice in chunk["choices"])


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: when it was asked for, when its first token and its end came, in monotonic seconds; its tokens."""

    asked_at: float
    first_at: float
    ended_at: float
    tokens: int

    @property
    def first_s(self) -> float:
        """How long the first token took."""
        return self.first_at - self.asked_at


class Visitor:
    """Asks at one door, one question after the other."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, tokens: int) -> Answered:
        """Ask, and read the answer to its end; raises AssertionError for one that is none."""
        reader, writer = await self._connected()
        request = self._door.request(f"Tell me of the samovar, tokens={tokens}", tokens)
        asked_at = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), f"{self._door.name}: {head.decode()}"
        arrivals: list[tuple[float, bytes]] = []
        # The last chunk has no bytes; no line of the stream is a lone nought.
        while (line := await reader.readline()) != b"0\r\n":
            assert line, f"{self._door.name}: the line broke"
            arrivals.append((time.perf_counter(), line))
        ended_at = time.perf_counter()
        await reader.readline()
        if b"connection: close" in head.lower():
            await self.leave()
        texts = [at for at, line in arrivals if self._door.text_in(line)]
        return Answered(asked_at, texts[0], ended_at, len(texts))

    async def leave(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line[1].close()
            self._line = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._line is None or self._line[0].at_eof():
            address = urlsplit(self._door.url)
            self._line = await asyncio.open_connection(address.hostname, address.port)
        return self._line
