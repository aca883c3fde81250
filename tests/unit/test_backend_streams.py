"""The connections below the client, against a real server on the loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpcore
import pytest

from chatui.backends import streams
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


async def test_where_many_are_read_what_comes_within_a_rest_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_REST_S", (0.0, 3_600.0))
    monkeypatch.setattr(streams, "_REST_PER_READER_S", 600.0)  # longer than any test
    read, written = asyncio.Event(), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"one ")
        await read.wait()
        for piece in b"two ", b"three ":
            writer.write(piece)
            await writer.drain()
        written.set()
        writer.write(await reader.read(5))
        await writer.drain()

    async with connected(talk) as stream:
        assert isinstance(stream, streams.LoopStream)
        stream._arriving._pace.readers += 1  # somebody else
        assert await stream.read(100) == b"one "
        read.set()
        resting = asyncio.create_task(stream.read(100))
        await written.wait()
        await asyncio.wait({resting}, timeout=0.1)
        assert not resting.done(), "it rests"
        await stream.write(b"again")  # a new request ends the rest
        assert (await resting).startswith(b"two three ")


async def test_a_rest_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_REST_S", (0.0, 0.03))
    monkeypatch.setattr(streams, "_REST_PER_READER_S", 1.0)

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in b"one ", b"two":
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)

    async with connected(talk) as stream:
        back = bytearray()
        while piece := await stream.read(2):
            back += piece
    assert back == b"one two"


async def test_where_few_are_read_each_piece_is_read_as_it_comes_and_where_many_are_they_wake_in_groups() -> None:
    pace = streams._Pace()
    resting = [streams._Arriving(pace) for _ in range(3)]
    pace.readers = 70
    assert [pace.rest(each) for each in resting] == [None, None, None]
    pace.readers = 200
    before = asyncio.get_running_loop().time()
    groups = [pace.rest(each) for each in resting]
    after = asyncio.get_running_loop().time()
    assert None not in groups
    ends = [group * streams._GROUP_S for group in groups if group is not None]
    assert all(before + 0.085 <= end <= after + 0.095 for end in ends)
    assert len(set(groups)) <= 1 + (after - before) / streams._GROUP_S + 1
