"""What the Ollama adapter says and understands beyond the contract."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from chatui.backends import answer
from chatui.backends.base import Deadlines, ModelOptions
from chatui.backends.ollama import OllamaBackend
from chatui.domain.asks import CompletionRequest
from chatui.domain.errors import BackendError, ModelLoadFailed, OutOfMemory, ReplyInterrupted
from chatui.domain.events import BackendEvent, ContextMade, ReplyFinished, TextDelta, ThinkingDelta
from chatui.domain.messages import (
    ChatMessage,
    ChatRequest,
    FinishReason,
    ModelName,
    Role,
    Sampling,
)
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

A, B = ModelName("a:1b"), ModelName("b:1b")
TWO = (ScriptedModel("a:1b"), ScriptedModel("b:1b"))


def request(model: ModelName = A, prompt: str = "Hello", max_tokens: int = 64) -> ChatRequest:
    return ChatRequest(model, (ChatMessage(Role.USER, prompt),), max_tokens)


@asynccontextmanager
async def ollama(
    options: ModelOptions | None = None,
    deadlines: Deadlines | None = None,
    **script: Any,
) -> AsyncGenerator[tuple[OllamaServer, OllamaBackend], None]:
    async with OllamaServer(OllamaScript(**{"models": TWO, **script})) as server:
        backend = OllamaBackend("o", server.url, deadlines or Deadlines(), lambda _: options or ModelOptions())
        async with aclosing(backend):
            yield server, backend


async def collect(backend: OllamaBackend, asked: ChatRequest) -> list[BackendEvent]:
    async with aclosing(backend.chat(asked)) as events:
        return [event async for event in events]


async def test_a_completion_gives_its_context_for_the_next() -> None:
    async with ollama() as (server, backend):
        first = [event async for event in backend.complete(CompletionRequest(A, "one two", 3))]
        (made,) = [event for event in first if isinstance(event, ContextMade)]
        [event async for event in backend.complete(CompletionRequest(A, "three", 3, context=made.tokens))]

        assert server.bodies("/api/generate")[1]["context"] == list(made.tokens)


async def test_a_model_that_only_embeds_is_loaded_by_embedding_nothing() -> None:
    models = (ScriptedModel("embed:1b", capabilities=("embedding",)),)
    async with ollama(models=models) as (server, backend):
        await backend.load(ModelName("embed:1b"))

        assert sorted(server.memory.runners) == ["embed:1b"]
        assert server.bodies("/api/embed")[0]["input"] == []


async def test_a_card_tells_no_path_of_the_server() -> None:
    async with ollama() as (_, backend):
        card = await backend.show(A)

    assert "FROM a:1b\n" in card.modelfile
    assert "/root" not in card.modelfile
    assert json.loads(card.metadata)["llama.context_length"] == 8192
    assert (card.system, card.license) == ("You are brief.", "Apache-2.0")


async def test_messages_differ_and_the_runner_stays() -> None:
    options = ModelOptions(num_ctx=2048, num_thread=2)
    async with ollama(options) as (server, backend):
        await backend.load(A)
        for number in range(3):
            sampling = Sampling(temperature=number / 10, seed=number)
            await collect(backend, ChatRequest(A, request().messages, 4 + number, sampling))

        assert server.memory.counters.loads == 1


async def test_the_usage_and_the_durations_are_told() -> None:
    async with ollama(load_seconds=0.05, tokens_per_second=200) as (_, backend):
        finished = (await collect(backend, request(A, "one two three tokens=6")))[-1]

    assert isinstance(finished, ReplyFinished)
    assert finished.reason is FinishReason.STOP
    assert (finished.usage.prompt_tokens, finished.usage.output_tokens) == (8, 6)
    assert finished.usage.load >= timedelta(seconds=0.04)
    assert finished.usage.writing >= timedelta(seconds=0.02)


async def test_thinking_comes_before_the_text() -> None:
    thinker = ScriptedModel("t:1b", capabilities=("completion", "thinking"))
    async with ollama(models=(thinker,)) as (_, backend):
        events = await collect(backend, request(ModelName("t:1b")))

    assert [type(event) for event in events[1:4]] == [ThinkingDelta, ThinkingDelta, TextDelta]


async def test_a_model_is_described() -> None:
    async with ollama() as (_, backend):
        listed = (await backend.models())[0]
        shown = await backend.show(listed.name)

    assert (listed.size_bytes, listed.parameters, listed.quantization) == (1_000_000_000, "1B", "Q4_K_M")
    assert listed.digest
    assert shown.info.context_length == listed.context_length == 8192


async def test_what_is_loaded_tells_its_context_and_when_it_leaves() -> None:
    options = ModelOptions(num_ctx=2048, keep_alive="10m")
    async with ollama(options) as (_, backend):
        await backend.load(A)
        leaving = (await backend.loaded())[0]
    async with ollama(ModelOptions(keep_alive="-1")) as (_, backend):
        await backend.load(A)
        staying = (await backend.loaded())[0]

    assert leaving.context_length == 2048
    assert leaving.expires_at is not None
    assert leaving.expires_at.utcoffset() == timedelta()
    assert staying.expires_at is None


async def test_a_load_that_fails_says_why() -> None:
    async with ollama() as (server, backend):
        server.fail_loads(1)
        server.fail_loads(1, "model requires more system memory (5.5 GiB) than is available (3.1 GiB)")
        with pytest.raises(ModelLoadFailed, match="terminated"):
            await backend.load(A)
        with pytest.raises(OutOfMemory):
            await collect(backend, request())
        await backend.load(A)

        assert server.memory.counters.loads == 1


async def test_an_error_in_mid_answer_interrupts_it() -> None:
    async with ollama() as (server, backend):
        server.broken_answers.append("an error was encountered while running the model: unexpected EOF")
        with pytest.raises(ReplyInterrupted, match="unexpected EOF"):
            await collect(backend, request())


async def test_a_slow_load_outlasts_every_deadline_but_its_own() -> None:
    short = timedelta(milliseconds=200)
    deadlines = Deadlines(first_token=short, progress=short, query=short)
    async with ollama(deadlines=deadlines, load_seconds=0.4) as (server, backend):
        events = await collect(backend, request())

    assert isinstance(events[-1], ReplyFinished)
    assert server.memory.counters.aborted_loads == 0


async def test_answers_and_questions_share_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "TAIL_LIMIT", timedelta(minutes=1))
    async with ollama() as (server, backend):
        for _ in range(3):
            await collect(backend, request())
        await backend.models()

        assert server.stats()["accepted_connections"] == 1


async def test_leaving_frees_the_slot_at_once() -> None:
    async with ollama() as (server, backend):
        server.gate.clear()
        events = backend.chat(request())
        async for event in events:
            if isinstance(event, TextDelta):
                break
        await events.aclose()
        await server.until(lambda: server.generating == 0)

        assert server.aborted == 1


async def test_a_model_in_use_holds_up_the_switch_to_another() -> None:
    async with ollama(max_loaded=1) as (server, backend):
        server.gate.clear()
        first = asyncio.create_task(collect(backend, request(A)))
        await server.until(lambda: server.generating == 1)
        second = asyncio.create_task(collect(backend, request(B)))
        await server.memory.until(lambda: server.memory.pending == 1)
        assert sorted(server.memory.runners) == ["a:1b"]
        server.gate.set()
        answers = await asyncio.gather(first, second)

        assert all(isinstance(answer[-1], ReplyFinished) for answer in answers)
        assert sorted(server.memory.runners) == ["b:1b"]
        assert server.memory.counters.swaps == 1


async def test_a_keep_alive_calls_off_an_eviction_until_an_unload() -> None:
    async with ollama(ModelOptions(keep_alive="-1"), max_loaded=1) as (server, backend):
        server.gate.clear()
        first = asyncio.create_task(collect(backend, request(A)))
        await server.until(lambda: server.generating == 1)
        second = asyncio.create_task(backend.load(B))
        await server.memory.until(lambda: server.memory.pending == 1)
        await backend.load(A)
        server.gate.set()
        await first
        assert sorted(server.memory.runners) == ["a:1b"]
        await backend.unload(A)
        await second

        assert sorted(server.memory.runners) == ["b:1b"]


async def test_the_owner_of_a_load_that_leaves_aborts_it() -> None:
    deadlines = Deadlines(load=timedelta(milliseconds=50))
    async with ollama(deadlines=deadlines, load_seconds=30) as (server, backend):
        with pytest.raises(BackendError, match="load took longer"):
            await backend.load(A)
        await server.memory.until(lambda: server.memory.counters.aborted_loads == 1)


async def test_the_scripted_server_runs_as_a_process() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.ollama_server", "--models", "x:1b", "--fail-loads", "1"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        backend = OllamaBackend("child", url, Deadlines(), lambda _: ModelOptions())
        async with aclosing(backend):
            with pytest.raises(ModelLoadFailed):
                await backend.load(ModelName("x:1b"))
            assert (await collect(backend, request(ModelName("x:1b"))))[-1]
            stats = await backend._http.get("/_stats")
        assert stats["failed_loads"] == 1
    finally:
        process.kill()
        await process.wait()
