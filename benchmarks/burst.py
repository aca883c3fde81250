"""How much of a burst a cold model server answers whose loads fail: asked straight, in turn, and through the app.

`python -m benchmarks.burst --json` prints a table; its last line is one flat JSON object. A scripted Ollama loads its
model for half a second, and each load fails with the given probability, the same ones for every way. 5, 50 and 200
clients post at the same moment, without tries of their own. The app has its defaults, but for how many questions of a
person may wait, since 200 come from few people. What is compared with is installed by `make bench-peers`.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import httpx

from benchmarks.gateway.places import open_house
from benchmarks.peers.trace import MODELS
from benchmarks.peers.ways import OURS, PEOPLE
from benchmarks.peers.ways import WAYS as PEERS
from benchmarks.report import Progress, parser, table, tell, tell_figures
from benchmarks.scheduling.workload import Ask as Drawn
from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import UserId
from tests.support.ollama_memory import LoadFailed
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

SIZES = (5, 50, 200)
CHANCES = (0.0, 0.2, 0.5)
MODEL = MODELS[0]
UNABLE = "llama-server process has terminated: exit status 1"
SCRIPT = OllamaScript(models=(ScriptedModel(MODEL),), load_seconds=0.5, parallel=4, tokens_per_second=200)
FLAGS = ("--queued-per-person", "200", "--queue-total", "500")
LIMIT_S = 120.0
"""Who has no answer by then was not answered."""

ANYBODY = Drawn(JobId(UUID(int=1)), 1, UserId(UUID(int=1)), MODEL, Priority.NORMAL, 0.0, 250, 350)

Ask = Callable[[int], Awaitable[bool]]
"""Asks as one of the clients; tells whether a whole answer came."""

Opened = Callable[[str, Path], AbstractAsyncContextManager[Ask | None]]
"""A way before the model server of this address, with a folder of its own; None where it is not installed."""


@dataclass(slots=True)
class Way:
    """What came of all bursts of one probability on one way."""

    asked: int = 0
    answered: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        """How much was answered, from 0 to 1."""
        return self.answered / self.asked

    def take(self, answers: Sequence[bool], seconds: float) -> None:
        """Take in one burst."""
        self.asked += len(answers)
        self.answered += sum(answers)
        self.seconds.append(seconds)


async def main(sizes: Sequence[int], seeds: int, scratch: Path) -> dict[str, float]:
    """Play every burst on every way; gives the shares that were answered."""
    ways: dict[float, dict[str, Way]] = {}
    progress = Progress(len(CHANCES) * len(sizes) * seeds)
    for chance in CHANCES:
        found = ways[chance] = {}
        for size in sizes:
            for seed in range(seeds):
                progress.step(f"{size} at once, {chance:.0%} of loads fail, seed {seed}")
                folder = scratch / f"{chance}-{size}-{seed}"
                folder.mkdir(parents=True)
                await _burst(found, size, _loads(chance, seed), folder)
        progress.over()
        tell(_table(chance, found))
    ours = {f"answered_share_{chance * 100:.0f}": ways[chance][OURS].share for chance in CHANCES}
    straight = {f"direct_answered_share_{chance * 100:.0f}": ways[chance]["direct"].share for chance in CHANCES}
    every = {
        f"burst/{name}/{chance * 100:.0f}": way.share for chance, found in ways.items() for name, way in found.items()
    }
    return ours | straight | every


def _loads(chance: float, seed: int) -> Sequence[LoadFailed | None]:
    """What the loads come to, one after the other."""
    rng = random.Random(f"{chance} {seed}")
    return [LoadFailed(500, UNABLE) if rng.random() < chance else None for _ in range(500)]


async def _burst(found: dict[str, Way], size: int, loads: Sequence[LoadFailed | None], scratch: Path) -> None:
    """Play one burst on each way, each time against a server that has just been started."""
    for name, opened in WAYS.items():
        async with OllamaServer(SCRIPT) as server:
            server.memory.failures.extend(loads)
            folder = scratch / name
            folder.mkdir()
            async with opened(server.url, folder) as ask:
                if ask is None:
                    continue
                began = time.perf_counter()
                answers = await asyncio.gather(*(ask(number) for number in range(size)))
                found.setdefault(name, Way()).take(answers, time.perf_counter() - began)


@asynccontextmanager
async def _direct(url: str, _: Path) -> AsyncIterator[Ask | None]:
    async with _client() as http:

        async def ask(number: int) -> bool:
            return await _post(http, f"{url}/api/chat", number)

        yield ask


@asynccontextmanager
async def _in_turn(url: str, _: Path) -> AsyncIterator[Ask | None]:
    """What a script does that knows of the trouble: one at a time."""
    turn = asyncio.Semaphore(1)
    async with _client() as http:

        async def ask(number: int) -> bool:
            async with turn:
                return await _post(http, f"{url}/api/chat", number)

        yield ask


def _peer(name: str) -> Opened:
    """A peer as it is in `benchmarks.peers`."""

    @asynccontextmanager
    async def opened(url: str, scratch: Path) -> AsyncIterator[Ask | None]:
        async with PEERS[name](url, scratch) as way, _client() as http:
            if way is None:
                yield None
                return
            door = way.door(ANYBODY)
            headers = dict(line.split(": ", 1) for line in door.headers)

            async def ask(number: int) -> bool:
                return await _post(http, f"{door.url}{door.path}", number, door.key, headers)

            yield ask

    return opened


@asynccontextmanager
async def _ours(url: str, scratch: Path) -> AsyncIterator[Ask | None]:
    async with open_house(scratch / "data", url, PEOPLE, *FLAGS) as home, _client() as http:

        async def ask(number: int) -> bool:
            return await _post(http, f"{home.app.url}/api/chat", number, home.keys[number % PEOPLE])

        yield ask


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=LIMIT_S, limits=httpx.Limits(max_connections=None), trust_env=False)


async def _post(
    http: httpx.AsyncClient, url: str, number: int, key: str = "", headers: Mapping[str, str] = MappingProxyType({})
) -> bool:
    """Ask for one answer; tells whether it came whole."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": f"question {number}"}], "stream": False}
    try:
        reply = await http.post(url, json=body, headers={"Authorization": f"Bearer {key or 'none'}", **headers})
        said = reply.json()
    except (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, ValueError):
        return False
    text = said["message"]["content"] if "message" in said else _completion(said)
    return reply.status_code == httpx.codes.OK and bool(text)


def _completion(said: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    return "".join(choice["message"]["content"] for choice in said.get("choices", []))


WAYS: Mapping[str, Opened] = MappingProxyType(
    {
        "direct": _direct,
        "semaphore": _in_turn,
        **{name: _peer(name) for name in PEERS if name not in {"direct", "semaphore", OURS}},
        OURS: _ours,
    },
)


def _table(chance: float, found: dict[str, Way]) -> str:
    rows = {
        name: (str(way.asked), str(way.answered), f"{way.share:.3f}", f"{max(way.seconds):.1f}")
        for name, way in found.items()
    }
    return table(f"{chance:.0%} of loads fail", ("asked", "answered", "share", "longest s"), rows)


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--quick", action="store_true", help="the smallest burst alone: does it all still work?")
    flags.add_argument("--seeds", type=int, default=3, help="how many bursts of each size")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        sizes, seeds = (SIZES[:1], 1) if arguments.quick else (SIZES, arguments.seeds)
        measured = asyncio.run(main(sizes, seeds, Path(directory)))
    if arguments.json:
        tell_figures(measured)
