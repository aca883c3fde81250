"""A model that does not fit: what is idle makes room first, and what answers is left alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from storage.tables import MessageState
from tests.faults.invariants import check_invariants
from tests.support.assembly import Setup, assembled
from tests.support.fault_server import error_reply
from tests.support.faulty_ollama import faulty_ollama, held

NO_ROOM = error_reply(500, "llama-server process has terminated: insufficient memory")


async def test_a_load_that_does_not_fit_unloads_what_is_idle(data: Path) -> None:
    async with faulty_ollama("a", "b") as server:
        server.memory.add("a")
        server.loads.append(NO_ROOM)
        async with assembled(data, server.url) as assembly:
            (message,) = await assembly.over(await assembly.ask("How many cups?", model="b"))
            (record,) = await assembly.failures()
            await check_invariants(assembly)
    assert message.state is MessageState.COMPLETE
    assert server.calls == [("load", "b"), ("unload", "a"), ("load", "b"), ("chat", "b")]
    assert (record.code, record.stage, record.attempt_number) == ("memory", "loading", 1)
    assert "insufficient memory" in record.detail


async def test_an_answer_that_does_not_fit_unloads_what_is_idle(data: Path) -> None:
    async with faulty_ollama("a", "b") as server:
        server.memory.update({"a", "b"})
        server.chats.append(NO_ROOM)
        async with assembled(data, server.url) as assembly:
            (message,) = await assembly.over(await assembly.ask("How many cups?", model="b"))
            await check_invariants(assembly)
    assert message.state is MessageState.COMPLETE
    assert server.calls == [("chat", "b"), ("unload", "a"), ("load", "b"), ("chat", "b")]


async def test_a_model_that_answers_is_not_unloaded(data: Path) -> None:
    release = asyncio.Event()
    async with faulty_ollama("a", "b") as server:
        server.memory.update({"a", "b"})
        server.chats.extend([held(release), NO_ROOM])
        async with assembled(data, server.url, Setup(workers=2)) as assembly:
            first = await assembly.ask("How many cups?", model="a")
            await assembly.until(lambda: assembly.jobs[first.answer].pieces == 1)
            second = await assembly.ask("And how many spoons?", model="b", user=await assembly.person("bob"))
            await assembly.until(lambda: assembly.jobs[second.answer].failures == 1)
            assert ("unload", "a") not in server.calls
            release.set()
            messages = await assembly.over(first, second)
            await check_invariants(assembly)
    assert [message.state for message in messages] == [MessageState.COMPLETE] * 2
    assert server.calls[2:] == [("unload", "a"), ("load", "b"), ("chat", "b")]
