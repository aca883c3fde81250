"""Hundreds of clients that wait at once: that none is dropped, and what each takes of the app's memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks.gateway.door import Door, Visitor
from benchmarks.gateway.places import MODEL, OpenHouse, Speed, model_server, open_house

PEOPLE = 10
HELD_TOKENS, SHORT_TOKENS = 6_000, 1
KIB = 2**10


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of clients that waited at once; memory in KiB for each of them."""

    clients: int
    waited: int
    served: int
    memory_kib: float


async def crowd(scratch: Path, clients: int) -> Crowd:
    """Have one client take the only slot, and the others wait for it; all are to be served in the end."""
    room = str(2 * clients)
    flags = ["--workers", "1", "--queue-total", room, "--queued-per-person", room]
    async with (
        model_server(Speed(slots=1, tokens_per_s=400.0)) as backend,
        open_house(scratch / "crowd", backend, PEOPLE, *flags) as home,
    ):
        doors = [Door("Samovar", home.app.url, "/api/chat", MODEL, home.keys[n % PEOPLE]) for n in range(clients)]
        await asyncio.gather(*(_ask(door, SHORT_TOKENS) for door in doors[:PEOPLE]))
        process = psutil.Process(home.app.process.pid)
        before = process.memory_info().rss
        holding = asyncio.create_task(_ask(doors[0], HELD_TOKENS))
        await _until(home, 1)
        asked = [asyncio.create_task(_ask(door, SHORT_TOKENS)) for door in doors]
        waited = await _until(home, clients + 1) - 1
        grown = process.memory_info().rss - before
        served = await asyncio.gather(*asked)
        await holding
    return Crowd(clients, waited, sum(served), grown / KIB / clients)


async def _ask(door: Door, tokens: int) -> bool:
    """Ask once; tells whether the answer came whole."""
    visitor = Visitor(door)
    answered = await visitor.ask(tokens)
    await visitor.leave()
    return answered.tokens > 0


async def _until(home: OpenHouse, jobs: int) -> int:
    """Return once so many jobs wait or run; gives their number."""
    async with httpx.AsyncClient(base_url=home.app.url, timeout=60, trust_env=False) as http, asyncio.timeout(60):
        while (found := await _jobs(http, home.keys)) < jobs:  # noqa: ASYNC110 - another process does not tell
            await asyncio.sleep(0.1)
        return found


async def _jobs(http: httpx.AsyncClient, keys: Sequence[str]) -> int:
    found = [await http.get("/api/queue", headers={"authorization": f"Bearer {key}"}) for key in keys]
    return sum(len(answer.raise_for_status().json()["jobs"]) for answer in found)
