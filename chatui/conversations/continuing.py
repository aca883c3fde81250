"""Going on with an answer that was cut: in its place, behind what is there."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from sqlmodel import Session

from chatui.conversations.draft import Draft
from chatui.conversations.files.beside import contents_beside
from chatui.conversations.footing import Footing
from chatui.conversations.manner import Manner
from chatui.conversations.manners import manner_in
from chatui.conversations.question import Asked
from chatui.conversations.submitter import Submitter
from chatui.conversations.written import written_in
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound, NothingToContinue
from chatui.domain.jobs import JobId
from chatui.domain.messages import ConversationId, MessageId, ModelName, Role
from chatui.domain.people import User
from storage import messages
from storage.attachments import Contents
from storage.tables import Message, MessageState

CUT: Final = frozenset(
    {MessageState.STOPPED, MessageState.INTERRUPTED, MessageState.FAILED, MessageState.LIMITED},
)
"""States of an answer that ended before the model was done."""


class Continuing:
    """Answers of everybody that can be gone on with."""

    def __init__(self, on: Footing, submitter: Submitter) -> None:
        self._store = on.store
        self._clocks = on.clocks
        self._composer = on.composer
        self._allowances = on.allowances
        self._submitter = submitter

    async def go_on(self, by: User, answer_id: MessageId) -> Asked:
        """Have the same model write on where an answer stops, and return once that is durable and in line.

        Raises `NothingToContinue` for one that is whole, empty or followed by another question, or another `Refused`.
        """
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))

        def read(session: Session) -> tuple[list[Message], Manner, Contents]:
            answer = messages.message_of(session, by.id, answer_id)
            if answer is None or answer.role != Role.ASSISTANT:
                raise NotFound
            followed = messages.children_of(session, answer.conversation_id, answer.id)
            if answer.state not in CUT or not answer.content or followed:
                raise NothingToContinue
            manner = manner_in(session, ConversationId(answer.conversation_id))
            branch = list(messages.path_to(session, answer.id))
            return branch, manner, contents_beside(session, branch)

        branch, manner, files = await self._store.read(read)
        answer = branch[-1]
        with self._submitter.reserved(ConversationId(answer.conversation_id)):
            model = self._composer.choose(ModelName(answer.model) if answer.model else None)
            limits = await self._allowances.require_allowed(by, model)
            composed = self._composer.compose(branch, model, manner, files)
            draft = Draft(
                user=by.id,
                branch=branch[:-1],
                composed=composed,
                answer=answer,
                job_id=JobId(uuid4()),
                priority=limits.priority,
                at=self._clocks.now(),
                before=written_in(answer),
            )
            return await self._submitter.submit(draft)
