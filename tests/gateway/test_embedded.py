"""Both clients against the built-in model, which speaks neither protocol's last word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from chatui.domain.people import AccountRole
from tests.gateway.conftest import Place, key_for
from tests.support.house import House, house

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEMA = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}}, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "weather", "description": "Tells it.", "parameters": SCHEMA}}
HELLO = [{"role": "user", "content": "Say hello."}]
ENDLESS = [{"role": "user", "content": "Count from one to a thousand in words, and explain each of the numbers."}]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[House, Place]]:
    async with house(tmp_path_factory.mktemp("data"), ollama_host=None, workers=1) as home:
        yield home, await key_for(home, await home.guest("Ada", AccountRole.ADMIN))


async def test_ollamas_client(served: tuple[House, Place]) -> None:
    home, place = served
    async with place.ollama() as client:
        (listed,) = (await client.list()).models
        model = listed.model or ""
        short = {"num_predict": 8, "temperature": 0, "seed": 1}
        whole = await client.chat(model=model, messages=HELLO, options=short)
        assert whole.message.content
        assert whole.eval_count == 8 or whole.done_reason == "stop"
        pieces = [piece async for piece in await client.chat(model=model, messages=HELLO, options=short, stream=True)]
        assert "".join(piece.message.content or "" for piece in pieces) == whole.message.content
        assert pieces[-1].done
        asked = [{"role": "user", "content": "Name the capital of France, as JSON."}]
        fitting = await client.chat(model=model, messages=asked, format=SCHEMA, options={"num_predict": 64})
        assert set(json.loads(fitting.message.content or "")) == {"city"}
        assert (await client.generate(model=model, prompt="Say hello.", options=short)).response
        assert (await client.show(model)).modelinfo
        assert [loaded.model for loaded in (await client.ps()).models] == [model]
        async for piece in await client.chat(model=model, messages=ENDLESS, stream=True):
            assert not piece.done
            break
    await idle(home)


async def test_openais_client(served: tuple[House, Place]) -> None:
    home, place = served
    async with place.openai() as client:
        (listed,) = (await client.models.list()).data
        chats: Any = client.chat.completions  # its overloads want TypedDicts of its own
        answer = await chats.create(
            model=listed.id,
            messages=[{"role": "user", "content": "What is the weather in Paris?"}],
            tools=[TOOL],
            tool_choice="required",
            parallel_tool_calls=False,
            max_tokens=64,
        )
        (call,) = answer.choices[0].message.tool_calls
        assert isinstance(json.loads(call.function.arguments)["city"], str)
        assert (await client.completions.create(model=listed.id, prompt="One, two,", max_tokens=4)).choices[0].text
        endless = await chats.create(
            model=listed.id,
            messages=ENDLESS,
            stream=True,
        )
        async for _ in endless:
            break
        await endless.close()
    await idle(home)


async def idle(home: House) -> None:
    """Return once nothing runs: a client that went away leaves nothing behind."""
    async with asyncio.timeout(60):
        while home.core.scheduler.jobs:  # noqa: ASYNC110 - nobody tells when there is nothing left to do
            await asyncio.sleep(0.01)
