"""An Ollama whose models repeat what they are asked: as an answer, as a thought, or as the text of an error.

`echo` answers, `think` thinks it first, `refuse` answers with an error instead, `break` begins and ends with one; every
other model echoes. An answer comes in `pieces` of uneven length, `pause_s` apart: a tag, a link or an entity is cut in
the middle and shown so for a moment.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.support.http_server import HttpRequest, HttpResponder, HttpServer
from tests.support.ollama_answers import ScriptedModel, describe, last_chunk, stamp

VOICES = ("echo", "think", "refuse", "break")
NDJSON = "application/x-ndjson"


@dataclass
class EchoOllama:
    """The server; `models` are the names that it lists."""

    models: Sequence[str] = VOICES
    pieces: int = 5
    pause_s: float = 0.0
    url: str = ""

    async def handle(self, request: HttpRequest, responder: HttpResponder) -> None:
        match request.method, request.path:
            case "GET", "/api/version":
                await responder.send_json(200, {"version": "0.33.0"})
            case "GET", "/api/tags":
                await responder.send_json(200, {"models": [describe(self._model(name)) for name in self.models]})
            case "GET", "/api/ps":
                await responder.send_json(200, {"models": []})
            case "POST", "/api/chat":
                await self._chat(request.json(), responder)
            case _:
                await responder.send(404, b"404 page not found", "text/plain")

    def _model(self, name: str) -> ScriptedModel:
        # A hostile list lies in its details, too.
        return ScriptedModel(name, parameters=name, quantization=name)

    async def _chat(self, body: dict[str, Any], responder: HttpResponder) -> None:
        model, messages = str(body["model"]), body["messages"]
        if not messages:
            await responder.send_json(200, last_chunk(model, "load"))
        elif model == "refuse":
            await responder.send_json(500, {"error": messages[-1]["content"]})
        else:
            await self._stream(model, messages[-1]["content"], responder)

    async def _stream(self, model: str, text: str, responder: HttpResponder) -> None:
        for piece in cut(text, self.pieces):
            if model == "think":
                await send(responder, said(model, thinking=piece))
            await send(responder, said(model, content=piece))
            await asyncio.sleep(self.pause_s)
        await send(responder, {"error": text} if model == "break" else last_chunk(model, "stop"))
        await responder.end_stream()


def cut(text: str, pieces: int) -> Sequence[str]:
    """Cut a text into pieces of uneven length, none of them empty."""
    ends = sorted({len(text) * n * n // (pieces * pieces) for n in range(1, pieces)} | {0, len(text)})
    return [text[begin:end] for begin, end in pairwise(ends)]


def said(model: str, **message: str) -> dict[str, Any]:
    return {**stamp(model), "message": {"role": "assistant", "content": "", **message}, "done": False}


async def send(responder: HttpResponder, line: dict[str, Any]) -> None:
    await responder.send_chunk(json.dumps(line).encode() + b"\n", NDJSON)


@asynccontextmanager
async def echo_ollama(*models: str, pause_s: float = 0.0) -> AsyncIterator[EchoOllama]:
    """Run one on the loopback."""
    ollama = EchoOllama(models or VOICES, pause_s=pause_s)
    server = HttpServer(ollama.handle)
    ollama.url = await server.start()
    try:
        yield ollama
    finally:
        await server.aclose()
