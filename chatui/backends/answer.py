"""The one loop that streams an answer, for every protocol that speaks in lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Protocol

from chatui.backends.base import Deadlines
from chatui.backends.deadlines import StageTimer
from chatui.backends.http import HttpClient
from chatui.backends.wire import JsonObject, decode_object
from chatui.domain.errors import BackendError, DeadlineExceeded, ReplyInterrupted
from chatui.domain.events import BackendEvent, ReplyFinished, ReplyOpened, TextDelta, ThinkingDelta, ToolCallDelta

# What may follow the end of an answer before its connection is given up instead of kept.
TAIL_LIMIT_LINES = 16
TAIL_LIMIT = timedelta(milliseconds=100)

# A thousand vectors of four thousand numbers, as JSON.
WHOLE_LIMIT_BYTES = 64 << 20


class AnswerReader(Protocol):
    """Understands the lines of one answer, in one protocol."""

    def read(self, line: bytes) -> Iterator[BackendEvent]:
        """Read one line; the answer is whole after `ReplyFinished`. Raises a `BackendError` that the line tells."""

    @property
    def whole(self) -> bool:
        """Whether the answer is complete already, so that a broken line takes nothing away."""

    def end(self) -> ReplyFinished:
        """Say what the end of the stream means; raises `ReplyTruncated` when the answer is not whole."""


async def stream_answer(
    http: HttpClient,
    path: str,
    body: JsonObject,
    reader: AnswerReader,
    deadlines: Deadlines,
) -> AsyncGenerator[BackendEvent, None]:
    """Ask and stream the answer as `Backend.chat` promises, each stage within its deadline."""
    timer = StageTimer("load", deadlines.load, total=deadlines.total)
    async with http.open("POST", path, body, timer) as reply:
        timer.enter("first_token", deadlines.first_token)
        yield ReplyOpened()
        async with aclosing(reply.lines()) as lines, aclosing(_events(lines, reader, timer)) as events:
            async for event in events:
                if isinstance(event, TextDelta | ThinkingDelta | ToolCallDelta):
                    timer.enter("progress", deadlines.progress)
                yield event
            await _read_tail(lines)


async def whole_answer(http: HttpClient, path: str, body: JsonObject, deadlines: Deadlines) -> JsonObject:
    """Ask and give an answer that comes at once, within the deadlines of an attempt."""
    timer = StageTimer("load", deadlines.load, total=deadlines.total)
    async with http.open("POST", path, body, timer) as reply:
        timer.enter("progress", deadlines.progress)
        return decode_object(await timer.wait(reply.body(WHOLE_LIMIT_BYTES)))


async def _events(
    lines: AsyncGenerator[list[bytes], None],
    reader: AnswerReader,
    timer: StageTimer,
) -> AsyncGenerator[BackendEvent, None]:
    while came := await _next_lines(lines, reader, timer):
        for line in came:
            for event in reader.read(line):
                yield event
                if isinstance(event, ReplyFinished):
                    return
    yield reader.end()


async def _next_lines(
    lines: AsyncGenerator[list[bytes], None], reader: AnswerReader, timer: StageTimer
) -> list[bytes] | None:
    try:
        return await timer.wait(anext(lines, None))
    except (ReplyInterrupted, DeadlineExceeded):
        if not reader.whole:
            raise
        return None


async def _read_tail(lines: AsyncGenerator[list[bytes], None]) -> None:
    # A body that was read to its end leaves its connection to the next request.
    with suppress(BackendError, TimeoutError):
        async with asyncio.timeout(TAIL_LIMIT.total_seconds()):
            for _ in range(TAIL_LIMIT_LINES):
                if await anext(lines, None) is None:
                    return
