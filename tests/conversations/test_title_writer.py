"""Better titles in the background: after the first answer, when nobody waits, never over a person's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from chatui.conversations.question import Asked
from chatui.conversations.shelf import View
from chatui.domain.people import User
from tests.support.assembly import Assembly, assembled
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

WRITTEN = "the kettle sings while tea grows"


def script(answer_tokens: int = 6) -> OllamaScript:
    """A model that is large enough for titles, and writes one of so many words."""
    return OllamaScript(models=(ScriptedModel("llama3:8b", parameters="8.0B"),), answer_tokens=answer_tokens)


@pytest_asyncio.fixture
async def parts(data: Path) -> AsyncIterator[Assembly]:
    async with OllamaServer(script()) as server, assembled(data, server.url) as assembly:
        yield assembly


async def title(parts: Assembly, by: User) -> str:
    await parts.services.title_writer.settle()
    (row,) = (await parts.services.shelf.contents(by, View.DESK, 5)).recent
    return row.title


async def answered(parts: Assembly, text: str) -> Asked:
    asked = await parts.ask(text)
    await parts.over(asked)
    return asked


async def test_the_model_that_answered_finds_a_title(parts: Assembly) -> None:
    told: list[object] = []
    parts.services.title_writer.changed = told.append
    await answered(parts, "How do I sum by month?")
    assert await title(parts, parts.user) == WRITTEN
    assert told == [parts.user.id]


async def test_a_title_that_its_person_gave_stays(parts: Assembly) -> None:
    asked = await answered(parts, "How do I sum by month?")
    await parts.services.shelf.rename(parts.user, asked.conversation, "Mine")
    assert await title(parts, parts.user) == "Mine"
    await parts.over(await parts.ask("And by year?", conversation=asked.conversation))
    assert await title(parts, parts.user) == "Mine"


async def test_what_is_no_title_changes_nothing(data: Path) -> None:
    async with OllamaServer(script(30)) as server, assembled(data, server.url) as parts:
        await answered(parts, "How do I sum by month?")
        assert await title(parts, parts.user) == "How do I sum by month?"


async def test_people_go_first(data: Path) -> None:
    async with OllamaServer(script()) as server, assembled(data, server.url) as parts:
        server.gate.clear()
        first = await parts.ask("one cup")
        second = await parts.ask("two cups")
        server.gate.set()
        await parts.over(first, second)
        await parts.services.title_writer.settle()
        asked = [body["messages"][-1]["content"] for body in server.bodies("/api/chat") if body["messages"]]
        assert asked[:2] == ["one cup", "two cups"]
        assert all(text.startswith("Give this conversation a title") for text in asked[2:])
        assert len(asked) == 4
