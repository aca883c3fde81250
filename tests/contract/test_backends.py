"""What every backend promises, tried on each of them; the embedded one runs its real model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

import pytest

from chatui.backends.base import Backend, ModelRecipe
from chatui.domain.errors import (
    BackendUnreachable,
    CapabilityMissing,
    ModelNotFound,
    PromptTooLong,
    ReplyInterrupted,
)
from chatui.domain.events import BackendEvent, ReplyFinished, ReplyOpened, TextDelta
from chatui.domain.messages import ChatMessage, ChatRequest, FinishReason, ModelName, Role, Sampling
from tests.contract.conftest import Subject

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "Write a very long story about a teapot. tokens=1500"


def ask(subject: Subject, prompt: str, max_tokens: int = 64) -> ChatRequest:
    messages = (ChatMessage(Role.SYSTEM, "You answer shortly."), ChatMessage(Role.USER, prompt))
    return ChatRequest(subject.model, messages, max_tokens, Sampling(temperature=0.0, seed=1))


async def collect(backend: Backend, request: ChatRequest) -> list[BackendEvent]:
    async with aclosing(backend.chat(request)) as events:
        return [event async for event in events]


async def first_delta(backend: Backend, request: ChatRequest) -> TextDelta:
    """Read up to the first delta and leave: the rest of the answer is given up."""
    async with aclosing(backend.chat(request)) as events, asyncio.timeout(20):
        async for event in events:
            if isinstance(event, TextDelta):
                return event
    raise AssertionError("no text came")


async def test_an_answer_opens_streams_and_finishes_with_its_usage(subject: Subject) -> None:
    opened, *deltas, finished = await collect(subject.backend, ask(subject, "Say hello. tokens=6", max_tokens=20))

    assert opened == ReplyOpened()
    assert len(deltas) > 1
    assert all(isinstance(delta, TextDelta) and delta.text for delta in deltas)
    assert isinstance(finished, ReplyFinished)
    assert finished.usage.prompt_tokens > 4
    assert len(deltas) <= finished.usage.output_tokens <= 20
    assert finished.usage.writing > timedelta()


async def test_an_answer_that_ends_by_itself_says_so(subject: Subject) -> None:
    finished = (await collect(subject.backend, ask(subject, "Say only: yes", max_tokens=200)))[-1]

    assert isinstance(finished, ReplyFinished)
    assert finished.reason is FinishReason.STOP


async def test_the_cap_on_tokens_ends_an_answer(subject: Subject) -> None:
    *deltas, finished = await collect(subject.backend, ask(subject, LONG, max_tokens=5))

    assert isinstance(finished, ReplyFinished)
    assert finished.reason is FinishReason.LENGTH
    assert finished.usage.output_tokens == 5
    assert sum(isinstance(delta, TextDelta) for delta in deltas) <= 5


async def test_closing_an_answer_frees_its_slot(subject: Subject) -> None:
    subject.hold()
    try:
        for _ in range(3):
            assert (await first_delta(subject.backend, ask(subject, LONG, max_tokens=1500))).text
    finally:
        subject.release()


async def test_cancelling_the_reader_frees_its_slot(subject: Subject) -> None:
    subject.hold()
    try:
        began = asyncio.Event()

        async def read() -> None:
            async with aclosing(subject.backend.chat(ask(subject, LONG, max_tokens=1500))) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        began.set()

        reading = asyncio.create_task(read())
        await asyncio.wait_for(began.wait(), 60)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert (await first_delta(subject.backend, ask(subject, LONG, max_tokens=1500))).text
    finally:
        subject.release()


async def test_chats_at_once_all_finish(subject: Subject) -> None:
    requests = [ask(subject, f"Count to {n}. tokens=4", max_tokens=8) for n in range(4)]

    answers = await asyncio.gather(*(collect(subject.backend, request) for request in requests))

    assert all(isinstance(answer[-1], ReplyFinished) for answer in answers)


async def test_an_unknown_model_is_not_found(subject: Subject) -> None:
    request = ChatRequest(ModelName("no-such-model"), (ChatMessage(Role.USER, "Hello"),), 8)

    with pytest.raises(ModelNotFound):
        await collect(subject.backend, request)
    with pytest.raises(ModelNotFound):
        await subject.backend.show(request.model)


async def test_a_prompt_that_does_not_fit_is_refused(subject: Subject) -> None:
    with pytest.raises(PromptTooLong, match="context size"):
        await collect(subject.backend, ask(subject, "teapot " * 4000))


async def test_its_models_are_listed_and_shown(subject: Subject) -> None:
    listed = {model.name: model for model in await subject.backend.models()}
    shown = (await subject.backend.show(subject.model)).info

    assert listed[subject.model].parameters
    assert shown.name == subject.model
    assert shown.context_length is not None
    assert shown.context_length >= 2048
    assert "completion" in shown.capabilities


async def test_a_loaded_model_is_in_memory(subject: Subject) -> None:
    await subject.backend.load(subject.model)

    loaded = {model.name: model for model in await subject.backend.loaded()}
    assert loaded[subject.model].context_length == 2048


async def test_unloading_takes_a_model_out_where_that_is_ours(subject: Subject) -> None:
    await subject.backend.load(subject.model)
    await subject.backend.unload(subject.model)
    await subject.backend.unload(ModelName("no-such-model"))

    names = {model.name for model in await subject.backend.loaded()}
    assert (subject.model in names) is not subject.backend.loads_models


async def test_a_pull_tells_its_progress_or_that_there_is_none(subject: Subject) -> None:
    async with aclosing(subject.backend.pull(ModelName("new:1b"))) as progress:
        if subject.backend.loads_models:
            steps = [step async for step in progress]
            assert steps[-1].status == "success"
            assert (50, 100) in {(step.completed_bytes, step.total_bytes) for step in steps}
        else:
            with pytest.raises(CapabilityMissing):
                await anext(progress)


async def test_a_model_is_copied_pushed_made_anew_and_deleted_where_that_is_ours(expendable: Subject) -> None:
    backend, copied, made = expendable.backend, ModelName("copied:1b"), ModelName("made:1b")
    if not backend.loads_models:
        with pytest.raises(CapabilityMissing):
            await backend.copy(expendable.model, copied)
        with pytest.raises(CapabilityMissing):
            await backend.delete(expendable.model)
        return
    await backend.copy(expendable.model, copied)
    for steps in (backend.push(copied), backend.create(ModelRecipe(made, copied, system="You are brief."))):
        async with aclosing(steps) as progress:
            assert [step.status async for step in progress][-1] == "success"
    await backend.delete(copied)

    assert {model.name for model in await backend.models()} >= {expendable.model, made}
    for gone in (backend.delete(copied), backend.copy(copied, made)):
        with pytest.raises(ModelNotFound):
            await gone


async def test_its_health_is_told(subject: Subject) -> None:
    health = await subject.backend.check()

    assert health.ok
    assert health.error is None


async def test_a_closed_backend_is_unreachable(expendable: Subject) -> None:
    await expendable.backend.aclose()

    with pytest.raises(BackendUnreachable):
        await collect(expendable.backend, ask(expendable, "Hello"))
    assert not (await expendable.backend.check()).ok


async def test_a_server_that_dies_interrupts_its_answer(expendable: Subject) -> None:
    expendable.hold()
    async with aclosing(expendable.backend.chat(ask(expendable, LONG, max_tokens=1500))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
        await expendable.kill()
        with pytest.raises(ReplyInterrupted):
            await read_to_the_end(events)


async def read_to_the_end(events: AsyncGenerator[BackendEvent, None]) -> None:
    async for _ in events:
        pass
