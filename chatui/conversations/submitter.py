"""Puts answers in line: durable first, one at a time in a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chatui.conversations.draft import Draft
from chatui.conversations.footing import Footing
from chatui.conversations.question import Asked
from chatui.domain.errors import AnswerUnderWay, SamovarError
from chatui.domain.messages import ConversationId


class Submitter:
    """The one way by which an answer gets into the queue, whoever asks for it and for whatever reason."""

    def __init__(self, on: Footing) -> None:
        self._keeping = on.keeping
        self._scheduler = on.scheduler
        self._journal = on.journal
        self._asking: set[ConversationId] = set()

    @contextmanager
    def reserved(self, conversation_id: ConversationId) -> Iterator[None]:
        """Let one question at a time be answered in a conversation; raises `AnswerUnderWay`."""
        if conversation_id in self._asking or self._journal.live(conversation_id):
            raise AnswerUnderWay
        self._asking.add(conversation_id)
        try:
            yield
        finally:
            self._asking.discard(conversation_id)

    async def submit(self, draft: Draft) -> Asked:
        """Put an answer in line; returns once it is durable. Raises a `Refused`: then nothing was kept."""
        self._journal.follow(draft.job_id, draft.place)
        try:
            await self._scheduler.submit(draft.submission, lambda job: self._keeping.keep(draft, job))
        except SamovarError:
            self._journal.forget(draft.job_id)
            raise
        return draft.asked
