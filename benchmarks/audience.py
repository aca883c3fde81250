"""Fifty people who are being answered, three admins who may watch, and the model server: for `benchmarks.dashboard`.

First it prints the model server's URL, then it reads lines and answers each with one: `begin <port> <cookie>,...`, of
which the first three are the admins', lets everybody ask; `watch` opens the admins' overviews, `alone` closes them.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tests.support.app import TabClient, tab
from tests.support.fault_server import chunk
from tests.support.faulty_ollama import FaultyOllama, line, some

ADMINS = 3
TOKEN_S = 0.1  # ten tokens a second each
_MANY = 100_000


async def _write_on(writer: asyncio.StreamWriter) -> None:
    """An answer that goes on and on."""
    writer.write(some(1))
    for number in range(_MANY):
        await asyncio.sleep(TOKEN_S)
        writer.write(chunk(line(f"word {number} ")))
        await writer.drain()


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where the app is, and a session of it."""

    url: str
    cookie: str


@dataclass
class Audience:
    """Everybody at the app."""

    stack: AsyncExitStack
    admins: list[Entrance] = field(default_factory=list)
    watching: AsyncExitStack = field(default_factory=AsyncExitStack)
    readers: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self, port: str, cookies: str) -> None:
        """Have all people ask, and wait until every answer has begun."""
        entrances = [Entrance(f"http://127.0.0.1:{port}", cookie) for cookie in cookies.split(",")]
        self.admins = entrances[:ADMINS]
        clients = [await self.stack.enter_async_context(tab(each)) for each in entrances[ADMINS:]]
        for client in clients:
            await client.ask("tell me everything")
        for client in clients:
            await client.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
            self.readers.append(asyncio.create_task(_read(client)))

    async def watch(self) -> None:
        """Open the admins' overviews."""
        for admin in self.admins:
            client = await self.watching.enter_async_context(tab(admin))
            for frame in ({"t": "admin.watch"}, {"t": "admin.failures"}, {"t": "admin.chart", "window": "15m"}):
                await client.send(**frame)
            self.readers.append(asyncio.create_task(_read(client)))

    async def alone(self) -> None:
        """Close them."""
        await self.watching.aclose()
        self.watching = AsyncExitStack()


async def _read(client: TabClient) -> None:
    async for _ in client.socket:
        pass


async def main() -> None:
    """Do what the lines say."""
    server = FaultyOllama(always=_write_on)
    await server.start()
    async with AsyncExitStack() as stack:
        audience = Audience(stack)
        print(server.url, flush=True)
        while words := (await asyncio.to_thread(sys.stdin.readline)).split():
            match words:
                case ["begin", port, cookies]:
                    await audience.begin(port, cookies)
                case ["watch"]:
                    await audience.watch()
                case ["alone"]:
                    await audience.alone()
                case _:
                    raise ValueError(words)
            print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
