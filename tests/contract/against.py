"""The Ollama adapter against a server of faults."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from chatui.backends.base import Deadlines, ModelOptions
from chatui.backends.ollama import OllamaBackend
from chatui.domain.errors import BackendError
from chatui.domain.events import TextDelta
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role
from tests.support.fault_server import Fault, FaultServer, fault_server

MODEL = ModelName("m")
REQUEST = ChatRequest(MODEL, (ChatMessage(Role.USER, "Hello"),), 16)

# For faults that end by themselves: a busy machine must not look like one of them.
PATIENT = Deadlines()


def only(**seconds: float) -> Deadlines:
    """Deadlines of which the named ones alone are short."""
    return replace(PATIENT, **{stage: timedelta(seconds=short) for stage, short in seconds.items()})


@asynccontextmanager
async def against(
    *faults: Fault, deadlines: Deadlines = PATIENT
) -> AsyncGenerator[tuple[OllamaBackend, FaultServer], None]:
    async with fault_server(*faults) as (url, server):
        backend = OllamaBackend("faulty", url, deadlines, lambda _: ModelOptions())
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
