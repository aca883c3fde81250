"""A scripted OpenAI-compatible server on a real socket, which behaves as llama-server does.

It has `slots` slots, one context length for all, and answers with `answer_tokens` tokens unless the ask says otherwise
(see `model_says`). With `gate` cleared an answer stands still after its first token. A model whose name begins with
`thinking` thinks two tokens first. Without `tells_usage` it leaves out usage and timings, as some servers do.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any, Self

from tests.support.http_server import HttpRequest, HttpResponder, HttpServer
from tests.support.openai_answers import Answer, OpenAIScript, Refusal, embeddings
from tests.support.watched import Watched

__all__ = ["OpenAIScript", "OpenAIServer"]

SSE = "text/event-stream"


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

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """List the bodies that were sent to `path`."""
        return [request.json() for request in self.requests if request.path == path]

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
                entries = [
                    {"id": name, "object": "model", "created": 1, "owned_by": "library", "meta": self._meta()}
                    for name in self.script.models
                ]
                await responder.send_json(200, {"object": "list", "data": entries})
            case "POST", "/v1/chat/completions" | "/v1/completions":
                await self._ask(self._body(request), responder)
            case "POST", "/v1/embeddings":
                await responder.send_json(200, embeddings(self._body(request)))
            case _:
                raise Refusal(404, "not_found_error", "File Not Found")

    def _meta(self) -> dict[str, int]:
        return {"n_ctx": self.script.context_length, "n_ctx_train": 131_072, "n_params": 1_235_814_432, "size": 800}

    def _body(self, request: HttpRequest) -> dict[str, Any]:
        try:
            body = request.json()
        except (ValueError, AssertionError):
            raise Refusal(400, "invalid_request_error", "Failed to parse the body") from None
        if body.get("model") not in self.script.models:
            raise Refusal(404, "not_found_error", f"The model `{body.get('model')}` does not exist.")
        return body

    async def _ask(self, body: dict[str, Any], responder: HttpResponder) -> None:
        answer = Answer(self.script, body)
        if answer.prompt_tokens > self.script.context_length:
            text = f"request ({answer.prompt_tokens} tokens) exceeds the available context size"
            raise Refusal(400, "exceed_context_size_error", text)
        async with self._slots:
            self.generating += 1
            self.changed()
            try:
                await self._answer(answer, responder)
                self.finished += 1
            except asyncio.CancelledError:
                self.aborted += 1
                raise
            finally:
                self.generating -= 1
                self.changed()

    async def _answer(self, answer: Answer, responder: HttpResponder) -> None:
        if not answer.streamed:
            await responder.send_json(200, answer.whole())
            return
        async with aclosing(answer.chunks(self.gate)) as chunks:
            async for chunk in chunks:
                await responder.send_chunk(f"data: {json.dumps(chunk)}\n\n".encode(), SSE)
        if self.script.says_done:
            await responder.send_chunk(b"data: [DONE]\n\n", SSE)
        await responder.end_stream()
