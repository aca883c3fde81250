"""A scripted OpenAI-compatible server on a real socket, which behaves as llama-server does.

It has `slots` slots, one context length for all, and answers with `answer_tokens` tokens, or N where the last message
holds `tokens=N`. With `gate` cleared an answer stands still after its first token. A model whose name begins with
`thinking` thinks two tokens first. Without `tells_usage` it leaves out usage and timings, as some servers do.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Self

from tests.support.http_server import HttpRequest, HttpResponder, HttpServer
from tests.support.watched import Watched

SSE = "text/event-stream"
WORDS = ("a", "full", "pot", "warms", "the", "whole", "room")


@dataclass(frozen=True, slots=True)
class OpenAIScript:
    """How the server behaves."""

    models: tuple[str, ...] = ("small", "thinking-small")
    context_length: int = 4096
    slots: int = 2
    answer_tokens: int = 8
    api_key: str | None = None
    tells_usage: bool = True
    says_done: bool = True


class Refusal(Exception):
    """The server refuses with a status, and an error of OpenAI's shape."""

    def __init__(self, status: int, kind: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"error": {"code": status, "message": text, "type": kind}}


class OpenAIServer(Watched):
    """The server."""

    def __init__(self, script: OpenAIScript | None = None) -> None:
        super().__init__()
        self.script = script or OpenAIScript()
        self.gate = asyncio.Event()
        self.gate.set()
        self.loading = False
        self.requests: list[HttpRequest] = []
        self.generating = 0
        self.finished = 0
        self.aborted = 0
        self.url = ""
        self._slots = asyncio.Semaphore(self.script.slots)
        self._http = HttpServer(self._handle)

    async def start(self, port: int = 0) -> str:
        """Listen on the loopback; returns the URL."""
        self.url = await self._http.start(port)
        return self.url

    async def aclose(self) -> None:
        """Stop as if killed: connections break off."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def accepted_connections(self) -> int:
        return self._http.accepted

    async def _handle(self, request: HttpRequest, responder: HttpResponder) -> None:
        self.requests.append(request)
        self.changed()
        try:
            self._admit(request)
            await self._route(request, responder)
        except Refusal as refusal:
            await responder.send_json(refusal.status, refusal.body)

    def _admit(self, request: HttpRequest) -> None:
        key = self.script.api_key
        if key is not None and request.headers.get("authorization") != f"Bearer {key}":
            raise Refusal(401, "authentication_error", "Invalid API Key")
        if self.loading:
            raise Refusal(503, "unavailable_error", "Loading model")

    async def _route(self, request: HttpRequest, responder: HttpResponder) -> None:
        match request.method, request.path:
            case "GET", "/v1/models":
                entries = [{"id": name, "object": "model", "meta": self._meta()} for name in self.script.models]
                await responder.send_json(200, {"object": "list", "data": entries})
            case "POST", "/v1/chat/completions":
                await self._chat(request.json(), responder)
            case _:
                raise Refusal(404, "not_found_error", "File Not Found")

    def _meta(self) -> dict[str, int]:
        return {"n_ctx": self.script.context_length, "n_ctx_train": 131_072, "n_params": 1_235_814_432, "size": 800}

    async def _chat(self, body: dict[str, Any], responder: HttpResponder) -> None:
        prompt_tokens = sum(len(message["content"].split()) + 4 for message in body["messages"])
        if body["model"] not in self.script.models:
            raise Refusal(404, "not_found_error", f"The model `{body['model']}` does not exist.")
        if prompt_tokens > self.script.context_length:
            text = f"request ({prompt_tokens} tokens) exceeds the available context size"
            raise Refusal(400, "exceed_context_size_error", text)
        async with self._slots:
            self.generating += 1
            self.changed()
            try:
                await self._stream(body, prompt_tokens, responder)
                self.finished += 1
            except asyncio.CancelledError:
                self.aborted += 1
                raise
            finally:
                self.generating -= 1
                self.changed()

    async def _stream(self, body: dict[str, Any], prompt_tokens: int, responder: HttpResponder) -> None:
        async with aclosing(self._chunks(body, prompt_tokens)) as chunks:
            async for chunk in chunks:
                await responder.send_chunk(f"data: {json.dumps(chunk)}\n\n".encode(), SSE)
        if self.script.says_done:
            await responder.send_chunk(b"data: [DONE]\n\n", SSE)
        await responder.end_stream()

    async def _chunks(self, body: dict[str, Any], prompt_tokens: int) -> AsyncGenerator[dict[str, Any], None]:
        found = re.search(r"tokens=(\d+)", body["messages"][-1]["content"])
        wanted = int(found.group(1)) if found else self.script.answer_tokens
        count = min(wanted, body.get("max_tokens", wanted))
        thinking = 2 if body["model"].startswith("thinking") else 0
        yield choice({"role": "assistant", "content": None})
        for index in range(count):
            field = "reasoning_content" if index < thinking else "content"
            yield choice({field: f"{WORDS[index % len(WORDS)]} "})
            await self.gate.wait()
        yield choice({}, "stop" if count == wanted else "length")
        if self.script.tells_usage:
            usage = {"prompt_tokens": prompt_tokens, "completion_tokens": count}
            yield {"choices": [], "usage": usage, "timings": {"prompt_ms": 12.5, "predicted_ms": 250.0}}


def choice(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }
