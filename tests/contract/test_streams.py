"""How the bytes of a stream are read, however they come, and how a stream is left."""

from __future__ import annotations

import asyncio
import tracemalloc
from contextlib import aclosing

import pytest

from chatui.domain.errors import (
    ReplyInvalid,
)
from chatui.domain.events import ReplyFinished, TextDelta
from tests.contract.against import REQUEST, against, text_and_error
from tests.support.fault_server import (
    DONE_LINE,
    TEXT_LINE,
    Fault,
    begun,
    gzip_bomb,
    huge_line,
    stall_after,
    stream,
)


async def test_bytes_that_are_no_utf8_become_a_marker() -> None:
    async with against(stream(TEXT_LINE.replace(b"Hello", b"caf\xe9!"), DONE_LINE)) as (backend, _):
        text, error = await text_and_error(backend)

    assert text == "caf\ufffd!"
    assert error is None


async def test_a_line_separator_inside_of_a_token_splits_nothing() -> None:
    text_line = TEXT_LINE.replace(b"Hello", "one\u2028two\u0085three\u000bfour".replace("\u000b", "\\u000b").encode())
    async with against(stream(text_line, DONE_LINE)) as (backend, _):
        text, error = await text_and_error(backend)

    assert text == "one\u2028two\u0085three\u000bfour"
    assert error is None


async def test_lines_that_come_in_pieces_are_whole() -> None:
    pieces = [bytes([byte]) for byte in TEXT_LINE + b"\r\n\n" + DONE_LINE]
    async with against(stream(*pieces)) as (backend, _):
        text, error = await text_and_error(backend)

    assert text == "Hello"
    assert error is None


async def test_data_after_done_is_ignored() -> None:
    async with against(stream(TEXT_LINE, DONE_LINE, TEXT_LINE, b'{"error":"late"}\n')) as (backend, _):
        text, error = await text_and_error(backend)

    assert text == "Hello"
    assert error is None


async def test_a_stall_after_done_keeps_nobody() -> None:
    async with against(stall_after(begun(TEXT_LINE, DONE_LINE))) as (backend, server):
        async with asyncio.timeout(30):  # less than any of the deadlines
            text, error = await text_and_error(backend)
        await server.until(lambda: server.left == 1)

    assert text == "Hello"
    assert error is None


async def test_closing_hangs_up_before_it_returns() -> None:
    async with against(stall_after(begun(TEXT_LINE))) as (backend, server):
        events = backend.chat(REQUEST)
        async for event in events:
            if isinstance(event, TextDelta):
                break
        await events.aclose()
        await server.until(lambda: server.left == 1)

    assert server.requests == 1


@pytest.mark.parametrize("fault", [huge_line(megabytes=32), gzip_bomb(megabytes=256)], ids=["huge line", "gzip bomb"])
async def test_a_flood_takes_little_memory(fault: Fault) -> None:
    async with against(fault) as (backend, _):
        tracemalloc.start()
        _, error = await text_and_error(backend)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert type(error) is ReplyInvalid
    assert peak_bytes < 20 << 20


async def test_a_kept_connection_that_the_server_closed_is_replaced() -> None:
    async def hang_up_on_the_second(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with against(stream(TEXT_LINE, DONE_LINE), hang_up_on_the_second, stream(TEXT_LINE, DONE_LINE)) as (
        backend,
        server,
    ):
        first = await text_and_error(backend)
        second = await text_and_error(backend)

    assert first == second == ("Hello", None)
    assert server.requests == 3


async def test_a_whole_answer_says_so() -> None:
    async with against(stream(TEXT_LINE, DONE_LINE)) as (backend, _), aclosing(backend.chat(REQUEST)) as events:
        last = [event async for event in events][-1]

    assert isinstance(last, ReplyFinished)
    assert last.usage.output_tokens == 1
