"""What the OpenAI adapter says and understands beyond the contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta

import pytest

from chatui.backends import answer
from chatui.backends.base import Deadlines
from chatui.backends.openai import OpenAIBackend
from chatui.backends.openai_replies import OpenAIAnswer, read_listed_model, read_props_context
from chatui.domain.asks import CompletionRequest, Framing
from chatui.domain.errors import (
    BackendBusy,
    BackendMisconfigured,
    CapabilityMissing,
    OutOfMemory,
    ReplyInterrupted,
    ReplyTruncated,
)
from chatui.domain.events import BackendEvent, ReplyFinished, TextDelta, ThinkingDelta, ToolCallDelta
from chatui.domain.messages import (
    ChatMessage,
    ChatRequest,
    FinishReason,
    Image,
    ModelName,
    Role,
)
from tests.support.openai_server import OpenAIScript, OpenAIServer

REQUEST = ChatRequest(ModelName("small"), (ChatMessage(Role.USER, "Hello"),), 16)


def test_tool_calls_come_in_pieces_or_whole() -> None:
    def chunk(*calls: dict[str, object]) -> bytes:
        return b"data: " + json.dumps({"choices": [{"delta": {"tool_calls": list(calls)}}]}).encode()

    pieces = [
        chunk({"index": 0, "id": "x", "function": {"name": "a", "arguments": ""}}),
        chunk({"index": 0, "function": {"arguments": '{"n":'}}),
        chunk({"index": 0, "function": {"arguments": "1}"}}),
    ]
    whole = [chunk({"id": "x", "function": {"name": "a", "arguments": "{}"}}, {"function": {"name": "b"}})]

    assert read(pieces) == [ToolCallDelta(0, "", "a", "x"), ToolCallDelta(0, '{"n":'), ToolCallDelta(0, "1}")]
    assert read(whole) == [ToolCallDelta(0, "{}", "a", "x"), ToolCallDelta(1, "", "b")]


async def test_what_only_ollama_can_do_is_refused() -> None:
    asks = [
        CompletionRequest(ModelName("small"), "Hello", 4, template="{{ .Prompt }}"),
        CompletionRequest(ModelName("small"), "Hello", 4, context=(1, 2)),
        CompletionRequest(ModelName("small"), "Hello", 4, framing=Framing.RAW, images=(Image(b"x"),)),
    ]
    async with OpenAIServer() as server, aclosing(OpenAIBackend("openai", server.url, Deadlines())) as backend:
        for asked in asks:
            with pytest.raises(CapabilityMissing):
                await anext(backend.complete(asked))

        assert not server.requests


class Ticks:
    """A clock that goes on by one second each time it is read."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        self._now += 1.0
        return self._now


def read(lines: Sequence[bytes], reader: OpenAIAnswer | None = None) -> list[BackendEvent]:
    reader = reader or OpenAIAnswer(Ticks())
    return [event for line in lines for event in reader.read(line + b"\n")]


async def ask(server: OpenAIServer, model: str = "small", api_key: str | None = None) -> list[BackendEvent]:
    backend = OpenAIBackend("openai", server.url, Deadlines(), api_key)
    request = ChatRequest(ModelName(model), REQUEST.messages, 16)
    async with aclosing(backend), aclosing(backend.chat(request)) as events:
        return [event async for event in events]


def test_thinking_goes_by_two_names() -> None:
    events = read(
        [
            b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}',
            b'data: {"choices":[{"delta":{"reasoning":"so"}}]}',
            b'data:{"choices":[{"delta":{"content":"tea"},"finish_reason":"stop"}]}',
        ],
    )

    assert events == [ThinkingDelta("hm"), ThinkingDelta("so"), TextDelta("tea")]


def test_comments_and_other_fields_say_nothing() -> None:
    assert read([b": ping", b"", b"event: message", b"id: 7", b"retry: 10"]) == []


def test_timings_tell_the_durations() -> None:
    lines = [
        b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"length"}]}',
        b'data: {"usage":{"prompt_tokens":5,"completion_tokens":1},"timings":{"prompt_ms":20,"predicted_ms":1500.5}}',
        b"data: [DONE]",
    ]

    finished = read(lines)[-1]

    assert isinstance(finished, ReplyFinished)
    assert finished.reason is FinishReason.LENGTH
    assert (finished.usage.prompt_tokens, finished.usage.output_tokens) == (5, 1)
    assert finished.usage.reading == timedelta(milliseconds=20)
    assert finished.usage.writing == timedelta(milliseconds=1500.5)


def test_without_usage_the_deltas_and_the_clock_count() -> None:
    delta = b'data: {"choices":[{"delta":{"content":"a"}}]}'

    # The clock is read when asked, at the first delta and at the end: 1, 2 and 3 seconds.
    finished = read([delta, delta, delta, b"data: [DONE]"])[-1]

    assert isinstance(finished, ReplyFinished)
    assert finished.usage.output_tokens == 3
    assert finished.usage.reading == timedelta(seconds=1)
    assert finished.usage.writing == timedelta(seconds=1)


def test_a_finish_reason_will_do_where_done_is_missing() -> None:
    reader = OpenAIAnswer(Ticks())
    read([b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}'], reader)

    assert reader.whole
    assert reader.end().reason is FinishReason.STOP
    with pytest.raises(ReplyTruncated):
        OpenAIAnswer(Ticks()).end()


def test_a_server_that_does_not_stream_is_understood() -> None:
    lines = [b'{"choices":[{"message":{"content":"all at once"},"finish_reason":"stop"}]}']

    assert read(lines) == [TextDelta("all at once")]


@pytest.mark.parametrize(
    "line",
    [
        b'data: {"error":{"message":"CUDA out of memory","type":"server_error"}}',
        b'error: {"message":"CUDA out of memory","type":"server_error"}',
        b'{"error":"CUDA out of memory"}',
    ],
)
def test_an_error_in_the_stream_is_told_by_its_text_until_text_was_shown(line: bytes) -> None:
    with pytest.raises(OutOfMemory):
        read([line])
    with pytest.raises(ReplyInterrupted, match="out of memory"):
        read([b'data: {"choices":[{"delta":{"content":"a"}}]}', line])


def test_context_lengths_of_different_servers() -> None:
    assert read_listed_model({"id": "m", "meta": {"n_ctx": 4096, "n_ctx_train": 8192}}).context_length == 4096
    assert read_listed_model({"id": "m", "meta": {"n_ctx_train": 8192}}).context_length == 8192
    assert read_listed_model({"id": "m", "max_model_len": 32768}).context_length == 32768
    assert read_listed_model({"id": "m"}).context_length is None
    assert read_listed_model({"id": "m", "meta": {"n_params": 8_030_261_312}}).parameters == "8.0B"
    assert read_props_context({"default_generation_settings": {"n_ctx": 2048}}) == 2048


async def test_a_thinking_model_thinks_and_then_answers() -> None:
    async with OpenAIServer() as server:
        events = await ask(server, "thinking-small")

    kinds = [type(event).__name__ for event in events]
    assert kinds[:3] == ["ReplyOpened", "ThinkingDelta", "ThinkingDelta"]
    assert kinds[3:-1] == ["TextDelta"] * 8
    assert kinds[-1] == "ReplyFinished"


async def test_a_server_that_tells_neither_usage_nor_done() -> None:
    async with OpenAIServer(OpenAIScript(tells_usage=False, says_done=False)) as server:
        finished = (await ask(server))[-1]

    assert isinstance(finished, ReplyFinished)
    assert finished.usage.output_tokens == 8


async def test_the_key_is_sent_and_a_wrong_one_is_told() -> None:
    async with OpenAIServer(OpenAIScript(api_key="right")) as server:
        assert await ask(server, api_key="right")
        for wrong in ("wrong", None):
            with pytest.raises(BackendMisconfigured, match="Invalid API Key"):
                await ask(server, api_key=wrong)


async def test_a_server_that_loads_its_model_is_busy() -> None:
    async with OpenAIServer() as server:
        server.loading = True
        with pytest.raises(BackendBusy, match="Loading model"):
            await ask(server)


async def test_answers_share_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "TAIL_LIMIT", timedelta(minutes=1))
    async with OpenAIServer() as server, aclosing(OpenAIBackend("openai", server.url, Deadlines())) as backend:
        for _ in range(3):
            async with aclosing(backend.chat(REQUEST)) as events:
                assert isinstance([event async for event in events][-1], ReplyFinished)
        await backend.check()

        assert server.accepted_connections == 1
