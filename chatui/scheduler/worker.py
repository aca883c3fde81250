"""A worker runs one attempt of a job: from the backend's stream into the job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import assert_never

from chatui.backends.base import Backend
from chatui.domain.asks import Ask, CompletionRequest, EmbedRequest, LoadRequest
from chatui.domain.errors import ReplyTruncated
from chatui.domain.events import (
    AnswerPart,
    BackendEvent,
    ContextMade,
    EmbeddingsMade,
    ReplyFinished,
    ReplyOpened,
    TextDelta,
    ThinkingDelta,
    TokensScored,
    ToolCallDelta,
)
from chatui.domain.jobs import Stage
from chatui.domain.messages import ChatRequest, FinishReason, Usage
from chatui.scheduler.job import Job
from chatui.scheduler.journal import Journal


class Worker:
    """Takes a job that was started and reads its answer; tells the journal, and `wrote`, of what came.

    Pieces that are there at once are told of once: where hundreds of answers are read, most are.
    """

    def __init__(self, journal: Journal, wrote: Callable[[Job], None]) -> None:
        self._journal = journal
        self._wrote = wrote
        self._untold: dict[Job, asyncio.Handle] = {}

    async def run(self, job: Job, backend: Backend) -> ReplyFinished:
        """Run one attempt to its end.

        Raises the backend's `BackendError`. When it is cancelled, the upstream connection is closed before it ends.
        """
        job.enter(Stage.READING)  # the policy starts a job only where its model is loaded
        end: ReplyFinished | None = None
        try:
            async with aclosing(answer_of(backend, job.request)) as reply:
                async for event in reply:  # to its very end, so that the connection can be used again
                    if isinstance(event, ReplyFinished):
                        end = event
                    else:
                        self._apply(job, event)
        finally:
            self._tell(job)
        if end is None:
            raise ReplyTruncated("the stream ended without an end")
        return end

    def _apply(self, job: Job, event: ReplyOpened | ThinkingDelta | TextDelta | AnswerPart) -> None:
        match event:
            case ReplyOpened():
                pass
            case ThinkingDelta(text):
                job.think(text)
                self._progressed(job)
            case TextDelta(text):
                job.write(text)
                self._progressed(job)
            case ToolCallDelta():
                job.call_tool(event)
                self._progressed(job)
            case TokensScored() | ContextMade() | EmbeddingsMade():
                job.attach(event)
            case _:
                assert_never(event)

    def _progressed(self, job: Job) -> None:
        if job.pieces == 1:
            self._journal.progressed(job)
            self._wrote(job)
        elif job not in self._untold:
            self._untold[job] = asyncio.get_running_loop().call_soon(self._tell, job)

    def _tell(self, job: Job) -> None:
        if (told := self._untold.pop(job, None)) is not None:
            told.cancel()
            self._journal.progressed(job)
            self._wrote(job)


def answer_of(backend: Backend, ask: Ask) -> AsyncGenerator[BackendEvent, None]:
    """Ask a backend."""
    match ask:
        case ChatRequest():
            return backend.chat(ask)
        case CompletionRequest():
            return backend.complete(ask)
        case EmbedRequest():
            return backend.embed(ask)
        case LoadRequest():
            return _loaded()
        case _:
            assert_never(ask)


async def _loaded() -> AsyncGenerator[BackendEvent, None]:
    """Answer a wish for a load: the policy starts a job only where its model is loaded."""
    yield ReplyFinished(FinishReason.STOP, Usage())
