"""A small HTTP/1.1 server on a real socket, for the scripted servers: it sees at once when a client leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 503: "Service Unavailable"}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, read whole."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        value = json.loads(self.body or b"{}")
        assert isinstance(value, dict)
        return value


class HttpResponder:
    """Sends one reply: all at once, or as a stream of chunks."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._started = False

    async def send_json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        await self.send(status, json.dumps(value).encode(), "application/json; charset=utf-8", headers)

    async def send(self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        self._head(status, {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})})
        self._writer.write(body)
        await self._writer.drain()

    async def send_chunk(self, data: bytes, content_type: str) -> None:
        """Send a piece of a stream; the first one sends the headers as well, as Ollama does."""
        if not self._started:
            self._head(200, {"Content-Type": content_type, "Transfer-Encoding": "chunked"})
        self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        await self._writer.drain()

    async def end_stream(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    @property
    def started(self) -> bool:
        return self._started

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self._started = True
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}", *(f"{k}: {v}" for k, v in headers.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())


Handler = Callable[[HttpRequest, HttpResponder], Awaitable[None]]


class HttpServer:
    """Serves `handle` on the loopback; a handler is cancelled when its client leaves."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.accepted = 0

    async def start(self, port: int = 0) -> str:
        """Listen; returns the URL."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def aclose(self) -> None:
        """Stop at once: the connections break off."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    @property
    def open_connections(self) -> int:
        return len(self._connections)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        # In a callback, since a task that is cancelled before its first step runs no `finally`.
        task.add_done_callback(lambda _: writer.transport.abort())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                if not await self._answer(request, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass

    async def _answer(self, request: HttpRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the client left before the end."""
        handler = asyncio.ensure_future(self._handle(request, HttpResponder(writer)))
        # Nothing comes from a client that waits for its reply, so that what is read here is its leaving.
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({handler, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not handler.done():
                return False
            handler.result()
            return not leaving.done()
        finally:
            handler.cancel()
            leaving.cancel()
            await asyncio.gather(handler, leaving, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> HttpRequest | None:
    """Read one request; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode().rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return HttpRequest(method, path, headers, body)
