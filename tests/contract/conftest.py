"""The backends that the contract suite runs against, each with a server of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio

from chatui.backends.base import Backend, Deadlines, ModelOptions
from chatui.backends.embedded import EmbeddedBackend, embedded_config
from chatui.backends.ollama import OllamaBackend
from chatui.backends.openai import OpenAIBackend
from chatui.domain.messages import ModelName
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel
from tests.support.openai_server import OpenAIScript, OpenAIServer

SKILLED = ("completion", "tools", "vision", "insert", "embedding")


@dataclass(frozen=True, slots=True)
class Subject:
    """A backend under test. Its server has one slot and an answer to `LONG` that does not end while `hold()` is on.

    `thinker` is a model that thinks, where there is one; `model` sees pictures if there is.
    """

    backend: Backend
    model: ModelName
    thinker: ModelName | None
    hold: Callable[[], None]
    release: Callable[[], None]
    kill: Callable[[], Awaitable[None]]


@asynccontextmanager
async def ollama_subject() -> AsyncGenerator[Subject, None]:
    models = (
        ScriptedModel("llama3.2:1b", capabilities=SKILLED),
        ScriptedModel("qwen3:1.7b", capabilities=(*SKILLED, "thinking")),
    )
    async with OllamaServer(OllamaScript(models, parallel=1)) as server:
        backend = OllamaBackend("ollama", server.url, Deadlines(), lambda _: ModelOptions(num_ctx=2048))
        model, thinker = (ModelName(model.name) for model in models)
        async with aclosing(backend):
            yield Subject(backend, model, thinker, server.gate.clear, server.gate.set, server.aclose)


@asynccontextmanager
async def openai_subject() -> AsyncGenerator[Subject, None]:
    async with OpenAIServer(OpenAIScript(slots=1, api_key="key", context_length=2048)) as server:
        backend = OpenAIBackend("openai", server.url, Deadlines(), "key")
        async with aclosing(backend):
            model, thinker = ModelName("small"), ModelName("thinking-small")
            yield Subject(backend, model, thinker, server.gate.clear, server.gate.set, server.aclose)


@asynccontextmanager
async def embedded_subject() -> AsyncGenerator[Subject, None]:
    config = embedded_config(slots=1, num_ctx=2048)
    async with aclosing(EmbeddedBackend(config, Deadlines())) as backend:

        async def kill() -> None:
            assert backend.pid is not None
            os.kill(backend.pid, signal.SIGKILL)

        # The real model needs no gate: two thousand tokens take it many seconds.
        yield Subject(backend, config.model, None, lambda: None, lambda: None, kill)


SUBJECTS: dict[str, Callable[[], AbstractAsyncContextManager[Subject]]] = {
    "ollama": ollama_subject,
    "openai": openai_subject,
    "embedded": embedded_subject,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=SUBJECTS)
async def subject(request: pytest.FixtureRequest) -> AsyncGenerator[Subject, None]:
    """A backend that the tests of a module share; leave it as it was."""
    async with SUBJECTS[request.param]() as shared:
        yield shared


@pytest_asyncio.fixture(loop_scope="module", params=SUBJECTS)
async def expendable(request: pytest.FixtureRequest) -> AsyncGenerator[Subject, None]:
    """A backend that one test may close, or whose server it may kill."""
    async with SUBJECTS[request.param]() as own:
        yield own
