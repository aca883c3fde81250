"""Any server that speaks OpenAI's chat completions: llama-server, vLLM, SGLang, LM Studio, a router before many."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from chatui.backends.answer import stream_answer
from chatui.backends.base import BackendHealth, BackendKind, Deadlines, LoadedModel, ModelInfo, PullProgress
from chatui.backends.http import HttpClient
from chatui.backends.openai_errors import OPENAI_ERRORS
from chatui.backends.openai_replies import OpenAIAnswer, read_listed_model, read_props_context
from chatui.backends.wire import JsonObject, as_objects
from chatui.domain.errors import BackendError, BackendMisconfigured, CapabilityMissing, ModelNotFound
from chatui.domain.events import BackendEvent
from chatui.domain.messages import ChatRequest, ModelName, Sampling


class OpenAIBackend:
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
    ) -> None:
        self.name = name
        self.url = url
        self.kind = kind
        self._deadlines = deadlines
        self._clock = clock
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = HttpClient(url, deadlines, OPENAI_ERRORS.read, headers)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream one answer."""
        reader = OpenAIAnswer(self._clock)
        answer = stream_answer(self._http, "/v1/chat/completions", chat_body(request), reader, self._deadlines)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def models(self) -> list[ModelInfo]:
        """List the models that the server offers."""
        reply = await self._http.get("/v1/models")
        if not isinstance(reply.get("data"), list):
            raise BackendMisconfigured("no list of models, so not an OpenAI-compatible server")
        return [model for model in map(read_listed_model, as_objects(reply["data"])) if model.name]

    async def show(self, model: ModelName) -> ModelInfo:
        """Tell one model; where the list has no context length, llama-server's `/props` may."""
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

    async def pull(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Raise `CapabilityMissing`: this protocol has no downloads."""
        raise CapabilityMissing(f"{self.name} cannot download {model}")
        yield PullProgress("never")  # type: ignore[unreachable]  # makes this an async generator

    async def check(self) -> BackendHealth:
        """Ask for the list of models, since there is no health check that all servers have."""
        try:
            await self.models()
        except BackendError as error:
            return BackendHealth(ok=False, error=str(error))
        return BackendHealth(ok=True)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def chat_body(request: ChatRequest) -> JsonObject:
    """Build the body of a chat request."""
    return {
        "model": request.model,
        "messages": [{"role": message.role.value, "content": message.content} for message in request.messages],
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        **sampling_fields(request.sampling),
    }


def sampling_fields(sampling: Sampling) -> JsonObject:
    """Build the fields that choose tokens."""
    fields = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
    }
    return {key: value for key, value in fields.items() if value is not None}
