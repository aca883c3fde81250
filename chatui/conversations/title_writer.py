"""Better titles, found by the model that answered: only when nobody waits, and only by models that can."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import Final
from uuid import uuid4

from sqlmodel import Session

from chatui.backends.base import ModelInfo
from chatui.conversations.context import estimate_tokens
from chatui.conversations.files.prompt import naming_pictures, with_files
from chatui.conversations.footing import Footing
from chatui.conversations.journal import AnswerPlace
from chatui.conversations.titles import ask_for_title, title_in
from chatui.domain.errors import Refused
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, JobState
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role, Sampling, Think, UserId
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.tasks import Tasks
from storage import attachments, conversations, messages, shelf

log = logging.getLogger(__name__)
_FEWEST_PARAMETERS: Final = 1.5e9
"""Smaller models write something else than a title too often."""
_LONGEST_REPLY: Final = 40  # tokens
_FIRST_MESSAGES: Final = 4
_SIZE: Final = re.compile(r"([\d.]+)\s*([KMBT])", re.IGNORECASE)
_UNITS: Final = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


class TitleWriter:
    """Hears of every answer that ends. `changed` is told whose list has a better title."""

    def __init__(self, on: Footing) -> None:
        self._store = on.store
        self._scheduler = on.scheduler
        self._about = on.composer.about
        self._tasks = Tasks()
        self.changed: Callable[[UserId], None] = lambda _: None
        on.journal.subscribe(self._answered)

    async def settle(self) -> None:
        """Return when every title that is looked for is found, or given up."""
        await self._tasks.wait()

    def close(self) -> None:
        """Look for none any more."""
        self._tasks.cancel()

    def _answered(self, place: AnswerPlace, job: Job, end: JobFinished) -> None:
        if end.state is JobState.DONE and job.text and can_write_titles(self._about(job.request.model)):
            self._tasks.spawn(self._improve(place, job.request.model))

    async def _improve(self, place: AnswerPlace, model: ModelName) -> None:
        try:
            asked = await self._store.read(partial(_what_to_ask, place=place))
            if asked is None:
                return
            title = title_in(await self._reply(place.user, self._request(asked, model)))
            if title is not None and await self._keep(place, title):
                self.changed(place.user)
        except Refused as refusal:
            log.info("no title was looked for: %s", refusal)

    async def _keep(self, place: AnswerPlace, title: str) -> bool:
        return await self._store.write(lambda session: _keep(session, place, title))

    def _request(self, asked: str, model: ModelName) -> ChatRequest:
        about = self._about(model)
        thinks = about is not None and "thinking" in about.capabilities
        return ChatRequest(
            model,
            (ChatMessage(Role.USER, asked),),
            _LONGEST_REPLY,
            Sampling(temperature=0.2),
            think=Think.OFF if thinks else None,
        )

    async def _reply(self, user: UserId, request: ChatRequest) -> str:
        """What the model writes, once nobody waits; empty when it did not come to that."""
        submission = Submission(
            JobId(uuid4()), user, request, estimate_tokens(request.messages[0].content), background=True
        )
        job = await self._scheduler.submit(submission, _keep_nothing)
        async with aclosing(job.watch()) as events:
            async for _ in events:
                pass
        return job.text if job.state is JobState.DONE else ""


def can_write_titles(about: ModelInfo | None) -> bool:
    """Tell whether a model is large enough, as far as its size is known."""
    found = _SIZE.match(about.parameters) if about is not None and about.parameters else None
    return found is not None and float(found[1]) * _UNITS[found[2].lower()] >= _FEWEST_PARAMETERS


def _what_to_ask(session: Session, place: AnswerPlace) -> str | None:
    """What to ask for a title; None where there is one that stays, or the conversation is long under its own."""
    conversation = conversations.conversation_of(session, place.user, place.conversation)
    if conversation is None or conversation.titled_by != "question" or conversation.leaf_id is None:
        return None
    branch = messages.path_to(session, conversation.leaf_id, _FIRST_MESSAGES + 1)
    if len(branch) > _FIRST_MESSAGES:
        return None
    question, answer, *_ = branch
    files = attachments.texts_of(session, [question.id]).get(question.id, ())
    return ask_for_title(with_files(naming_pictures(question.content, files), files), answer.content)


def _keep(session: Session, place: AnswerPlace, title: str) -> bool:
    """Keep a title, unless its person has found one meanwhile."""
    conversation = conversations.conversation_of(session, place.user, place.conversation)
    if conversation is None or conversation.titled_by != "question":
        return False
    return shelf.place(session, place.user, place.conversation, title=title, titled_by="model")


async def _keep_nothing(job: Job) -> None:
    """A title that a restart took is looked for after the next answer."""
