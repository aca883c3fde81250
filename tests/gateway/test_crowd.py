"""Five hundred programs that wait at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.gateway.conftest import MODEL, SCRIPT, Gate, key_for
from tests.support.house import house
from tests.support.ollama_server import OllamaServer

CLIENTS, EACH = 500, 25
OK = httpx.codes.OK
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "hello, tokens=1"}], "stream": False}


@asynccontextmanager
async def crowded(data: Path, room: int) -> AsyncIterator[tuple[Gate, list[asyncio.Task[httpx.Response]]]]:
    """Everybody asks while the one slot is taken; `room` may wait."""
    async with (
        OllamaServer(SCRIPT) as server,
        house(data, server.url, workers=1, queue_total=room, queued_per_person=CLIENTS) as home,
    ):
        ada = await home.guest("Ada")
        gate = Gate(home, server, ada, await key_for(home, ada))
        async with AsyncExitStack() as stack:
            # One client's pool looks through all of its connections at each step.
            https = [await stack.enter_async_context(gate.place.http()) for _ in range(CLIENTS // EACH)]
            for _ in range(5):  # how long an answer takes is known: else the last would be refused for their wait
                assert (await https[0].post("/api/chat", json=BODY)).status_code == OK
            server.gate.clear()
            yield gate, [asyncio.create_task(http.post("/api/chat", json=BODY)) for http in https for _ in range(EACH)]


async def waiting(gate: Gate, jobs: int) -> None:
    async with asyncio.timeout(200):  # five hundred take their time on a busy machine
        while len(gate.home.core.scheduler.jobs) < jobs:  # noqa: ASYNC110 - it has no event of its own
            await asyncio.sleep(0.05)


@pytest.mark.broad
async def test_all_wait_and_all_are_served(tmp_path: Path) -> None:
    async with crowded(tmp_path, CLIENTS) as (gate, asked):
        await waiting(gate, CLIENTS)
        assert not any(one.done() for one in asked)
        gate.server.gate.set()
        answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {OK}
    assert all(answer.json()["done"] for answer in answers)


async def test_whom_there_is_no_room_for_is_told_at_once_when_to_come_back(tmp_path: Path) -> None:
    room = 200
    async with crowded(tmp_path, room) as (gate, asked):
        await waiting(gate, room + 1)
        while sum(one.done() for one in asked) < CLIENTS - room - 1:
            await asyncio.wait([one for one in asked if not one.done()], return_when=asyncio.FIRST_COMPLETED)
        refused = [one.result() for one in asked if one.done()]
        gate.server.gate.set()
        served = [answer for answer in await asyncio.gather(*asked) if answer not in refused]
    assert {answer.status_code for answer in refused} == {429}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert all(isinstance(answer.json()["error"], str) for answer in refused)
    assert [answer.status_code for answer in served] == [OK] * (room + 1)
