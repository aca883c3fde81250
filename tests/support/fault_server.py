"""A server of faults on a raw socket: each request gets the next fault of the script, the last one again and again.

A mock transport would hide what sockets do; here the kernel sends the FIN and the RST.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.support.http_server import HttpRequest, read_request
from tests.support.watched import Watched

Fault = Callable[[asyncio.StreamWriter], Awaitable[None]]

# Ollama's lines of an answer, as far as the faults let them come.
TEXT_LINE = b'{"model":"m","message":{"role":"assistant","content":"Hello"},"done":false}\n'
DONE_LINE = (
    b'{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","eval_count":1}\n'
)
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"


class FaultServer(Watched):
    """Plays `faults` in order, one for each request. `left` counts the clients that hung up on a fault that waits."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self._faults = list(faults)
        self.requests = 0
        self.left = 0
        self.playing = 0
        self._connections: set[asyncio.Task[None]] = set()
        self._stopped = False

    def next_fault(self, _: HttpRequest) -> Fault:
        """Tell what a request gets."""
        self.requests += 1
        return self._faults.pop(0) if len(self._faults) > 1 else self._faults[0]

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection in a task of its own; one that was on its way when the server stopped is broken off."""
        if self._stopped:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        # In a callback, since a task that is cancelled before its first step runs no `finally`.
        task.add_done_callback(lambda _: writer.transport.abort())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                await self._play_until_left(self.next_fault(request), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left, perhaps in the middle of its request

    async def _play_until_left(self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        playing = asyncio.ensure_future(fault(writer))
        leaving = asyncio.ensure_future(reader.read(1))
        self.playing += 1
        self.changed()
        try:
            await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            self.left += not playing.done()
        finally:
            # Also when the server stops: a fault that waits for ever would be left to the garbage collector.
            self.playing -= 1
            playing.cancel()
            leaving.cancel()
            await asyncio.gather(playing, leaving, return_exceptions=True)
        self.changed()

    async def stop(self) -> None:
        """Break every connection off."""
        self._stopped = True
        for connection in self._connections:
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections)


@asynccontextmanager
async def fault_server(*faults: Fault) -> AsyncGenerator[tuple[str, FaultServer], None]:
    """Run a fault server on the loopback; gives its URL and itself."""
    faulty = FaultServer(*faults)
    server = await asyncio.start_server(faulty.accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", faulty
    finally:
        server.close()
        await faulty.stop()


def refused_url() -> str:
    """Give a URL where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def raw(data: bytes) -> Fault:
    """Send `data` and end the connection cleanly."""

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.write_eof()
        await asyncio.Event().wait()

    return play


def reset_after(data: bytes) -> Fault:
    """Send `data` and reset the connection."""

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return play


def stall_after(data: bytes) -> Fault:
    """Send `data` and then nothing, with the connection open."""

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.Event().wait()

    return play


def drip_after(data: bytes, interval_seconds: float = 0.01) -> Fault:
    """Send `data` and then one byte at a time, for ever, none of which ends a line."""

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        while True:
            writer.write(chunk(b" "))
            await writer.drain()
            await asyncio.sleep(interval_seconds)

    return play


def reply(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Fault:
    """Send a whole reply; an underscore in a header's name becomes a dash."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, "", ""]).encode()

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(head + body)
        await writer.drain()

    return play


def error_reply(status: int, text: Any, **headers: str) -> Fault:
    """Refuse as Ollama does."""
    return reply(status, json.dumps({"error": text}).encode(), **headers)


def stream(*lines: bytes) -> Fault:
    """Stream the lines and end the body cleanly, with the connection open."""
    data = STREAM_HEAD + b"".join(map(chunk, lines)) + b"0\r\n\r\n"

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return play


def begun(*lines: bytes) -> bytes:
    """Give the bytes of a stream that has begun and not ended."""
    return STREAM_HEAD + b"".join(map(chunk, lines))


def huge_line(megabytes: int = 8) -> Fault:
    """Stream one line of many megabytes."""

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM_HEAD)
        for _ in range(megabytes * 16):
            writer.write(chunk(b"x" * 65_536))
            await writer.drain()
        writer.write(chunk(b"\n"))

    return play


def gzip_bomb(megabytes: int = 64) -> Fault:
    """Send a small reply that unpacks to many megabytes, though no compression was asked for."""
    packed = gzip.compress(b" " * (megabytes << 20))
    return reply(200, packed, "application/x-ndjson", Content_Encoding="gzip")
