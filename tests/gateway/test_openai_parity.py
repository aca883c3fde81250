"""OpenAI's own client, once through the app and once straight to the server: the same results, field by field."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import openai
import pytest
import pytest_asyncio

from tests.gateway.conftest import MODEL, Gate, Place, key_for
from tests.support.house import house
from tests.support.openai_server import OpenAIScript, OpenAIServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIXEL = "data:image/png;base64," + b64encode(b"\x89PNG\r\n\x1a\n" + bytes(59)).decode()
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Tells the weather.", "parameters": SCHEMA},
}
HELLO = [{"role": "user", "content": "Hello there, tokens=5"}]
CALLED = [
    {"role": "user", "content": "How is the weather in Paris?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_7", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}],
    },
    {"role": "tool", "content": "Sunny.", "tool_call_id": "call_7"},
]
MEASURED = {"id", "created", "system_fingerprint"}
# Words of the whole protocol that the scripted server leaves out where they are empty.
EMPTY: tuple[object, ...] = (None, [], "")

Call = Callable[[openai.AsyncOpenAI], Awaitable[Any]]


@dataclass(frozen=True)
class Pair:
    """The app, and the server behind it."""

    through: Place
    direct: Place


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    async with (
        OpenAIServer(OpenAIScript(slots=1)) as server,
        house(tmp_path_factory.mktemp("data"), server.url, workers=1) as home,
    ):
        yield Pair(await key_for(home, await home.guest("Ada")), Place(server.url, None))


def comparable(value: Any) -> Any:
    """What must be equal: everything but what was measured, of which the type must be."""
    if hasattr(value, "model_dump"):
        value = value.model_dump()
    if isinstance(value, dict):
        return {
            name: type(one).__name__ if name in MEASURED else comparable(one)
            for name, one in value.items()
            if one not in EMPTY
        }
    return [comparable(one) for one in value] if isinstance(value, list) else value


def chat(**fields: Any) -> Call:
    return lambda client: client.chat.completions.create(**{"model": "small", "messages": HELLO, **fields})


def complete(**fields: Any) -> Call:
    return lambda client: client.completions.create(**{"model": "small", "prompt": "Hello, tokens=5", **fields})


def embed(**fields: Any) -> Call:
    return lambda client: client.embeddings.create(**{"model": "small", "input": ["tea", "samovar"], **fields})


WHOLE: dict[str, Call] = {
    "chat": chat(),
    "chat with options": chat(temperature=0.5, max_tokens=2, stop=["x"], seed=1, top_p=0.5, presence_penalty=0.1),
    "the newer bound": chat(max_completion_tokens=2),
    "parts": chat(messages=[{"role": "user", "content": [{"type": "text", "text": "Hello, tokens=3"}]}]),
    "tools": chat(tools=[WEATHER]),
    "one tool": chat(tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "get_weather"}}),
    "no tool": chat(tools=[WEATHER], tool_choice="none"),
    "a tool's result": chat(messages=CALLED, tools=[WEATHER]),
    "json": chat(response_format={"type": "json_object"}),
    "schema": chat(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}),
    "images": chat(
        messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PIXEL}}]}],
    ),
    "thinking": chat(model="thinking-small"),
    "probabilities": chat(logprobs=True, top_logprobs=2),
    "completion": complete(),
    "completion, bounded": complete(max_tokens=2),
    "vectors as numbers": embed(encoding_format="float"),
    "one vector": embed(input="tea", encoding_format="float"),
}


async def both(pair: Pair, call: Call) -> list[Any]:
    told = []
    for place in (pair.through, pair.direct):
        async with place.openai() as client:
            told.append(await call(client))
    return told


@pytest.mark.parametrize("name", WHOLE)
async def test_the_same_result_as_from_the_server_itself(pair: Pair, name: str) -> None:
    through, direct = await both(pair, WHOLE[name])
    assert comparable(through) == comparable(direct)


def joined(chunks: list[Any]) -> dict[str, Any]:
    """What a stream tells when its pieces are put together."""
    told: dict[str, Any] = {"text": "", "thinking": "", "arguments": "", "names": [], "reasons": [], "usage": None}
    for chunk in chunks:
        told["usage"] = comparable(chunk.usage) or told["usage"]
        for choice in chunk.choices:
            delta = getattr(choice, "delta", None)
            told["text"] += (delta.content if delta else choice.text) or ""
            told["thinking"] += getattr(delta, "reasoning_content", None) or ""
            told["reasons"] += [choice.finish_reason] if choice.finish_reason else []
            for call in (delta and delta.tool_calls) or ():
                told["names"] += [(call.id, call.function.name)] if call.function.name else []
                told["arguments"] += call.function.arguments
    return told


STREAMS: dict[str, Call] = {
    "chat": chat(stream=True),
    "usage": chat(stream=True, stream_options={"include_usage": True}),
    "tools": chat(stream=True, tools=[WEATHER]),
    "thinking": chat(stream=True, model="thinking-small"),
    "completion": complete(stream=True),
}


@pytest.mark.parametrize("name", STREAMS)
async def test_a_stream_tells_the_same(pair: Pair, name: str) -> None:
    async def read(client: openai.AsyncOpenAI) -> dict[str, Any]:
        return joined([chunk async for chunk in await STREAMS[name](client)])

    through, direct = await both(pair, read)
    if name != "usage":  # which the scripted server tells unasked
        assert through["usage"] is None
        direct["usage"] = None
    assert through == direct


async def test_the_same_api_in_front_of_an_ollama(gate: Gate) -> None:
    """Translated where the server speaks Ollama's words alone, with vectors in the client's own way, base64."""
    async with gate.place.openai() as client:
        answer = await chat(model=MODEL, tools=[WEATHER])(client)
        call = answer.choices[0].message.tool_calls[0]
        assert (call.function.name, answer.choices[0].finish_reason) == ("get_weather", "tool_calls")
        assert json.loads(call.function.arguments)["city"] == "Paris"
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
        packed, plain = [await embed(model=MODEL, **form)(client) for form in ({}, {"encoding_format": "float"})]
        for one, other in zip(packed.data, plain.data, strict=True):
            assert one.embedding == pytest.approx(other.embedding, rel=1e-6)
        listed = await client.models.list()
        assert MODEL in {model.id for model in listed.data}
        assert (await client.models.retrieve(MODEL)).id == MODEL


WRONG: dict[str, tuple[Call, type[openai.APIStatusError]]] = {
    "unknown model": (chat(model="nobody"), openai.NotFoundError),
    "several answers": (chat(n=2), openai.BadRequestError),
    "an image elsewhere": (
        chat(
            messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://127.0.0.1/"}}]}]
        ),
        openai.BadRequestError,
    ),
    "too long": (complete(prompt="long " * 9_000), openai.BadRequestError),
    "no messages": (chat(messages=[]), openai.BadRequestError),
    "tokens for text": (embed(input=[[1, 2]]), openai.BadRequestError),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_told_in_openais_shape(pair: Pair, name: str) -> None:
    call, kind = WRONG[name]
    async with pair.through.openai() as client:
        with pytest.raises(kind) as refused:
            await call(client)
    assert isinstance(refused.value.body, dict)
    assert set(refused.value.body) == {"message", "type", "param", "code"}
    assert refused.value.type == "invalid_request_error"
