"""The connections below the client, against a real server on the loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpcore
import pytest

from chatui.backends.streams import LoopNetwork

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MANY = b"tea" * 2_000_000


@asynccontextmanager
async def connected(serve: Serve) -> AsyncIterator[httpcore.AsyncNetworkStream]:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(play, "127.0.0.1", 0)
    async with server:
        stream = await LoopNetwork().connect_tcp("127.0.0.1", server.sockets[0].getsockname()[1], timeout=60)
        try:
            yield stream
        finally:
            await stream.aclose()


async def test_more_than_is_kept_comes_whole_both_ways() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(len(MANY)))
        await writer.drain()

    async with connected(echo) as stream:
        await stream.write(MANY)
        back = bytearray()
        while piece := await stream.read(65_536):
            assert len(piece) <= 65_536
            back += piece
    assert back == MANY


async def test_a_connection_that_the_server_closed_is_known_before_it_is_used() -> None:
    closed = asyncio.Event()

    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        closed.set()

    async with connected(close) as stream:
        await closed.wait()
        assert await stream.read(1) == b""
        assert stream.get_extra_info("is_readable")


async def test_a_reset_is_httpcores_error() -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def write_on(stream: httpcore.AsyncNetworkStream) -> None:
        while True:
            await stream.write(b"tea")
            await asyncio.sleep(0)

    async with connected(reset) as stream:
        with pytest.raises(httpcore.WriteError):
            await write_on(stream)


async def test_a_read_may_have_a_limit() -> None:
    over = asyncio.Event()

    async def nothing(*_: object) -> None:
        await over.wait()

    async with connected(nothing) as stream:
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(1, timeout=0.01)
        over.set()


async def test_nobody_there_is_httpcores_error() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(httpcore.ConnectError):
        await LoopNetwork().connect_tcp("127.0.0.1", port, timeout=60)
