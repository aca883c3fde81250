"""Ollama, through its native API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from chatui.backends.answer import stream_answer, whole_answer
from chatui.backends.base import BackendHealth, BackendKind, Deadlines, LoadedModel, ModelCard, ModelInfo, ModelOptions
from chatui.backends.http import HttpClient
from chatui.backends.ollama_errors import OLLAMA_ERRORS
from chatui.backends.ollama_replies import (
    OllamaAnswer,
    OllamaCompletion,
    read_embeddings,
    read_loaded_model,
    read_shown_model,
    read_tagged_model,
)
from chatui.backends.ollama_requests import chat_body, completion_body, embed_body, load_body
from chatui.backends.ollama_store import OllamaStore
from chatui.backends.refusals import innermost_text
from chatui.backends.ssrf import Reach
from chatui.backends.wire import JsonObject, as_objects, as_text
from chatui.domain.asks import CompletionRequest, EmbedRequest
from chatui.domain.errors import BackendError, BackendFailed, BackendMisconfigured, CapabilityMissing, ModelNotFound
from chatui.domain.events import BackendEvent, ReplyOpened
from chatui.domain.messages import ChatRequest, ModelName


class OllamaBackend(OllamaStore):
    """An Ollama server at `url`, such as `http://127.0.0.1:11434`.

    `options_for` gives a model's runner options; every request to the model carries the same, since one that differs
    makes Ollama load it again. Without a `keep_alive` there, Ollama keeps the last one that anybody set.

    Ollama sends the headers of an answer with its first token, so `Deadlines.load` covers the prompt's reading too.
    """

    kind = BackendKind.OLLAMA
    loads_models = True

    def __init__(
        self,
        name: str,
        url: str,
        deadlines: Deadlines,
        options_for: Callable[[ModelName], ModelOptions],
        *,
        reach: Reach | None = None,
    ) -> None:
        super().__init__(HttpClient(url, deadlines, OLLAMA_ERRORS.read, reach=reach), deadlines)
        self.name = name
        self.url = url
        self._options_for = options_for

    async def chat(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream the next message of a chat."""
        body = chat_body(request, self._options_for(request.model))
        answer = stream_answer(self._http, "/api/chat", body, OllamaAnswer(), self._deadlines)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream what follows a prompt."""
        body = completion_body(request, self._options_for(request.model))
        answer = stream_answer(self._http, "/api/generate", body, OllamaCompletion(), self._deadlines)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def embed(self, request: EmbedRequest) -> AsyncGenerator[BackendEvent, None]:
        """Give the vectors of texts."""
        body = embed_body(request, self._options_for(request.model))
        reply = await whole_answer(self._http, "/api/embed", body, self._deadlines)
        yield ReplyOpened()
        for event in read_embeddings(reply):
            yield event

    async def models(self) -> list[ModelInfo]:
        """List the models on the server's disk."""
        reply = await self._http.get("/api/tags")
        if not isinstance(reply.get("models"), list):
            raise BackendMisconfigured("no list of models, so not an Ollama server")
        models = [read_tagged_model(entry) for entry in as_objects(reply["models"])]
        return [model for model in models if model.name]

    async def show(self, model: ModelName) -> ModelCard:
        """Tell one model in full."""
        return read_shown_model(model, await self._http.post("/api/show", {"model": model}))

    async def loaded(self) -> list[LoadedModel]:
        """List the models in memory. A runner that was killed stands there until it is used."""
        reply = await self._http.get("/api/ps")
        return [read_loaded_model(entry) for entry in as_objects(reply.get("models"))]

    async def load(self, model: ModelName) -> None:
        """Load a model; returns when it is in memory."""
        options = self._options_for(model)
        try:
            reply = await self._http.post_load("/api/chat", load_body(model, options))
        except CapabilityMissing:  # it only embeds, and is loaded by embedding nothing
            reply = await self._http.post_load("/api/embed", embed_body(EmbedRequest(model, ()), options))
        if reply.get("done") is not True and "embeddings" not in reply:
            raise _failed(reply, "the load ended without a word")

    async def unload(self, model: ModelName) -> None:
        """Take a model out of memory, once the answers under way are done."""
        body: JsonObject = {"model": model, "messages": [], "stream": False, "keep_alive": 0}
        try:
            await self._http.post("/api/chat", body)
        except ModelNotFound:
            return

    async def check(self) -> BackendHealth:
        """Ask for the server's version; one that has models and tells no version is well too."""
        try:
            return BackendHealth(ok=True, version=await self.version())
        except (ModelNotFound, BackendMisconfigured) as error:
            return await self._check_models(error)
        except BackendError as error:
            return BackendHealth(ok=False, error=str(error), fault=error.code)

    async def _check_models(self, no_version: BackendError) -> BackendHealth:
        try:
            await self.models()
        except BackendError:
            return BackendHealth(ok=False, error=str(no_version), fault=no_version.code)
        return BackendHealth(ok=True)

    async def version(self) -> str:
        """Tell the server's version; raises `BackendMisconfigured` when it is another server."""
        version = as_text((await self._http.get("/api/version")).get("version"))
        if not version:
            raise BackendMisconfigured("no version, so not an Ollama server")
        return version

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _failed(reply: JsonObject, otherwise: str) -> BackendError:
    text = innermost_text(as_text(reply.get("error")))
    return (OLLAMA_ERRORS.find(text) or BackendFailed)(text or otherwise)
