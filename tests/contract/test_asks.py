"""What the APIs carry beside text, asked of every backend: tools, JSON, pictures, thinking, completions, embeddings."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from chatui.domain.asks import CompletionRequest, EmbedRequest, Framing
from chatui.domain.errors import CapabilityMissing, PromptTooLong
from chatui.domain.events import (
    BackendEvent,
    EmbeddingsMade,
    ReplyFinished,
    ReplyOpened,
    TextDelta,
    ThinkingDelta,
    TokensScored,
    ToolCallDelta,
)
from chatui.domain.messages import (
    ChatMessage,
    ChatRequest,
    FinishReason,
    Image,
    JsonFormat,
    ModelName,
    Overflow,
    Role,
    Sampling,
    Think,
)
from chatui.domain.tools import JsonText, Tool, ToolCall, ToolUse
from tests.contract.conftest import Subject

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEADY = Sampling(temperature=0.0, seed=1)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(59)
SCHEMA = JsonText('{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}')
WEATHER = Tool("get_weather", "Tells the weather in a city.", SCHEMA)


async def collect(answer: AsyncGenerator[BackendEvent, None]) -> list[BackendEvent]:
    async with aclosing(answer) as events:
        return [event async for event in events]


def question(text: str) -> ChatMessage:
    return ChatMessage(Role.USER, text)


def chat(subject: Subject, *messages: ChatMessage, model: ModelName | None = None) -> ChatRequest:
    return ChatRequest(model or subject.model, messages, 64, STEADY)


def text_of(events: list[BackendEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def calls_in(events: list[BackendEvent]) -> list[ToolCall]:
    """Put the pieces of tool calls together."""
    calls: dict[int, ToolCall] = {}
    for event in events:
        if isinstance(event, ToolCallDelta):
            before = calls.get(event.index) or ToolCall(event.name or "", JsonText(""), event.id)
            calls[event.index] = ToolCall(before.name, JsonText(before.arguments + event.arguments), before.id)
    return list(calls.values())


async def test_a_required_tool_is_called_with_arguments_that_fit(subject: Subject) -> None:
    asked = question("What is the weather in Paris?")
    request = ChatRequest(
        subject.model, (asked,), 64, STEADY, tools=(WEATHER,), tool_use=ToolUse.REQUIRED, parallel_tool_calls=False
    )

    events = await collect(subject.backend.chat(request))

    (call,) = calls_in(events)
    assert call.name == WEATHER.name
    assert call.id
    assert isinstance(json.loads(call.arguments)["city"], str)
    assert isinstance(events[-1], ReplyFinished)
    assert events[-1].reason is FinishReason.STOP


async def test_the_result_of_a_tool_is_answered_however_it_names_its_call(subject: Subject) -> None:
    call = ToolCall(WEATHER.name, JsonText('{"city": "Paris"}'), "call_7")
    asked = ChatMessage(Role.ASSISTANT, "", tool_calls=(call,))
    nameless = ChatMessage(Role.ASSISTANT, "", tool_calls=(ToolCall(call.name, call.arguments),))
    by_id = ChatMessage(Role.TOOL, "It is sunny.", tool_call_id="call_7")
    by_name = ChatMessage(Role.TOOL, "It is sunny.", tool_name=WEATHER.name)

    for turns in ((asked, by_id), (asked, by_name), (nameless, by_name)):
        request = ChatRequest(
            subject.model, (question("What is the weather in Paris?"), *turns), 32, STEADY, tools=(WEATHER,)
        )
        events = await collect(subject.backend.chat(request))
        assert text_of(events)
        assert not calls_in(events)


async def test_tools_that_must_not_be_called_are_not(subject: Subject) -> None:
    request = ChatRequest(subject.model, (question("Hello"),), 8, STEADY, tools=(WEATHER,), tool_use=ToolUse.NONE)

    events = await collect(subject.backend.chat(request))

    assert text_of(events)
    assert not calls_in(events)


async def test_an_answer_in_json_fits_its_schema(subject: Subject) -> None:
    asked = chat(subject, question("Name the capital of France, as JSON."))

    free = await collect(subject.backend.chat(_formatted(asked, None, 200)))
    fitting = await collect(subject.backend.chat(_formatted(asked, SCHEMA, 64)))

    assert text_of(free).lstrip().startswith("{")
    assert isinstance(json.loads(text_of(fitting))["city"], str)


def _formatted(request: ChatRequest, schema: JsonText | None, max_tokens: int) -> ChatRequest:
    return ChatRequest(request.model, request.messages, max_tokens, STEADY, format=JsonFormat(schema))


async def test_a_picture_is_seen_or_refused(subject: Subject) -> None:
    request = chat(subject, ChatMessage(Role.USER, "What do you see?", images=(Image(PIXEL), Image(PIXEL))))

    if subject.thinker is None:  # the embedded model has no eyes
        with pytest.raises(CapabilityMissing, match="does not support images"):
            await collect(subject.backend.chat(request))
    else:
        assert text_of(await collect(subject.backend.chat(request))) == "2 images, 134 bytes"


async def test_thinking_is_switched(subject: Subject) -> None:
    for think, expected in ((Think.OFF, False), (None, True), (Think.ON, True), (Think.HIGH, True)):
        model = subject.thinker or subject.model
        request = ChatRequest(model, (question("Hello"),), 8, STEADY, think=think)
        if subject.thinker is None and think not in {None, Think.OFF}:
            with pytest.raises(CapabilityMissing, match="does not support thinking"):
                await collect(subject.backend.chat(request))
            continue
        events = await collect(subject.backend.chat(request))
        thought = any(isinstance(event, ThinkingDelta) for event in events)
        assert thought is (expected and subject.thinker is not None)


async def test_every_token_is_scored_when_that_is_wished(subject: Subject) -> None:
    request = ChatRequest(subject.model, (question("Say hello. tokens=3"),), 3, STEADY, logprobs=2)

    events = await collect(subject.backend.chat(request))

    scored = [token for event in events if isinstance(event, TokensScored) for token in event.tokens]
    assert len(scored) == 3
    assert "".join(token.chosen.token for token in scored) == text_of(events)
    assert all(token.chosen.logprob <= 0 and len(token.alternatives) == 2 for token in scored)


async def test_a_prompt_is_gone_on_with_framed_or_raw(subject: Subject) -> None:
    for framing in Framing:
        request = CompletionRequest(subject.model, "The capital of France is tokens=4", 4, STEADY, framing=framing)
        events = await collect(subject.backend.complete(request))
        assert events[0] == ReplyOpened()
        assert text_of(events)
        assert isinstance(events[-1], ReplyFinished)
        assert 0 < events[-1].usage.output_tokens <= 4


async def test_a_completion_has_a_system_prompt_and_a_form(subject: Subject) -> None:
    request = CompletionRequest(
        subject.model, "Name a city, as JSON.", 64, STEADY, system="You write JSON.", format=JsonFormat(SCHEMA)
    )

    assert "city" in json.loads(text_of(await collect(subject.backend.complete(request))))


async def test_the_text_between_two_is_written_or_refused(subject: Subject) -> None:
    request = CompletionRequest(subject.model, "def add(a, b): tokens=2", 8, STEADY, suffix="# end")

    if subject.thinker is None:
        with pytest.raises(CapabilityMissing, match="does not support insert"):
            await collect(subject.backend.complete(request))
    else:
        assert text_of(await collect(subject.backend.complete(request))).count("# end") == 2


async def test_texts_become_vectors_in_their_order(subject: Subject) -> None:
    texts = ("A cup of tea.", "Interest rates rose.", "A cup of tea.")

    opened, made, finished = await collect(subject.backend.embed(EmbedRequest(subject.model, texts)))

    assert opened == ReplyOpened()
    assert isinstance(made, EmbeddingsMade)
    assert isinstance(finished, ReplyFinished)
    first, second, third = made.vectors
    assert first == pytest.approx(third, abs=1e-3)
    assert first != pytest.approx(second, abs=1e-3)
    assert math.hypot(*first) == pytest.approx(1.0, abs=1e-3)
    assert finished.usage.prompt_tokens >= len(texts)


async def test_vectors_are_cut_to_the_wanted_length(subject: Subject) -> None:
    _, made, _ = await collect(subject.backend.embed(EmbedRequest(subject.model, ("tea",), dimensions=4)))

    assert isinstance(made, EmbeddingsMade)
    assert [len(vector) for vector in made.vectors] == [4]
    assert math.hypot(*made.vectors[0]) == pytest.approx(1.0, abs=1e-3)


async def test_a_prompt_that_does_not_fit_may_lose_its_beginning_where_the_server_can(subject: Subject) -> None:
    request = ChatRequest(
        subject.model, (question("teapot " * 4000), question("tokens=3")), 3, STEADY, overflow=Overflow.TRUNCATE
    )

    if subject.backend.loads_models:
        assert text_of(await collect(subject.backend.chat(request)))
    else:
        with pytest.raises(PromptTooLong):
            await collect(subject.backend.chat(request))
