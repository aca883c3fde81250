"""People who ask and note when they see each token: in a tab of ours, or in a page of Gradio's."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import httpx
import websockets

from benchmarks.streaming.model import question
from tests.support.app import COOKIE

_TOKEN = re.compile(r"x(\d+)x")


@dataclass
class Seen:
    """When each token of a stream was seen first."""

    at: dict[int, float] = field(default_factory=dict)

    def take(self, text: str) -> None:
        """Note the tokens in what a page was sent just now."""
        now = time.perf_counter()
        for number in map(int, _TOKEN.findall(text)):
            self.at.setdefault(number, now)


@dataclass(frozen=True, slots=True)
class Part:
    """What one person does in a round: which stream they ask for, and how long after all are `ready`."""

    stream: int
    count: int
    delay_s: float
    ready: asyncio.Barrier
    seen: Seen = field(default_factory=Seen)

    async def turn(self) -> str:
        """Wait for the moment to ask, and give the question."""
        await self.ready.wait()
        await asyncio.sleep(self.delay_s)
        return question(self.stream, self.count)


class Page(Protocol):
    """Where a person asks and watches."""

    async def play(self, part: Part) -> None:
        """Open it, ask, and read until the answer is over."""


@dataclass(frozen=True, slots=True)
class OurTab:
    """A conversation of ours, as a person has it open."""

    url: str
    cookie: str
    conversation: str

    async def play(self, part: Part) -> None:
        """Open it, ask, and read until the answer is over."""
        headers = {"cookie": f"{COOKIE}={self.cookie}"}
        address = f"{self.url.replace('http', 'ws', 1)}/live"
        async with websockets.connect(
            address, max_size=None, additional_headers=headers, compression=None, ping_interval=None, open_timeout=120
        ) as socket:
            await socket.send(json.dumps({"t": "hello", "language": "en", "conversation": self.conversation}))
            while json.loads(await socket.recv())["t"] != "conversation":
                pass
            asked = {"t": "ask", "key": str(uuid4()), "conversation": self.conversation, "text": await part.turn()}
            await socket.send(json.dumps(asked))
            while not _take(json.loads(await socket.recv()), part.seen):
                pass


def _take(frame: dict[str, Any], seen: Seen) -> bool:
    """Note what a frame shows of the answer; True when it is over."""
    match frame["t"]:
        case "live":
            seen.take(" ".join((*frame["blocks"], frame.get("tail", ""), frame.get("append", ""))))
        case "message" if frame["message"]["role"] == "assistant" and frame["message"]["state"] == "complete":
            seen.take(frame["message"]["html"])
            return True
        case "refused":
            raise AssertionError(frame["sentence"])
        case _:
            pass
    return False


@dataclass(frozen=True, slots=True)
class GradioPage:
    """A page of a ChatInterface: `save` and `stream` are the functions that its browser calls, one after the other."""

    url: str
    save: int
    stream: int

    async def play(self, part: Part) -> None:
        """Open it, ask, and read until the answer is over."""
        session = uuid4().hex
        limits = httpx.Limits(max_connections=None)
        # A round is bounded as a whole.
        async with httpx.AsyncClient(base_url=f"{self.url}/gradio_api", timeout=None, limits=limits) as http:  # noqa: S113
            said = {"data": [await part.turn()], "fn_index": self.save, "session_hash": session}
            (await http.post("/run/predict", json=said)).raise_for_status()
            wanted = {"data": [None, None], "fn_index": self.stream, "session_hash": session}
            (await http.post("/queue/join", json=wanted)).raise_for_status()
            async with http.stream("GET", "/queue/data", params={"session_hash": session}) as events:
                async for event in events.aiter_lines():
                    if '"process_generating"' in event or '"process_completed"' in event:
                        part.seen.take(event)
                    if '"process_completed"' in event:
                        return
