"""Asks that are no chats go through the same queue, and a chat has more than text."""

from __future__ import annotations

from uuid import uuid4

from chatui.domain.asks import Ask, CompletionRequest, EmbedRequest, LoadRequest
from chatui.domain.events import (
    EmbeddingsMade,
    JobEvent,
    JobFinished,
    ScoredToken,
    TextDelta,
    TokenScore,
    TokensScored,
    ToolCallDelta,
)
from chatui.domain.jobs import JobId, JobState
from chatui.domain.messages import ChatMessage, ChatRequest, FinishReason, Role, UserId
from chatui.domain.tools import Tool
from chatui.scheduler.job import Job, Submission
from tests.unit.test_scheduler import MODEL, OTHER, Desk, desk, ended, when

__all__ = ["desk"]


async def submit(desk: Desk, ask: Ask) -> Job:
    async def kept(_job: Job) -> None: ...

    return await desk.scheduler.submit(Submission(JobId(uuid4()), UserId(uuid4()), ask, 3), kept)


async def answered(desk: Desk, ask: Ask) -> list[JobEvent]:
    """Everything that is told of an ask, the timeline left out but for its end."""
    job = await submit(desk, ask)
    return [event async for event in job.watch() if isinstance(event, TextDelta | EmbeddingsMade | JobFinished)]


async def test_a_completion_is_an_answer_like_any_other(desk: Desk) -> None:
    text, end = await answered(desk, CompletionRequest(MODEL, "Once upon a time", 16))

    assert text == TextDelta("Once upon a time, and so on")
    assert isinstance(end, JobFinished)
    assert (end.state, end.reason) == (JobState.DONE, FinishReason.LENGTH)


async def test_embeddings_come_as_a_part_of_the_answer(desk: Desk) -> None:
    made, end = await answered(desk, EmbedRequest(MODEL, ("a", "abc")))

    assert made == EmbeddingsMade(((1.0, 0.5), (3.0, 0.5)))
    assert isinstance(end, JobFinished)
    assert end.usage is not None
    assert end.usage.prompt_tokens == 2


async def test_a_wish_for_a_load_is_met_by_the_queue(desk: Desk) -> None:
    (end,) = await answered(desk, LoadRequest(OTHER))

    assert isinstance(end, JobFinished)
    assert end.state is JobState.DONE
    assert desk.backend.loads == [OTHER]
    assert not desk.backend.asked


async def test_tool_calls_are_output_that_no_retry_replaces(desk: Desk) -> None:
    asked = ChatRequest(MODEL, (ChatMessage(Role.USER, "hello"),), 16, tools=(Tool("a"), Tool("b")))
    job = await submit(desk, asked)
    await when(job, lambda: len(job.parts) == 2)
    desk.backend.finish.set()

    events = [event async for event in job.watch()]

    assert [event for event in events if isinstance(event, ToolCallDelta)] == [
        ToolCallDelta(0, "{}", "a"),
        ToolCallDelta(1, "{}", "b"),
    ]
    assert job.pieces == 4


async def test_scores_are_told_before_their_text(desk: Desk) -> None:
    job = await desk.submit()
    await when(job, lambda: job.has_output)
    scored = TokensScored((ScoredToken(TokenScore("one", -0.5)),))
    job.attach(scored)

    desk.backend.finish.set()
    await ended(job)

    told = [event async for event in job.watch() if isinstance(event, TokensScored | TextDelta)]

    assert told == [scored, TextDelta("one two")]
