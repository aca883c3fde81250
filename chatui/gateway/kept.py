"""What a program asks and is answered, kept as a conversation of its person where it wishes that; else nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.conversations.endings import answer_fields
from chatui.conversations.titles import title_from
from chatui.domain.access import Action, require
from chatui.domain.asks import Ask, CompletionRequest
from chatui.domain.errors import InvalidInput, NotFound
from chatui.domain.events import JobFinished
from chatui.domain.messages import ChatRequest, ConversationId, Role, UserId
from chatui.domain.people import User
from chatui.scheduler.job import Job
from storage import conversations, messages
from storage.messages import AnswerFields
from storage.tables import Conversation, Message

NEW: Final = "new"

Said = tuple[Role, str]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where an answer is to be kept; `begins` that conversation, or goes on with it."""

    conversation: ConversationId
    begins: bool


class Kept:
    """Finds out where something is to be kept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def place(self, user: User, wanted: str) -> Keeping:
        """Read a wish: `new`, or one of one's own conversations; raises InvalidInput, Forbidden, or NotFound."""
        require(user, Action.ASK)
        if wanted == NEW:
            return Keeping(ConversationId(uuid4()), begins=True)
        conversation = ConversationId(_id(wanted))
        found = await self._store.read(lambda session: conversations.conversation_of(session, user.id, conversation))
        if found is None:
            raise NotFound("no such conversation")
        return Keeping(conversation, begins=False)


def write_kept(session: Session, keeping: Keeping, job: Job, end: JobFinished, at: datetime) -> None:
    """Write what was said and answered; nothing where no word came, or where the conversation is gone."""
    said = said_in(job.request)
    if not said or not (job.text or job.thinking):
        return
    user, leaf = job.submission.user, None
    if keeping.begins:
        session.add(_conversation(user, keeping.conversation, said, job, at))
        session.flush()
    elif (found := conversations.conversation_of(session, user, keeping.conversation)) is None:
        return
    else:
        # A program sends the whole chat each time: what stands before its last question is there already.
        said, leaf = said[-1:], found.leaf_id
    for number, (role, text) in enumerate(said):
        # Each a little later than the one before, for the order in which they are shown.
        moment = at + timedelta(microseconds=number)
        question = Message(
            conversation_id=keeping.conversation, parent_id=leaf, role=role, content=text, created_at=moment
        )
        leaf = messages.add_message(session, question).id
    moment = at + timedelta(microseconds=len(said))
    answer = messages.add_message(session, _answer(keeping, leaf, job, end, moment))
    conversations.set_leaf(session, user, keeping.conversation, answer.id)
    conversations.touch(session, user, keeping.conversation, at)


def _conversation(
    user: UserId, conversation: ConversationId, said: Sequence[Said], job: Job, at: datetime
) -> Conversation:
    first = next(text for role, text in said if role is Role.USER)
    return Conversation(
        id=conversation,
        account_id=user,
        title=title_from(first),
        model=job.request.model,
        created_at=at,
        updated_at=at,
    )


def _answer(keeping: Keeping, question: UUID | None, job: Job, end: JobFinished, at: datetime) -> Message:
    fields: AnswerFields = {**answer_fields(job, end), "model": job.request.model, "job_id": job.id}
    return Message(
        conversation_id=keeping.conversation,
        parent_id=question,
        role=Role.ASSISTANT,
        attempt=job.attempt,
        created_at=at,
        **fields,
    )


def said_in(ask: Ask) -> Sequence[Said]:
    """Give what people and models said in an ask, the last of it a question; empty where there is none."""
    match ask:
        case ChatRequest():
            spoken = [(one.role, one.content) for one in ask.messages if one.role in {Role.USER, Role.ASSISTANT}]
            said = [(role, text) for role, text in spoken if text]
        case CompletionRequest():
            said = [(Role.USER, ask.prompt)]
        case _:
            said = []
    return said if said and said[-1][0] is Role.USER else []


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("neither `new` nor the id of a conversation") from error
