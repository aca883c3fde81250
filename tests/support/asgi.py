"""A client below HTTP: says to an app what a server would, also what no client library lets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message

Headers = Sequence[tuple[bytes, bytes]]
HOST = (b"host", b"127.0.0.1:7860")


@dataclass(frozen=True)
class Asked:
    """A request, byte by byte; `target` is the path with its query, `body` comes in these pieces."""

    method: str
    target: bytes
    headers: Headers = ()
    body: Sequence[bytes] = ()


@dataclass
class Answered:
    """What came of it. `status` is 0 while there is no answer."""

    status: int = 0
    headers: Headers = ()
    body: bytearray = field(default_factory=bytearray)


async def ask(app: ASGIApp, asked: Asked, limit_s: float = 60) -> Answered:
    """Ask an app; whatever it raises goes through."""
    answered = Answered()
    pieces = [{"type": "http.request", "body": piece, "more_body": True} for piece in asked.body]
    waiting: list[Message] = [*pieces, {"type": "http.request", "body": b"", "more_body": False}]
    gone = asyncio.Event()

    async def receive() -> Message:
        if not waiting:
            await gone.wait()
            return {"type": "http.disconnect"}
        return waiting.pop(0)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.status, answered.headers = message["status"], message["headers"]
        elif message["type"] == "http.response.body":
            answered.body += message.get("body", b"")

    async with asyncio.timeout(limit_s):
        await app(_scope("http", asked.target, asked.headers) | {"method": asked.method}, receive, send)
    return answered


@dataclass
class Line:
    """A WebSocket: what the app sent, and the code with which it closed; None while it is open."""

    incoming: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    sent: list[str] = field(default_factory=list)
    closed: int | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, frame: str | bytes) -> None:
        kind = "text" if isinstance(frame, str) else "bytes"
        self.incoming.put_nowait({"type": "websocket.receive", kind: frame})

    async def until(self, words: str, limit_s: float = 60) -> bool:
        """Wait for words that the app sends; False when the line is over before."""
        async with asyncio.timeout(limit_s):
            while not any(words in text for text in self.sent):
                if self.closed is not None or self.over.is_set():
                    return False
                self.news.clear()
                await self.news.wait()
        return True

    async def take(self, message: Message) -> None:
        if message["type"] == "websocket.send":
            self.sent.append(message.get("text") or message["bytes"].decode())
        elif message["type"] == "websocket.close":
            self.closed = message.get("code", 1000)
        self.news.set()


@asynccontextmanager
async def line(app: ASGIApp, headers: Headers, target: bytes = b"/live") -> AsyncIterator[Line]:
    """Open a WebSocket for the length of a block; whatever the app raises goes through at its end."""
    opened = Line()
    opened.incoming.put_nowait({"type": "websocket.connect"})

    async def serve() -> None:
        try:
            await app(_scope("websocket", target, headers), opened.incoming.get, opened.take)
        finally:
            opened.over.set()
            opened.news.set()

    serving = asyncio.create_task(serve())
    try:
        yield opened
    finally:
        opened.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(60):
            await serving


def _scope(kind: str, target: bytes, headers: Headers) -> dict[str, Any]:
    path, _, query = target.partition(b"?")
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        # As uvicorn reads it.
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [HOST, *headers],
        # Nobody else's: an address that tried too often must wait.
        "client": ("192.0.2.99", 50_000),
        "server": ("127.0.0.1", 7860),
        "state": {},
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}} if kind == "websocket" else {},
    }
