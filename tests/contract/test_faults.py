"""What the upstream can do wrong on the wire, and which error each comes to; the server's sockets are real."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta

import pytest

from chatui.backends.base import Deadlines, ModelOptions
from chatui.backends.ollama import OllamaBackend
from chatui.domain.asks import EmbedRequest
from chatui.domain.errors import (
    AskRefused,
    BackendBusy,
    BackendError,
    BackendFailed,
    BackendMisconfigured,
    BackendUnreachable,
    CapabilityMissing,
    DeadlineExceeded,
    ModelLoadFailed,
    ModelNotFound,
    OutOfMemory,
    PromptTooLong,
    ReplyInterrupted,
    ReplyInvalid,
    ReplyTruncated,
)
from chatui.domain.messages import ModelName
from tests.contract.against import MODEL, PATIENT, against, only, text_and_error
from tests.support.fault_server import (
    DONE_LINE,
    STREAM_HEAD,
    TEXT_LINE,
    Fault,
    begun,
    drip_after,
    error_reply,
    gzip_bomb,
    huge_line,
    raw,
    refused_url,
    reply,
    reset_after,
    stall_after,
    stream,
)

HTML = b"<html><body>Welcome</body></html>"
NESTED = '{"error":{"code":400,"message":"request (9 tokens) exceeds the available context size (4 tokens)"}}'

BEFORE_THE_ANSWER: dict[str, tuple[Fault, type[BackendError]]] = {
    "closed before the headers": (raw(b""), BackendUnreachable),
    "reset before the headers": (reset_after(b""), BackendUnreachable),
    "closed within the headers": (raw(b"HTTP/1.1 200 OK\r\nContent-"), BackendUnreachable),
    "not HTTP": (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), BackendUnreachable),
    "a page with 200": (reply(200, HTML, "text/html; charset=utf-8"), BackendMisconfigured),
    "a page that says it is JSON": (reply(200, HTML + b"\n"), BackendMisconfigured),
    "a page with 404": (reply(404, HTML, "text/html"), BackendMisconfigured),
    "a redirect": (reply(302, b"", Location="/login"), BackendMisconfigured),
    "a proxy that asks who it is": (reply(401, b"who?", "text/plain"), BackendMisconfigured),
    "500 and nothing": (reply(500, b""), BackendFailed),
    "500 and a text": (reply(500, b"oops", "text/plain"), BackendFailed),
    "500, the load failed": (error_reply(500, "llama-server process has terminated: exit status 2"), ModelLoadFailed),
    "500, out of memory": (error_reply(500, "llama-server process has terminated: insufficient memory"), OutOfMemory),
    "500, a bad option": (error_reply(500, 'option "num_ctx" must be of type integer'), AskRefused),
    "502 of a proxy": (reply(502, HTML, "text/html"), BackendUnreachable),
    "503": (reply(503, b""), BackendBusy),
    "429": (reply(429, b""), BackendBusy),
    "404": (error_reply(404, "model 'm' not found"), ModelNotFound),
    "400, no thinking": (error_reply(400, '"m" does not support thinking'), CapabilityMissing),
    "400, too long, nested": (error_reply(400, NESTED), PromptTooLong),
    "a huge line": (huge_line(megabytes=3), ReplyInvalid),
    "a compressed reply": (gzip_bomb(megabytes=1), ReplyInvalid),
    "a line that is no JSON": (stream(b"what?\n", DONE_LINE), ReplyInvalid),
    "a line that is no object": (stream(b"[1]\n", DONE_LINE), ReplyInvalid),
    "a line nested too deep": (stream(b"[" * 100_000 + b"\n"), ReplyInvalid),
    "an error in the stream": (stream(b'{"error":"unable to load model: x"}\n'), ModelLoadFailed),
    "an empty stream": (stream(), ReplyTruncated),
    "no headers": (stall_after(b""), DeadlineExceeded),
    "no first token": (stall_after(STREAM_HEAD), DeadlineExceeded),
    "a drip instead of a first token": (drip_after(STREAM_HEAD), DeadlineExceeded),
}
SHORT_BEFORE = only(load=0.3, first_token=0.3)

AFTER_SOME_TEXT: dict[str, tuple[Fault, type[BackendError]]] = {
    "FIN": (raw(begun(TEXT_LINE)), ReplyInterrupted),
    "reset": (reset_after(begun(TEXT_LINE)), ReplyInterrupted),
    "a clean end without done": (stream(TEXT_LINE), ReplyTruncated),
    "JSON that was cut": (stream(TEXT_LINE, TEXT_LINE[:30]), ReplyTruncated),
    "an error line": (stream(TEXT_LINE, b'{"error":"unable to load model: x"}\n'), ReplyInterrupted),
    "a broken line": (stream(TEXT_LINE, b"?\n", DONE_LINE), ReplyInvalid),
    "a stall": (stall_after(begun(TEXT_LINE)), DeadlineExceeded),
    "a drip": (drip_after(begun(TEXT_LINE)), DeadlineExceeded),
}
SHORT_AFTER = only(progress=0.3)


def short_for(expected: type[BackendError], short: Deadlines) -> Deadlines:
    """Short deadlines where they are what is tried."""
    return short if expected is DeadlineExceeded else PATIENT


@pytest.mark.parametrize("fault", BEFORE_THE_ANSWER)
async def test_a_fault_before_any_text(fault: str) -> None:
    play, expected = BEFORE_THE_ANSWER[fault]

    async with against(play, deadlines=short_for(expected, SHORT_BEFORE)) as (backend, _):
        text, error = await text_and_error(backend)

    assert text == ""
    assert type(error) is expected
    assert str(error)


@pytest.mark.parametrize("fault", AFTER_SOME_TEXT)
async def test_a_fault_in_mid_answer_keeps_the_text(fault: str) -> None:
    play, expected = AFTER_SOME_TEXT[fault]

    async with against(play, deadlines=short_for(expected, SHORT_AFTER)) as (backend, _):
        text, error = await text_and_error(backend)

    assert text == "Hello"
    assert type(error) is expected


CALLS: dict[str, Callable[[OllamaBackend], Awaitable[object]]] = {
    "models": lambda backend: backend.models(),
    "show": lambda backend: backend.show(MODEL),
    "loaded": lambda backend: backend.loaded(),
    "load": lambda backend: backend.load(MODEL),
    "unload": lambda backend: backend.unload(ModelName("m")),
    "pull": lambda backend: anext(backend.pull(MODEL)),
    "embed": lambda backend: anext(backend.embed(EmbedRequest(MODEL, ("tea",)))),
    "version": lambda backend: backend.version(),
}
SHORT_CALL = only(load=0.3, progress=0.3, query=0.3)
ANY_CALL: dict[str, tuple[Fault, type[BackendError]]] = {
    "closed before the headers": (raw(b""), BackendUnreachable),
    "reset within the body": (reset_after(begun(b'{"models"')), ReplyInterrupted),
    "a page": (reply(200, HTML, "text/html"), BackendMisconfigured),
    "a redirect": (reply(307, b"", Location="http://elsewhere/"), BackendMisconfigured),
    "a stall": (stall_after(begun(b'{"models"')), DeadlineExceeded),
    "a compressed reply": (gzip_bomb(megabytes=1), ReplyInvalid),
    "JSON that was cut": (reply(200, b'{"models": ['), ReplyTruncated),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", ANY_CALL)
async def test_every_call_tells_a_fault_in_the_same_terms(fault: str, call: str) -> None:
    play, expected = ANY_CALL[fault]

    async with against(play, deadlines=short_for(expected, SHORT_CALL)) as (backend, _):
        with pytest.raises(expected):
            await CALLS[call](backend)


@pytest.mark.parametrize("fault", ANY_CALL)
async def test_a_health_check_tells_a_fault_and_never_raises(fault: str) -> None:
    play, expected = ANY_CALL[fault]

    async with against(play, deadlines=short_for(expected, SHORT_CALL)) as (backend, _):
        health = await backend.check()

    assert not health.ok
    assert health.error


async def test_nobody_at_the_address() -> None:
    backend = OllamaBackend("absent", refused_url(), PATIENT, lambda _: ModelOptions())
    async with aclosing(backend):
        _, error = await text_and_error(backend)

    assert type(error) is BackendUnreachable


async def test_a_host_without_an_address() -> None:
    backend = OllamaBackend("nowhere", "http://nowhere.invalid:1", only(connect=1), lambda _: ModelOptions())
    async with aclosing(backend):
        _, error = await text_and_error(backend)

    assert type(error) is BackendUnreachable


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry_After": "7"}, timedelta(seconds=7)),
        (
            {"Retry_After": "Sat, 01 Aug 2026 10:00:30 GMT", "Date": "Sat, 01 Aug 2026 10:00:00 GMT"},
            timedelta(seconds=30),
        ),
        ({"Retry_After": "Sat, 01 Aug 2026 10:00:30 GMT"}, None),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-5"}, None),
        ({}, None),
    ],
)
async def test_the_wait_that_a_busy_server_asks_for(headers: dict[str, str], expected: timedelta | None) -> None:
    async with against(error_reply(503, "server busy, please try again", **headers)) as (backend, _):
        _, error = await text_and_error(backend)

    assert isinstance(error, BackendBusy)
    assert error.retry_after == expected


@pytest.mark.parametrize(
    ("stage", "sent"),
    [("load", b""), ("first_token", STREAM_HEAD), ("progress", begun(TEXT_LINE))],
)
async def test_the_stage_that_took_too_long_is_named(stage: str, sent: bytes) -> None:
    async with against(stall_after(sent), deadlines=only(**{stage: 0.3})) as (backend, server):
        _, error = await text_and_error(backend)
        await server.until(lambda: server.left == 1)

    assert isinstance(error, DeadlineExceeded)
    assert error.stage == stage


async def test_an_answer_without_end_meets_the_total_deadline() -> None:
    async def chatter(writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM_HEAD)
        while True:
            writer.write(b"%x\r\n%b\r\n" % (len(TEXT_LINE), TEXT_LINE))
            await writer.drain()
            await asyncio.sleep(0.02)

    async with against(chatter, deadlines=only(total=2)) as (backend, server):
        text, error = await text_and_error(backend)
        await server.until(lambda: server.left == 1)

    assert text.startswith("HelloHello")
    assert isinstance(error, DeadlineExceeded)
    assert error.stage == "total"
