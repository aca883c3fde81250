"""A connection that broke is closed, however often its task was cancelled meanwhile."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from chatui.backends.network import PinnedTransport
from chatui.backends.ssrf import Reach
from tests.support.fault_server import STREAM_HEAD, TEXT_LINE, begun, fault_server, raw, stall_after

FAULTS = {
    "the server hung up": raw(b""),
    "the server hung up in mid-answer": raw(begun(TEXT_LINE)),
    "nothing came": stall_after(b""),
    "headers alone came": stall_after(STREAM_HEAD),
    "a part of the answer came": stall_after(begun(TEXT_LINE)),
}


def client() -> httpx.AsyncClient:
    transport = PinnedTransport(Reach(), httpx.create_ssl_context(verify=False), httpx.Limits(max_connections=None))
    return httpx.AsyncClient(transport=transport, timeout=None)


async def ask(http: httpx.AsyncClient, url: str) -> None:
    """Read an answer; when the connection is cleaned up, that is cancelled in the middle."""

    async def trace(event: str, _: object) -> None:
        if event == "http11.response_closed.started" and (task := asyncio.current_task()) is not None:
            task.cancel()

    async with http.stream("POST", url, json={}, extensions={"trace": trace}) as reply:
        async for _ in reply.aiter_raw():
            pass


@pytest.mark.parametrize("name", FAULTS)
async def test_a_cancelled_clean_up_leaves_no_connection_open(name: str) -> None:
    async with fault_server(FAULTS[name]) as (url, server), client() as http:
        task = asyncio.create_task(ask(http, url))
        if "hung up" not in name:
            await server.until(lambda: server.playing == 1)
            task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        await server.until(lambda: server.playing == 0)
