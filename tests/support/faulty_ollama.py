"""An Ollama that is whole but for its answers: health and lists work, `/api/chat` plays faults."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from tests.support.fault_server import Fault, FaultServer, begun, chunk, reply, stream
from tests.support.http_server import HttpRequest
from tests.support.ollama_answers import ScriptedModel, describe, last_chunk

MODEL = "m:1b"
TOKENS = ("Every ", "guest ", "gets ", "a ", "cup ", "of ", "tea. ")
WHOLE = "".join(TOKENS)


def line(text: str) -> bytes:
    """Give the line of a stream that brings `text`."""
    message = {"role": "assistant", "content": text}
    return json.dumps({"model": MODEL, "message": message, "done": False}).encode() + b"\n"


LINES = tuple(map(line, TOKENS))
DONE = (
    json.dumps(
        {
            "model": MODEL,
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 9,
            "eval_count": len(TOKENS),
        }
    ).encode()
    + b"\n"
)

whole_answer = stream(*LINES, DONE)
"""What a request gets when its script is played out."""


def some(tokens: int) -> bytes:
    """Give the bytes of an answer that wrote so many tokens and goes on."""
    return begun(*LINES[:tokens])


def held(release: asyncio.Event, *lines: bytes) -> Fault:
    """Write the first of the lines of an answer, and the others once `release` is set; without any, the whole one."""
    first, *others = lines or LINES
    rest = b"".join(map(chunk, (*others, DONE))) + b"0\r\n\r\n"

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(begun(first))
        await writer.drain()
        await release.wait()
        writer.write(rest)
        await writer.drain()

    return play


class FaultyOllama(FaultServer):
    """Plays `chats` for one question each and `loads` for one load each, in order; then everything works.

    `always` is played instead of the whole answer for the questions after. `memory` lists what is loaded.
    """

    def __init__(self, *models: str, always: Fault | None = None) -> None:
        super().__init__(always or whole_answer)
        self.models = [ScriptedModel(name) for name in models or (MODEL,)]
        self.chats: deque[Fault] = deque()
        self.loads: deque[Fault] = deque()
        self.memory: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self.url = ""
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self.accept, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def kill(self) -> None:
        """End as if killed: nothing listens, every connection breaks off."""
        if self._server is not None:
            self._server.close()
        await self.stop()

    @property
    def connections(self) -> int:
        return len(self._connections)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def next_fault(self, request: HttpRequest) -> Fault:
        match request.method, request.path:
            case "GET", "/api/version":
                return _json({"version": "0.33.0"})
            case "GET", "/api/tags":
                return _json({"models": [describe(model) for model in self.models]})
            case "GET", "/api/ps":
                return _json({"models": [self._loaded(model) for model in self.models if model.name in self.memory]})
            case "POST", "/api/chat":
                return self._chat(request.json())
            case _:
                return reply(404, b"404 page not found", "text/plain")

    def _chat(self, body: dict[str, Any]) -> Fault:
        model = str(body["model"])
        if body["messages"]:
            self.calls.append(("chat", model))
            self.requests += 1
            self.memory.add(model)
            return self.chats.popleft() if self.chats else self._faults[0]
        if body.get("keep_alive") == 0:
            self.calls.append(("unload", model))
            self.memory.discard(model)
            return _json(last_chunk(model, "unload"))
        self.calls.append(("load", model))
        if self.loads:
            return self.loads.popleft()
        self.memory.add(model)
        return _json(last_chunk(model, "load"))

    def _loaded(self, model: ScriptedModel) -> dict[str, Any]:
        return {**describe(model), "size_vram": 0, "expires_at": datetime.now(UTC).isoformat(), "context_length": 4096}


def _json(value: dict[str, Any]) -> Fault:
    # A kept connection that breaks is replaced by the client in silence: a question shall meet its fault on a new one.
    return reply(200, json.dumps(value).encode(), Connection="close")


@asynccontextmanager
async def faulty_ollama(*models: str, always: Fault | None = None) -> AsyncGenerator[FaultyOllama, None]:
    """Run one on the loopback."""
    server = FaultyOllama(*models, always=always)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
