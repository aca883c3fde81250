"""Clients that are slow on purpose, or many: they hold nothing for long, and others notice nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from chatui.web import live
from chatui.web.connections import ConnectionLimits, Connections
from chatui.web.listener import bind
from chatui.web.pace import Pace
from tests.support.asgi import line
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer

HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n"
SOON = ConnectionLimits(request=timedelta(seconds=0.3), per_address=3)
# Long enough for a busy machine to take what came in time.
SOON_ENOUGH = ConnectionLimits(request=timedelta(seconds=2), per_address=3)


@dataclass
class Served:
    """A small app behind the protocol of the house: it says how long a body was, and echoes on a WebSocket."""

    port: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def length(self, request: Request) -> PlainTextResponse:
        try:
            return PlainTextResponse(str(len(await request.body())))
        except ClientDisconnect:
            self.left.set()
            raise

    async def echo(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except WebSocketDisconnect:
            pass

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)


@asynccontextmanager
async def serving(limits: ConnectionLimits, proxies: Sequence[str] = ()) -> AsyncIterator[Served]:
    served = Served()
    routes = [Route("/", served.length, methods=["GET", "POST"]), WebSocketRoute("/echo", served.echo)]
    connections = Connections(limits, proxies)
    config = uvicorn.Config(
        Starlette(routes=routes),
        http=connections.protocol,  # type: ignore[arg-type]  # whatever makes a protocol will do
        lifespan="off",
        log_level="critical",
    )
    server = uvicorn.Server(config)
    listener = bind("127.0.0.1", 0)
    served.port = listener.getsockname()[1]
    serving = asyncio.create_task(server._serve([listener]))
    try:
        yield served
    finally:
        server.should_exit = True
        await serving


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side ends the connection."""
    async with asyncio.timeout(60):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def drip(writer: asyncio.StreamWriter, pieces: bytes) -> None:
    """One byte after the other, each in good time, for as long as anybody takes them."""
    try:
        for byte in pieces:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)
    except ConnectionError:
        return


@pytest.mark.parametrize("begun", [b"", b"POST / HT", HEAD, HEAD + b"\r\nsome"])
async def test_a_request_that_does_not_come_is_not_waited_for(begun: bytes) -> None:
    async with serving(SOON) as served:
        reader, writer = await served.connect()
        writer.write(begun)
        assert await ended(reader) == b""
        writer.close()


@pytest.mark.parametrize("dripped", [b"x-y: " + b"z" * 5_000, b"\r\n" + b"z" * 999])
async def test_a_request_that_drips_is_not_waited_for_either(dripped: bytes) -> None:
    async with serving(SOON_ENOUGH) as served:
        reader, writer = await served.connect()
        writer.write(HEAD)
        dripping = asyncio.create_task(drip(writer, dripped))
        assert await ended(reader) == b""
        dripping.cancel()
        if dripped.startswith(b"\r\n"):
            async with asyncio.timeout(60):
                await served.left.wait()
        writer.close()


async def test_the_time_counts_anew_for_each_request_of_a_connection() -> None:
    async with serving(ConnectionLimits(request=timedelta(seconds=4))) as served:
        reader, writer = await served.connect()
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            async with asyncio.timeout(60):
                assert (await reader.readuntil(b"\r\n\r\n0")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET / HT")
        assert await ended(reader) == b""
        writer.close()


async def test_a_websocket_may_be_silent() -> None:
    async with serving(SOON_ENOUGH) as served, websockets.connect(f"ws://127.0.0.1:{served.port}/echo") as socket:
        reader, writer = await served.connect()
        assert await ended(reader) == b""  # so long that a request would not have been waited for
        await socket.send("still there")
        assert await socket.recv() == "still there"
        writer.close()


async def test_an_address_has_so_many_connections_and_no_more() -> None:
    async with serving(ConnectionLimits(per_address=3)) as served, AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(websockets.connect(f"ws://127.0.0.1:{served.port}/echo")) for _ in range(5)
        ]
        held = [await served.connect() for _ in range(3)]
        refused, writer = await served.connect()
        assert await ended(refused) == b""
        writer.close()
        held[0][1].close()
        await held[0][1].wait_closed()
        await answered_in_the_end(served)
        await sockets[0].send("untouched")
        assert await sockets[0].recv() == "untouched"
        for _, writer in held:
            writer.close()


async def answered_in_the_end(served: Served) -> None:
    """Ask until there is room: the server hears of a connection that ended a moment after its client."""
    async with asyncio.timeout(60):
        while True:
            reader, writer = await served.connect()
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            came = await ended(reader)
            writer.close()
            if came:
                assert came.startswith(b"HTTP/1.1 200")
                return


async def test_a_proxy_has_as_many_as_it_needs() -> None:
    async with serving(ConnectionLimits(per_address=1), ["127.0.0.1"]) as served:
        held = [await served.connect() for _ in range(5)]
        for reader, writer in held:
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert (await ended(reader)).startswith(b"HTTP/1.1 200")
            writer.close()


@asynccontextmanager
async def at_home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[House, Guest]]:
    async with OllamaServer() as ollama, house(tmp_path_factory.mktemp("data"), ollama.url) as home:
        yield home, await home.guest("Bob")


def session(guest: Guest) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", "; ".join(f"{name}={value}" for name, value in guest.cookies.items()).encode())]


async def test_a_tab_that_never_says_hello_and_one_too_many_are_ended(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_TABS", 3)
    async with at_home(tmp_path_factory) as (home, bob), AsyncExitStack() as stack:
        app = home.site.app
        tabs = [await stack.enter_async_context(line(app, session(bob))) for _ in range(3)]
        for tab in tabs:
            tab.say('{"t": "hello"}')
            assert await tab.until('"t":"conversation"')
        many = await stack.enter_async_context(line(app, session(bob)))
        assert not await many.until("anything")
        assert many.closed == 1013
        eve = session(await home.guest("Eve"))
        with monkeypatch.context() as hasty:
            hasty.setattr(live, "HELLO_WITHIN", timedelta())
            silent = await stack.enter_async_context(line(app, eve))
            assert not await silent.until("anything")
            assert silent.closed == 1008
        other = await stack.enter_async_context(line(app, eve))
        other.say('{"t": "hello"}')
        assert await other.until('"t":"conversation"')


async def test_who_talks_without_a_break_is_heard_at_a_pace(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FRAMES_AT_ONCE", 5)
    monkeypatch.setattr(live, "FRAMES_PER_SECOND", 50)
    async with at_home(tmp_path_factory) as (home, bob), line(home.site.app, session(bob)) as tab:
        tab.say('{"t": "hello"}')
        assert await tab.until('"t":"conversation"')
        begun = asyncio.get_running_loop().time()
        for _ in range(25):
            tab.say('{"t": "ping"}')
        tab.say('{"t": "open", "conversation": "the last"}')
        tab.sent.clear()
        assert await tab.until('"t":"conversation"')
        assert sum('"pong"' in frame for frame in tab.sent) == 25
        assert asyncio.get_running_loop().time() - begun > 0.3  # 26 words, of which five are free


def test_a_pace_gives_a_burst_then_a_rate_and_rests_up_to_the_burst() -> None:
    pace = Pace(per_second=2, burst=3, now=100.0)
    assert [pace.step(100.0) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert pace.step(101.5) == 0
    assert [pace.step(1_000.0) for _ in range(4)] == [0, 0, 0, 0.5]
