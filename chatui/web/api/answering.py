"""A job as the response to a request: its head, the bytes that keep the line open while it waits, and its end.

The head is held back for a while, so that what fails soon fails with its own status. A client that goes away frees its
place in line and its slot.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from chatui.accounts.keys import KeyHolder
from chatui.domain.asks import Ask
from chatui.domain.errors import Draining, SamovarError
from chatui.domain.events import (
    AttemptStarted,
    JobEvent,
    JobFinished,
    JobQueued,
    RetryScheduled,
    StageEntered,
)
from chatui.domain.jobs import JobState
from chatui.gateway.service import Gateway
from chatui.scheduler.job import Job
from chatui.web.api.problems import Problem, problem_of

KEEP_IN: Final = "x-conversation"
"""The header in which a program says where to keep what it asks, and hears where it is kept."""

_COURSE = JobQueued | AttemptStarted | StageEntered | RetryScheduled
_STOPPED = Problem(499, "request canceled: the job was stopped in the queue")


class Voice(Protocol):
    """How one API tells one answer."""

    media_type: str
    """Of the stream."""

    keep_alive: bytes
    """What a reader of the stream passes over."""

    def pieces(self, event: JobEvent) -> Iterator[bytes]:
        """Tell an event in a stream."""

    def last(self, job: Job, end: JobFinished) -> bytes:
        """End a stream."""

    def broken(self, problem: Problem) -> bytes:
        """End a stream that has begun, and failed."""

    def whole(self, job: Job, end: JobFinished) -> bytes:
        """Tell the answer in one piece, as JSON."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: how long a head is held back, and how often bytes keep the line open after it."""

    stream: float = 10.0
    single: float = 45.0
    keep_alive: float = 10.0


@dataclass(frozen=True, slots=True)
class Desk:
    """What every response needs."""

    gateway: Gateway
    clock: Callable[[], float]
    patience: Patience = Patience()


class Attended(Response, ABC):
    """A response whose making ends as soon as nobody listens."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or stop at it once the client has gone."""
        work = asyncio.create_task(self.answer(scope, receive, send))
        gone = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.wait({work, gone})
        if not work.cancelled():
            work.result()

    @abstractmethod
    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""


class Answering(Attended):
    """Asks when it is sent, and answers."""

    def __init__(
        self,
        desk: Desk,
        by: KeyHolder,
        ask: Ask,
        voice: Voice,
    ) -> None:
        self.desk = desk
        self.voice = voice
        self.background = None
        self._by = by
        self._ask = ask

    @abstractmethod
    async def tell(self, job: Job, line: Line) -> Problem | None:
        """Tell the answer; gives what is to be told instead where nothing was told yet."""

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask, and tell what comes of it."""
        try:
            wish = Headers(scope=scope).get(KEEP_IN)
            async with self.desk.gateway.asked(self._by, self._ask, wish) as job:
                kept = {KEEP_IN: str(kept_in)} if (kept_in := self.desk.gateway.conversation(job)) else {}
                problem = await self.tell(job, Line(send, lambda media: self._head(job, media) | kept))
        except SamovarError as error:
            problem = problem_of(error)
        if problem is not None:
            await problem.response(scope["path"])(scope, receive, send)

    def _head(self, job: Job, media_type: str) -> dict[str, str]:
        place = self.desk.gateway.place(job) if job.state is JobState.QUEUED else None
        headers = {"content-type": media_type, "x-accel-buffering": "no", "x-queue-id": str(job.id)}
        headers["x-queue-position"] = str(place.position if place else 0)
        eta = place.expected if place else 0.0
        return headers if eta is None else {**headers, "x-queue-eta": str(round(eta))}


class Streamed(Answering):
    """Answers piece by piece."""

    async def tell(self, job: Job, line: Line) -> Problem | None:
        """Tell each piece as it comes."""
        patience, media = self.desk.patience, self.voice.media_type
        pace = (patience.stream, patience.keep_alive, self.desk.clock)
        async with aclosing(job.watch()) as events, aclosing(paced(events, *pace)) as steps:
            async for event in steps:
                if event is None:
                    await line.write(self.voice.keep_alive, media)
                elif isinstance(event, JobFinished):
                    return await self._end(job, event, line)
                else:
                    for piece in self.voice.pieces(event):
                        await line.write(piece, media)
        raise AssertionError(f"job {job.id} has no end")

    async def _end(self, job: Job, end: JobFinished, line: Line) -> Problem | None:
        problem = problem_at(end)
        if problem is not None and not line.begun:
            return problem
        await line.end(self.voice.broken(problem) if problem else self.voice.last(job, end), self.voice.media_type)
        return None


class Single(Answering):
    """Answers in one piece. What fails after the head breaks the line, since its status was told already."""

    async def tell(self, job: Job, line: Line) -> Problem | None:
        """Tell the answer once it is whole."""
        pace = (self.desk.patience.single, self.desk.patience.keep_alive, self.desk.clock)
        async with aclosing(job.watch()) as events, aclosing(paced(events, *pace)) as steps:
            async for event in steps:
                if event is None:
                    await line.write(b" ", "application/json")
                elif isinstance(event, JobFinished):
                    return await self._end(job, event, line)
        raise AssertionError(f"job {job.id} has no end")

    async def _end(self, job: Job, end: JobFinished, line: Line) -> Problem | None:
        problem = problem_at(end)
        if problem is None:
            await line.end(self.voice.whole(job, end), "application/json")
        return None if line.begun else problem


class Line:
    """What goes out: nothing before the head, which goes with the first bytes. `headers` tells it for a media type."""

    def __init__(self, send: Send, headers: Callable[[str], dict[str, str]]) -> None:
        self._send = send
        self._headers = headers
        self.begun = False

    async def write(self, data: bytes, media_type: str) -> None:
        """Send bytes, and more will follow."""
        await self._begin(media_type, {})
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes, media_type: str) -> None:
        """Send the last bytes."""
        await self._begin(media_type, {"content-length": str(len(data))})
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    async def _begin(self, media_type: str, also: dict[str, str]) -> None:
        if not self.begun:
            self.begun = True
            headers = {**self._headers(media_type), **also}
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            message: Message = {"type": "http.response.start", "status": 200, "headers": raw}
            await self._send(message)


async def paced(
    events: AsyncGenerator[JobEvent, None], first: float, every: float, clock: Callable[[], float]
) -> AsyncGenerator[JobEvent | None, None]:
    """Yield the events, and None when nothing of the answer came for `first` seconds, then for each `every` more."""
    due = clock() + first
    coming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=max(0.0, due - clock()))
            if not done:
                yield None
                due = clock() + every
                continue
            if (event := coming.result()) is None:
                return
            if not isinstance(event, _COURSE):
                due = clock() + every
            yield event
            coming = asyncio.ensure_future(anext(events, None))
    finally:
        coming.cancel()
        await asyncio.wait({coming})


def problem_at(end: JobFinished) -> Problem | None:
    """Tell what was wrong with a job in its end; None for one that is done."""
    match end.state:
        case JobState.DONE:
            return None
        case JobState.STOPPED:
            return _STOPPED
        case _:
            return problem_of(end.error or Draining())


async def _gone(receive: Receive) -> None:
    """Return once the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
