"""The address that the app listens on."""

from __future__ import annotations

import asyncio
import socket

from chatui.web.listener import bind


async def test_small_pieces_are_sent_at_once() -> None:
    seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held: socket.socket = writer.get_extra_info("socket")
        seen.set_result(held.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()
        await writer.wait_closed()

    listener = bind("127.0.0.1", 0)
    async with await asyncio.start_server(look, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        async with asyncio.timeout(60):
            assert await seen
        writer.close()
        await writer.wait_closed()
