"""Any server that speaks OpenAI's chat completions: llama-server, vLLM, SGLang, LM Studio, a router before many."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from chatui.backends.answer import stream_answer, whole_answer
from chatui.backends.base import BackendHealth, BackendKind, Deadlines, LoadedModel, ModelCard, ModelInfo
from chatui.backends.fixed_models import FixedModels
from chatui.backends.http import HttpClient
from chatui.backends.openai_errors import OPENAI_ERRORS
from chatui.backends.openai_replies import OpenAIAnswer, read_embeddings, read_listed_model, read_props_context
from chatui.backends.openai_requests import as_chat, chat_body, completion_body, embed_body
from chatui.backends.ssrf import Reach
from chatui.backends.wire import JsonObject, as_objects, json_text
from chatui.domain.asks import CompletionRequest, EmbedRequest, Framing
from chatui.domain.errors import BackendError, BackendMisconfigured, CapabilityMissing, ModelNotFound
from chatui.domain.events import BackendEvent, ReplyOpened
from chatui.domain.messages import ChatRequest, ModelName


class OpenAIBackend(FixedModels):
    """An OpenAI-compatible server at `url`, without the `/v1`. It decides by itself which models are in memory.

    `api_key` is sent as a bearer token. `clock` times the reading and the writing where the server tells no durations.
    """

    loads_models = False

    def __init__(
        self,
        name: str,
        url: str,
        deadlines: Deadlines,
        api_key: str | None = None,
        *,
        kind: BackendKind = BackendKind.OPENAI,
        clock: Callable[[], float] = time.monotonic,
        reach: Reach | None = None,
    ) -> None:
        self.name = name
        self.url = url
        self.kind = kind
        self._deadlines = deadlines
        self._clock = clock
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = HttpClient(url, deadlines, OPENAI_ERRORS.read, headers, reach)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream the next message of a chat."""
        async with aclosing(self._answer("/v1/chat/completions", chat_body(request))) as events:
            async for event in events:
                yield event

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream what follows a prompt; raises `CapabilityMissing` for what only Ollama's own protocol has."""
        _require_plain(request)
        framed = request.framing is Framing.CHAT and not request.suffix
        answer = self.chat(as_chat(request)) if framed else self._answer("/v1/completions", completion_body(request))
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def embed(self, request: EmbedRequest) -> AsyncGenerator[BackendEvent, None]:
        """Give the vectors of texts."""
        reply = await whole_answer(self._http, "/v1/embeddings", embed_body(request), self._deadlines)
        yield ReplyOpened()
        for event in read_embeddings(reply, request.dimensions):
            yield event

    def _answer(self, path: str, body: JsonObject) -> AsyncGenerator[BackendEvent, None]:
        return stream_answer(self._http, path, body, OpenAIAnswer(self._clock), self._deadlines)

    async def models(self) -> list[ModelInfo]:
        """List the models that the server offers."""
        reply = await self._http.get("/v1/models")
        if not isinstance(reply.get("data"), list):
            raise BackendMisconfigured("no list of models, so not an OpenAI-compatible server")
        return [model for model in map(read_listed_model, as_objects(reply["data"])) if model.name]

    async def show(self, model: ModelName) -> ModelCard:
        """Tell one model; where the list has no context length, llama-server's `/props` may."""
        info = await self._info(model)
        # Who reads a card looks for its context length under the name of the architecture, which nobody tells here.
        known = {} if info.context_length is None else {"general.context_length": info.context_length}
        return ModelCard(info, json_text({"general.architecture": "general", **known}))

    async def _info(self, model: ModelName) -> ModelInfo:
        found = next((listed for listed in await self.models() if listed.name == model), None)
        if found is None:
            raise ModelNotFound(f"model {model!r} is not in the server's list")
        if found.context_length is not None:
            return found
        return replace(found, context_length=await self._props_context())

    async def _props_context(self) -> int | None:
        try:
            return read_props_context(await self._http.get("/props"))
        except BackendError:
            return None

    async def loaded(self) -> list[LoadedModel]:
        """List all models, as if they were in memory: the server does not tell."""
        return [LoadedModel(model.name, context_length=model.context_length) for model in await self.models()]

    async def load(self, model: ModelName) -> None:
        """Do nothing: the server loads by itself."""

    async def unload(self, model: ModelName) -> None:
        """Do nothing: the server unloads by itself."""

    async def check(self) -> BackendHealth:
        """Ask for the list of models, since there is no health check that all servers have."""
        try:
            await self.models()
        except BackendError as error:
            return BackendHealth(ok=False, error=str(error), fault=error.code)
        return BackendHealth(ok=True)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _require_plain(request: CompletionRequest) -> None:
    if request.template or request.context:
        raise CapabilityMissing("the server does not support a template or a context in the ask")
    if request.images and request.framing is not Framing.CHAT:
        raise CapabilityMissing("the server does not support images in a raw prompt")
