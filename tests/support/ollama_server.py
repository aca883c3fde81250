"""A scripted Ollama on a real socket: its API, its errors and its way of loading models, with a made-up answer.

In a test: `async with OllamaServer(OllamaScript(...)) as server`. As a process, whose first line is the URL:
`python -m tests.support.ollama_server --models a:1b,b:1b --max-loaded 1 --tokens-per-second 20`. `GET /_stats` tells
what it counted.

The answer has `answer_tokens` tokens unless the ask says otherwise (see `model_says`). With `gate` cleared an answer
stands still after its first token. A model with the capability `thinking` thinks two tokens first.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self

from tests.support.http_server import HttpRequest, HttpResponder, HttpServer
from tests.support.model_says import vector_for
from tests.support.ollama_answers import (
    DEFAULT_CONTEXT,
    Answer,
    OllamaScript,
    ScriptedModel,
    describe,
    last_chunk,
    last_completion,
    now,
    parse_keep_alive,
    show,
)
from tests.support.ollama_checks import Refusal, body_of, check_answerable, check_options
from tests.support.ollama_disk import Disk, send_line
from tests.support.ollama_memory import FOR_EVER, LoadFailed, Memory, Runner
from tests.support.watched import Watched

__all__ = ["OllamaScript", "OllamaServer", "ScriptedModel"]

RELOADING_OPTIONS = ("num_ctx", "num_batch", "num_thread", "num_gpu")


class OllamaServer(Watched):
    """The server. `memory` holds what is loaded, `memory.failures` what the next loads fail with."""

    def __init__(self, script: OllamaScript | None = None) -> None:
        super().__init__()
        self.script = script or OllamaScript()
        self.disk = Disk(self.script)
        self.models = self.disk.models
        self.memory = Memory(
            max_loaded=self.script.max_loaded,
            parallel=self.script.parallel,
            max_queue=self.script.max_queue,
            load_seconds=self.script.load_seconds,
        )
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken_answers: deque[str] = deque()
        self.requests: list[HttpRequest] = []
        self.tokens = 0
        self.generating = 0
        self.peak_generating = 0
        self.finished = 0
        self.aborted = 0
        self._http = HttpServer(self._handle)
        self._verbs = {
            ("POST", "/api/chat"): self._chat,
            ("POST", "/api/generate"): self._generate,
            ("POST", "/api/embed"): self._embed,
            ("POST", "/api/embeddings"): self._embed_one,
            ("POST", "/api/pull"): self.disk.pull,
            ("POST", "/api/push"): self.disk.push,
            ("POST", "/api/create"): self.disk.create,
            ("POST", "/api/copy"): self.disk.copy,
            ("DELETE", "/api/delete"): self.disk.delete,
        }
        self.url = ""
        self.time_of_day: Callable[[], datetime] = partial(datetime.now, UTC)

    async def start(self, port: int = 0) -> str:
        """Listen on the loopback; returns the URL."""
        self.url = await self._http.start(port)
        return self.url

    async def aclose(self) -> None:
        """Stop as if killed: connections break off."""
        await self._http.aclose()
        self.memory.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def fail_loads(self, count: int, text: str = "llama-server process has terminated: exit status 1") -> None:
        """Have the next loads fail."""
        self.memory.failures.extend(LoadFailed(500, text) for _ in range(count))

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """List the bodies that were sent to `path`."""
        return [request.json() for request in self.requests if request.path == path]

    def stats(self) -> dict[str, Any]:
        """Tell what was counted."""
        return {
            **asdict(self.memory.counters),
            "tokens": self.tokens,
            "generating": self.generating,
            "peak_generating": self.peak_generating,
            "finished": self.finished,
            "aborted": self.aborted,
            "open_connections": self._http.open_connections,
            "accepted_connections": self._http.accepted,
            "loaded": sorted(self.memory.runners),
            "requests": len(self.requests),
        }

    async def _handle(self, request: HttpRequest, responder: HttpResponder) -> None:
        self.requests.append(request)
        self.changed()
        try:
            await self._route(request, responder)
        except (Refusal, LoadFailed) as refusal:
            await responder.send_json(refusal.status, {"error": refusal.text})

    async def _route(self, request: HttpRequest, responder: HttpResponder) -> None:
        match request.method, request.path:
            case "GET", "/":
                await responder.send(200, b"Ollama is running", "text/plain; charset=utf-8")
            case "GET", "/api/version":
                await responder.send_json(200, {"version": self.script.version})
            case "GET", "/api/tags":
                await responder.send_json(200, {"models": [describe(model) for model in self.models.values()]})
            case "GET", "/api/ps":
                runners = self.memory.runners.values()
                await responder.send_json(200, {"models": [self._describe_loaded(runner) for runner in runners]})
            case "GET", "/_stats":
                await responder.send_json(200, self.stats())
            case "POST", "/api/show":
                await responder.send_json(200, show(self.disk.find(body_of(request))))
            case method, path if (method, path) in self._verbs:
                await self._verbs[method, path](body_of(request), responder)
            case _:
                await responder.send(404, b"404 page not found", "text/plain")

    async def _chat(self, body: dict[str, Any], responder: HttpResponder) -> None:
        if not body.get("model"):
            raise Refusal(400, "model is required")
        await self._ask({**body, "messages": body.get("messages") or []}, responder)

    async def _generate(self, body: dict[str, Any], responder: HttpResponder) -> None:
        if body.get("raw") and (body.get("template") or body.get("system") or body.get("context")):
            raise Refusal(400, "raw mode does not support template, system, or context")
        await self._ask({**body, "prompt": body.get("prompt") or ""}, responder)

    async def _ask(self, body: dict[str, Any], responder: HttpResponder) -> None:
        """Answer a chat or a completion; an empty one loads the model, or unloads it."""
        model = self.disk.find(body)
        keep_alive = parse_keep_alive(body.get("keep_alive"))
        asked, last = ("messages", last_chunk) if "messages" in body else ("prompt", last_completion)
        if not body.get(asked) and keep_alive == 0:
            self.memory.unload(model.name)
            await responder.send_json(200, last(body["model"], "unload"))
            return
        check_answerable(body, body["model"], model.capabilities)
        started_at = now()
        async with self.memory.use(model.name, _runner_options(body), keep_alive) as runner:
            if not body.get(asked):
                await responder.send_json(200, last(body["model"], "load"))
                return
            async with runner.slots:
                await self._answer(Answer(self.script, model, body, now() - started_at), responder)

    async def _embed(self, body: dict[str, Any], responder: HttpResponder) -> None:
        model = self.disk.find(body)
        inputs = [body["input"]] if isinstance(body.get("input"), str) else body.get("input") or []
        if not all(isinstance(text, str) for text in inputs):
            raise Refusal(400, "invalid input type")
        if "embedding" not in model.capabilities and inputs:
            raise Refusal(400, "this model does not support embeddings")
        check_options(body.get("options") or {})
        async with self.memory.use(model.name, _runner_options(body), parse_keep_alive(body.get("keep_alive"))):
            vectors = [vector_for(text, body.get("dimensions")) for text in inputs]
            counted = {"prompt_eval_count": sum(len(text.split()) for text in inputs)} if inputs else {}
            times = {"total_duration": 14_143_917, "load_duration": 1_019_500} if inputs else {}
            await responder.send_json(200, {"model": body["model"], "embeddings": vectors, **times, **counted})

    async def _embed_one(self, body: dict[str, Any], responder: HttpResponder) -> None:
        model = self.disk.find(body)
        async with self.memory.use(model.name, _runner_options(body), None):
            await responder.send_json(200, {"embedding": vector_for(body["prompt"])})

    async def _answer(self, answer: Answer, responder: HttpResponder) -> None:
        self.generating += 1
        self.peak_generating = max(self.peak_generating, self.generating)
        self.changed()
        try:
            if answer.streamed:
                await self._stream(answer, responder)
            else:
                await responder.send_json(200, await answer.whole())
            self.finished += 1
        except asyncio.CancelledError:
            self.aborted += 1
            raise
        finally:
            self.generating -= 1
            self.changed()

    async def _stream(self, answer: Answer, responder: HttpResponder) -> None:
        async with aclosing(answer.chunks()) as chunks:
            async for chunk in chunks:
                await send_line(responder, chunk)
                if not chunk.get("done"):
                    self.tokens += 1
                    self.changed()
                    if self.broken_answers:
                        await send_line(responder, {"error": self.broken_answers.popleft()})
                        break
                    await self.gate.wait()
        await responder.end_stream()

    def _describe_loaded(self, runner: Runner) -> dict[str, Any]:
        model = self.models[runner.model]
        stays = runner.expires_at == FOR_EVER
        loop = asyncio.get_running_loop()
        left = timedelta(days=365 * 292) if stays else timedelta(seconds=runner.expires_at - loop.time())
        return {
            **describe(model),
            "size_vram": 0,
            "expires_at": (self.time_of_day() + left).isoformat(),
            "context_length": runner.options.get("num_ctx", DEFAULT_CONTEXT),
        }


def _runner_options(body: dict[str, Any]) -> dict[str, Any]:
    options = body.get("options") or {}
    return {"num_ctx": DEFAULT_CONTEXT} | {key: options[key] for key in RELOADING_OPTIONS if key in options}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A scripted Ollama.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--models", default="llama3.2:1b,qwen3:1.7b")
    parser.add_argument("--max-loaded", type=int, default=3)
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--max-queue", type=int, default=512)
    parser.add_argument("--load-seconds", type=float, default=0.0)
    parser.add_argument("--prompt-tokens-per-second", type=float)
    parser.add_argument("--tokens-per-second", type=float)
    parser.add_argument("--answer-tokens", type=int, default=8)
    parser.add_argument("--fail-loads", type=int, default=0)
    parser.add_argument("--fail-text", default="llama-server process has terminated: exit status 1")
    return parser.parse_args()


async def serve(arguments: argparse.Namespace) -> None:
    given = vars(arguments)
    models = tuple(ScriptedModel(name) for name in given.pop("models").split(","))
    port, count, text = given.pop("port"), given.pop("fail_loads"), given.pop("fail_text")
    server = OllamaServer(OllamaScript(models=models, **given))
    server.fail_loads(count, text)
    print(await server.start(port), flush=True)  # noqa: T201 - whoever started the process reads it
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(parse_arguments()))
