"""Every row of the table of upstream faults: what the person sees, what is recorded, and what holds afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from chatui.backends.base import Deadlines
from chatui.domain.events import RetryScheduled
from storage.database import Clocks
from storage.tables import MessageState
from tests.faults.invariants import check_invariants, shown_text
from tests.support.assembly import PATIENT, Setup, assembled
from tests.support.fault_server import (
    STREAM_HEAD,
    Fault,
    begun,
    drip_after,
    error_reply,
    gzip_bomb,
    huge_line,
    raw,
    reply,
    reset_after,
    stall_after,
    stream,
)
from tests.support.faulty_ollama import DONE, LINES, TOKENS, WHOLE, faulty_ollama, held, some, whole_answer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HTML = b"<html><body>Welcome</body></html>"
BROKEN_UTF8 = LINES[0].replace(b"Every", b"Ev\xffry")
LOAD = "llama-server process has terminated: exit status 2"
RUNNER = b'{"error":"an error was encountered while running the model: CUDA error"}\n'


@dataclass(frozen=True)
class Row:
    """The faults that the attempts meet, and what must come of them. After them the server works."""

    faults: list[Fault]
    state: MessageState = MessageState.COMPLETE
    says: str | None = None
    codes: list[str] = field(default_factory=list)
    text: str = WHOLE
    stage: str = "reading"
    deadlines: Deadlines = PATIENT


def retried(fault: Fault, code: str, deadlines: Deadlines = PATIENT) -> Row:
    """A fault that a second try cures."""
    return Row([fault], codes=[code], deadlines=deadlines)


def failed(fault: Fault, code: str, says: str, tries: int = 4) -> Row:
    """A fault that stays, and how often it is tried."""
    return Row([fault] * tries, MessageState.FAILED, says, [code] * tries, "")


def cut(fault: Fault, code: str, says: str, deadlines: Deadlines = PATIENT) -> Row:
    """A fault in mid-answer: what came is kept, and nothing is tried by itself."""
    return Row([fault], MessageState.INTERRUPTED, says, [code], "".join(TOKENS[:2]), "writing", deadlines)


def only(**seconds: float) -> Deadlines:
    """Deadlines of which the named ones alone are short: a healthy answer meets them on a busy machine, too."""
    return replace(PATIENT, **{stage: timedelta(seconds=short) for stage, short in seconds.items()})


ROWS: dict[str, Row] = {
    "nothing": Row([]),
    "closed before the headers": retried(raw(b""), "unreachable"),
    "reset before the headers": retried(reset_after(b""), "unreachable"),
    "closed before the headers, for good": failed(raw(b""), "unreachable", "The model server does not answer"),
    "FIN in mid-answer": cut(raw(some(2)), "interrupted", "What arrived is kept."),
    "reset in mid-answer": cut(reset_after(some(2)), "interrupted", "What arrived is kept."),
    "a clean end without done": cut(stream(*LINES[:2]), "truncated", "ended too early"),
    "a clean end without done, no text": retried(stream(), "truncated"),
    "JSON that was cut": cut(stream(*LINES[:2], LINES[2][:30]), "truncated", "ended too early"),
    "no headers": retried(stall_after(b""), "deadline", only(load=2)),
    "no first token": retried(stall_after(STREAM_HEAD), "deadline", only(first_token=2)),
    "a stall": cut(stall_after(some(2)), "deadline", "No output for 0.4 s", only(progress=0.4)),
    "a drip": cut(drip_after(some(2)), "deadline", "No output for 0.4 s", only(progress=0.4)),
    "a drip instead of a first token": retried(drip_after(STREAM_HEAD), "deadline", only(first_token=2)),
    "a huge line": failed(huge_line(8), "invalid_reply", "The server sent an invalid reply"),
    "a compressed reply": failed(gzip_bomb(64), "invalid_reply", "The server sent an invalid reply"),
    "a broken line in mid-answer": cut(stream(*LINES[:2], b"?\n"), "invalid_reply", "an invalid reply"),
    "a page with 200": failed(
        reply(200, HTML, "text/html"), "misconfigured", "The address does not lead to a model server", 1
    ),
    "a redirect": failed(
        reply(302, b"", Location="/login"), "misconfigured", "The address does not lead to a model server", 1
    ),
    "500 and nothing": failed(reply(500, b""), "unknown", "The model server reported an error: HTTP 500", 1),
    "500 and an unknown text": failed(error_reply(500, "the kettle is cold"), "unknown", "the kettle is cold", 1),
    "500, a bad option": failed(
        error_reply(500, 'option "num_ctx" must be of type integer'), "ask_refused", "must be of type integer", 1
    ),
    "500, the load failed": retried(error_reply(500, LOAD), "model_load"),
    "500, the load failed, for good": failed(error_reply(500, LOAD), "model_load", "The model could not be loaded"),
    "500, out of memory": retried(error_reply(500, "reported out-of-memory during startup"), "memory"),
    "500, out of memory, for good": failed(
        error_reply(500, "reported out-of-memory during startup"), "memory", "The model did not fit into memory", 2
    ),
    "an error line instead of text": retried(stream(b'{"error":"unable to load model: x"}\n'), "model_load"),
    "an error line in mid-answer": cut(stream(*LINES[:2], RUNNER), "interrupted", "CUDA error"),
    "503": retried(reply(503, b""), "busy"),
    "503, the queue is full": retried(
        error_reply(503, "server busy, please try again.  maximum pending requests exceeded"), "busy"
    ),
    "429, come back in an hour": failed(reply(429, b"", Retry_After="3600"), "busy", "The model server is busy", 1),
    "502 of a proxy": retried(reply(502, HTML, "text/html"), "unreachable"),
    "404": failed(error_reply(404, "model 'm' not found"), "not_found", "The server does not have this model", 1),
    "400, no thinking": failed(
        error_reply(400, '"m" does not support thinking'), "capability", "The model cannot do this", 1
    ),
    "400, too long": failed(
        error_reply(400, "request (9 tokens) exceeds the available context size (4 tokens)"),
        "too_long",
        "The conversation is too long for this model",
        1,
    ),
    "data after done": Row([stream(*LINES, DONE, *LINES)]),
    "FIN after done": Row([raw(begun(*LINES, DONE))]),
}


@pytest.mark.parametrize("name", ROWS)
async def test_a_fault_of_the_upstream(data: Path, name: str) -> None:
    row = ROWS[name]
    async with faulty_ollama() as server, assembled(data, server.url, Setup(deadlines=row.deadlines)) as assembly:
        server.chats.extend(row.faults)
        asked = await assembly.ask("How many cups?")
        (message,) = await assembly.over(asked)
        records = await assembly.failures()
        told = assembly.events[asked.answer]
        await check_invariants(assembly)

    assert (message.state, message.content) == (row.state, row.text)
    assert shown_text(told) == row.text, "the page shows what is kept"
    notice = assembly.shown(message)["notice"]
    assert (row.says in notice) if row.says else notice is None, notice
    assert [record.code for record in records] == row.codes
    assert [record.attempt_number for record in records] == list(range(1, len(row.codes) + 1))
    assert all(record.stage == row.stage for record in records)
    assert all(record.detail and record.model == "m:1b" and record.backend for record in records)
    assert all(record.memory_available and record.load_average is not None for record in records)
    assert all(record.bytes_received == len(row.text.encode()) for record in records if row.stage == "writing")
    retries = [event for event in told if isinstance(event, RetryScheduled)]
    assert [(event.number, event.of) for event in retries] == [(n, 3) for n in range(1, len(retries) + 1)]


async def test_broken_utf8_is_marked(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        server.chats.append(stream(BROKEN_UTF8, *LINES[1:], DONE))
        (message,) = await assembly.over(await assembly.ask("How many cups?"))

    assert message.content == WHOLE.replace("Every", "Ev\N{REPLACEMENT CHARACTER}ry")


async def test_the_wait_that_the_server_asks_for_is_kept(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        server.chats.extend([error_reply(503, "server busy, please try again", Retry_After="7"), whole_answer])
        asked = await assembly.ask("How many cups?")
        await assembly.over(asked)

    (retry,) = [event for event in assembly.events[asked.answer] if isinstance(event, RetryScheduled)]
    assert retry.delay.total_seconds() == 7
    assert assembly.clock.ahead > 6.5


async def test_a_flood_takes_no_memory(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as assembly:
        server.chats.extend([huge_line(64)] * 4)
        before = psutil.Process().memory_info().rss
        (message,) = await assembly.over(await assembly.ask("How many cups?"))
        grown = psutil.Process().memory_info().rss - before
    assert message.state is MessageState.FAILED
    assert grown < 20 * 2**20


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_set_changes_nothing(data: Path, hours: int) -> None:
    times = [NOON]
    setup = Setup(clocks=Clocks(now=lambda: times[-1]))
    release = asyncio.Event()
    async with faulty_ollama() as server, assembled(data, server.url, setup) as assembly:
        server.chats.append(held(release))
        first = await assembly.ask("How many cups?")
        second = await assembly.ask("And how many spoons?")
        await assembly.until(lambda: assembly.jobs[first.answer].pieces == 1)
        times.append(NOON + timedelta(hours=hours))
        release.set()
        messages = await assembly.over(first, second)
        assert await assembly.failures() == []
        await check_invariants(assembly)
    assert [message.content for message in messages] == [WHOLE] * 2
    assert all(0 <= (message.duration_ms or -1) < 60_000 for message in messages)
