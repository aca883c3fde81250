"""An answer under way is brought on when something was written, and not otherwise."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from chatui.conversations.journal import AnswerPlace
from chatui.domain.jobs import JobId, Stage
from chatui.domain.messages import ChatMessage, ChatRequest, ConversationId, MessageId, ModelName, Role, UserId
from chatui.scheduler.job import Job, Submission
from chatui.web.followed import EVERY_S, FollowedAnswer
from chatui.web.markdown import Markdown


class Following:
    """Notes what is told of an answer; it is brought on at once, as the hub does."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        request = ChatRequest(ModelName("model:1b"), (ChatMessage(Role.USER, "hello"),), 16)
        person = UserId(uuid4())
        self.job = Job(Submission(JobId(uuid4()), person, request, 3), 1, self.loop.time)
        place = AnswerPlace(person, ConversationId(uuid4()), MessageId(uuid4()))
        self.stages = 0
        self.brought: list[float] = []
        self.was_brought = asyncio.Event()
        self.followed = FollowedAnswer(place, self.job, Markdown(), self._entered, self._bring)

    def write(self, *pieces: str) -> None:
        for piece in pieces:
            self.job.write(piece)

    async def next(self) -> float:
        async with asyncio.timeout(60):
            await self.was_brought.wait()
        self.was_brought.clear()
        return self.brought[-1]

    def _entered(self) -> None:
        self.stages += 1

    def _bring(self, followed: FollowedAnswer) -> None:
        self.brought.append(self.loop.time())
        followed.advance(self.loop.time(), 1)
        self.was_brought.set()


async def test_what_comes_at_once_is_brought_at_once_and_what_follows_when_it_is_time() -> None:
    seen = Following()
    seen.job.start_attempt("fake")
    seen.job.enter(Stage.WRITING)
    assert (seen.stages, seen.brought) == (2, [])
    seen.write("one ", "two ")
    times = [await seen.next()]
    for number in range(4):
        seen.write(f"{number} ", "and ")
        times.append(await seen.next())
    assert len(seen.brought) == len(times)
    assert times[-1] - times[0] >= (len(times) - 1.5) * EVERY_S * 0.99
    assert seen.stages == 2


async def test_looks_between_do_not_put_off_what_is_written() -> None:
    seen = Following()
    seen.job.start_attempt("fake")
    seen.job.enter(Stage.WRITING)
    for _ in range(10):
        seen.followed.advance(seen.loop.time(), 1)
    seen.write("one ")
    waiting = seen.followed._brought
    assert isinstance(waiting, asyncio.TimerHandle)
    assert waiting.when() <= seen.loop.time() + EVERY_S
    await seen.next()


async def test_nothing_is_brought_of_what_is_followed_no_longer() -> None:
    seen = Following()
    seen.job.start_attempt("fake")
    seen.job.enter(Stage.WRITING)
    seen.write("one ")
    seen.followed.close()
    seen.write("two ")
    for _ in range(5):
        await asyncio.sleep(0)
    assert seen.brought == []
