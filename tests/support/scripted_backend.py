"""A backend in memory, each of whose answers goes on when the test says so: for the scheduler alone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from chatui.backends.base import BackendHealth, BackendKind, LoadedModel, ModelCard, ModelInfo
from chatui.backends.fixed_models import FixedModels
from chatui.domain.asks import CompletionRequest, EmbedRequest
from chatui.domain.errors import BackendError
from chatui.domain.events import BackendEvent, EmbeddingsMade, ReplyFinished, ReplyOpened, TextDelta, ToolCallDelta
from chatui.domain.messages import ChatRequest, FinishReason, ModelName, Usage


class ScriptedBackend(FixedModels):
    """Answers "one two" and ends when `finish` is set; `failures` are raised first, one for each chat."""

    kind = BackendKind.OLLAMA
    loads_models = True

    def __init__(self, name: str = "scripted") -> None:
        self.name = name
        self.finish = asyncio.Event()
        self.failures: deque[BackendError] = deque()
        self.load_failures: deque[BackendError] = deque()
        self.broken_after_text: BackendError | None = None
        self.loads: list[ModelName] = []
        self.asked: list[ChatRequest] = []
        self.open = 0

    async def chat(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        self.asked.append(request)
        self.open += 1
        try:
            if self.failures:
                raise self.failures.popleft()
            yield ReplyOpened()
            yield TextDelta("one ")
            for number, tool in enumerate(request.tools):
                yield ToolCallDelta(number, "{}", tool.name)
            if self.broken_after_text is not None:
                raise self.broken_after_text
            await self.finish.wait()
            yield TextDelta("two")
            yield ReplyFinished(FinishReason.STOP, Usage(prompt_tokens=3, output_tokens=2))
        finally:
            self.open -= 1

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[BackendEvent, None]:
        yield ReplyOpened()
        yield TextDelta(f"{request.prompt}, and so on")
        yield ReplyFinished(FinishReason.LENGTH, Usage(prompt_tokens=1, output_tokens=4))

    async def embed(self, request: EmbedRequest) -> AsyncGenerator[BackendEvent, None]:
        yield ReplyOpened()
        yield EmbeddingsMade(tuple((float(len(text)), 0.5) for text in request.inputs))
        yield ReplyFinished(FinishReason.STOP, Usage(prompt_tokens=len(request.inputs)))

    async def models(self) -> list[ModelInfo]:
        return []

    async def show(self, model: ModelName) -> ModelCard:
        return ModelCard(ModelInfo(model))

    async def loaded(self) -> list[LoadedModel]:
        return []

    async def load(self, model: ModelName) -> None:
        if self.load_failures:
            raise self.load_failures.popleft()
        self.loads.append(model)

    async def unload(self, model: ModelName) -> None:
        self.loads = [loaded for loaded in self.loads if loaded != model]

    async def check(self) -> BackendHealth:
        return BackendHealth(ok=True)

    async def aclose(self) -> None:
        self.finish.set()
