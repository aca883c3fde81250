"""The Ollama adapter against a server of faults, with deadlines that end a stall in a fraction of a second."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

from chatui.backends.base import Deadlines, ModelOptions
from chatui.backends.ollama import OllamaBackend
from chatui.domain.errors import BackendError
from chatui.domain.events import TextDelta
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role
from tests.support.fault_server import Fault, FaultServer, fault_server

MODEL = ModelName("m")
REQUEST = ChatRequest(MODEL, (ChatMessage(Role.USER, "Hello"),), 16)

QUICK = Deadlines(
    connect=timedelta(seconds=1),
    load=timedelta(seconds=0.4),
    first_token=timedelta(seconds=0.3),
    progress=timedelta(seconds=0.2),
    total=timedelta(seconds=0.6),
    query=timedelta(seconds=0.3),
)


@asynccontextmanager
async def against(*faults: Fault) -> AsyncGenerator[tuple[OllamaBackend, FaultServer], None]:
    async with fault_server(*faults) as (url, server):
        backend = OllamaBackend("faulty", url, QUICK, lambda _: ModelOptions())
        async with aclosing(backend):
            yield backend, server


async def text_and_error(backend: OllamaBackend) -> tuple[str, BackendError | None]:
    """Read an answer; returns the text that was shown, and the error that ended it."""
    text = ""
    try:
        async with aclosing(backend.chat(REQUEST)) as events:
            async for event in events:
                text += event.text if isinstance(event, TextDelta) else ""
    except BackendError as error:
        return text, error
    return text, None
