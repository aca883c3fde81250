"""Ollama's own client, once through the app and once straight to the server: the same results, field by field."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import ollama
import pytest

from tests.gateway.conftest import MODEL, THINKER, Gate

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(59)
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "n": {"type": "integer"}}, "required": ["city"]}
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Tells the weather.", "parameters": SCHEMA},
}
MEASURED = {"created_at", "total_duration", "load_duration", "prompt_eval_duration", "eval_duration", "expires_at"}
# The app cuts a moment's nanoseconds, hides paths of the server's disk, and loads models with a context of its own.
OURS = {"modified_at", "modelfile", "context_length"}
HELLO = [{"role": "user", "content": "Hello there, tokens=5"}]

Call = Callable[[ollama.AsyncClient], Awaitable[Any]]


def comparable(value: Any) -> Any:
    """What must be equal: everything but what was measured, of which the type must be."""
    if isinstance(value, ollama._types.SubscriptableBaseModel):
        value = value.model_dump(exclude_unset=True)
    if isinstance(value, dict):
        return {
            name: type(one).__name__ if name in MEASURED | OURS and one is not None else comparable(one)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        told = [comparable(one) for one in value]
        # The order of capabilities means nothing.
        return sorted(told) if all(isinstance(one, str) for one in told) else told
    return value


async def both(gate: Gate, call: Call) -> list[Any]:
    """What a call gives through the app, and straight from the server."""
    told = []
    for place in (gate.place, gate.direct):
        async with place.ollama() as client:
            told.append(await call(client))
    return told


async def streamed(answer: Any) -> list[Any]:
    return [chunk async for chunk in await answer]


def chat(**fields: Any) -> Call:
    return lambda client: client.chat(**{"model": MODEL, "messages": HELLO, **fields})


def chat_stream(**fields: Any) -> Call:
    return lambda client: streamed(client.chat(**{"model": MODEL, "messages": HELLO, "stream": True, **fields}))


def generate(**fields: Any) -> Call:
    return lambda client: client.generate(**{"model": MODEL, "prompt": "Hello there, tokens=5", **fields})


SEEN = [{"role": "user", "content": "What is this?", "images": [b64encode(PIXEL).decode()]}]
CALLED = [
    {"role": "user", "content": "How is the weather in Paris?"},
    {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "get_weather", "arguments": {"n": 1}}}]},
    {"role": "tool", "content": "Sunny.", "tool_name": "get_weather"},
]

WHOLE: dict[str, Call] = {
    "chat": chat(),
    "chat with options": chat(options={"temperature": 0.5, "num_predict": 2, "stop": ["x"], "num_ctx": 1024}),
    "tools": chat(tools=[WEATHER]),
    "tools, streamed": chat_stream(tools=[WEATHER]),
    "a tool's result": chat(messages=CALLED, tools=[WEATHER]),
    "json": chat(format="json"),
    "schema": chat(format=SCHEMA),
    "images": chat(messages=SEEN),
    "thinking": chat(model=THINKER, think=True),
    "no thinking": chat(model=THINKER, think=False),
    "probabilities": chat(logprobs=True, top_logprobs=2),
    "keep alive": chat(keep_alive="10m"),
    "load": chat(messages=[]),
    "generate": generate(),
    "generate, system": generate(system="Be brief.", options={"num_predict": 3}),
    "generate, raw": generate(raw=True),
    "generate, suffix": generate(suffix="!"),
    "generate, thinking": generate(model=THINKER, think=True),
    "generate, json": generate(format="json"),
    "generate, images": generate(images=[PIXEL]),
    "generate, load": generate(prompt=""),
    "embed": lambda client: client.embed(model=MODEL, input=["tea", "samovar"]),
    "embed one": lambda client: client.embed(model=MODEL, input="tea", dimensions=4),
    "embed nothing": lambda client: client.embed(model=MODEL, input=[]),
    "embeddings of old": lambda client: client.embeddings(model=MODEL, prompt="tea"),
    "list": lambda client: client.list(),
    "show": lambda client: client.show(MODEL),
}


@pytest.mark.parametrize("name", WHOLE)
async def test_the_same_result_as_from_the_server_itself(gate: Gate, name: str) -> None:
    through, direct = await both(gate, WHOLE[name])
    assert comparable(through) == comparable(direct)


@pytest.mark.parametrize("model", [MODEL, THINKER])
async def test_a_stream_tells_the_same_in_pieces_that_may_be_joined(gate: Gate, model: str) -> None:
    """What piles up while a client does not read comes as one piece."""
    through, direct = await both(gate, chat_stream(model=model))
    for field in ("content", "thinking"):
        texts = ["".join(getattr(chunk.message, field) or "" for chunk in chunks) for chunks in (through, direct)]
        assert texts[0] == texts[1]
    assert comparable(through[-1]) == comparable(direct[-1])
    assert comparable(through[0]).keys() == comparable(direct[0]).keys()


async def test_what_is_in_memory(gate: Gate) -> None:
    await both(gate, chat())
    through, direct = await both(gate, lambda client: client.ps())
    assert comparable(through) == comparable(direct)


WRONG: dict[str, Call] = {
    "unknown model": chat(model="nobody:1b"),
    "unknown model, generate": generate(model="nobody:1b"),
    "unknown model, embed": lambda client: client.embed(model="nobody:1b", input="x"),
    "unknown model, show": lambda client: client.show("nobody:1b"),
    "no thinking model": chat(think=True),
}


@pytest.mark.parametrize("name", WRONG)
async def test_the_same_refusal_as_from_the_server_itself(gate: Gate, name: str) -> None:
    async def refused(client: ollama.AsyncClient) -> tuple[int, str]:
        with pytest.raises(ollama.ResponseError) as refusal:
            await WRONG[name](client)
        return refusal.value.status_code, refusal.value.error

    through, direct = await both(gate, refused)
    assert through == direct
