"""An answer that is to be asked for, before it is kept: what is new of its conversation, its question and its job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from chatui.conversations.composer import Composed, Spoken
from chatui.conversations.journal import AnswerPlace
from chatui.conversations.manner import PLAIN, Manner, manner_json
from chatui.conversations.question import Asked, Question
from chatui.conversations.written import NOTHING, Written
from chatui.domain.errors import NotFound
from chatui.domain.jobs import JobId, JobState, Priority
from chatui.domain.messages import ConversationId, MessageId, ModelName, Role, UserId
from chatui.scheduler.job import Job, Submission
from storage import attachments, conversations, jobs, manners, messages, unsent
from storage.tables import Conversation, Message, MessageState
from storage.tables import Job as JobRow

ANSWER: Final = "chat"
CONTINUATION: Final = "continue"
"""What a job is for, as its row says it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that one transaction writes. `branch` ends with the question, `answer` is the one to come.

    With something `before`, the answer is there already, and the job goes on behind that. The question was `typed`
    where new ones are: what was kept of it unsent is forgotten. An answer `aside` comes beside one that is shown and
    stays so. `manner` is that of a conversation that begins, `files` are those
    beside the question.
    """

    user: UserId
    branch: Sequence[Spoken]
    composed: Composed
    answer: Message
    job_id: JobId
    priority: Priority
    at: datetime
    conversation: Conversation | None = None
    question: Message | None = None
    before: Written = NOTHING
    typed: bool = False
    aside: bool = False
    manner: Manner = PLAIN
    files: tuple[UUID, ...] = ()

    @property
    def asked(self) -> Asked:
        """What the person is told once it is kept."""
        answer = self.answer
        return Asked(ConversationId(answer.conversation_id), MessageId(self.branch[-1].id), MessageId(answer.id))

    @property
    def place(self) -> AnswerPlace:
        """Where the answer goes."""
        asked = self.asked
        return AnswerPlace(self.user, asked.conversation, asked.answer, self.composed.left_out, self.before)

    @property
    def submission(self) -> Submission:
        """What the scheduler gets."""
        composed = self.composed
        return Submission(self.job_id, self.user, composed.request, composed.prompt_tokens, self.priority)


def draft_conversation(
    user: UserId, conversation_id: ConversationId, title: str, model: ModelName, at: datetime
) -> Conversation:
    """Draft the conversation that a question begins."""
    return Conversation(
        id=conversation_id,
        account_id=user,
        title=title,
        model=model,
        created_at=at,
        updated_at=at,
    )


def draft_question(
    question: Question, conversation_id: ConversationId, before: Sequence[Spoken], at: datetime
) -> Message:
    """Draft the message of a question that follows the branch `before` it."""
    return Message(
        id=question.key,
        conversation_id=conversation_id,
        parent_id=before[-1].id if before else None,
        role=Role.USER,
        content=question.text,
        created_at=at,
    )


def draft_answer(
    conversation_id: ConversationId, question_id: UUID, composed: Composed, job_id: JobId, at: datetime
) -> Message:
    """Draft the answer to a question that waits for its turn."""
    return Message(
        conversation_id=conversation_id,
        parent_id=question_id,
        role=Role.ASSISTANT,
        content="",
        state=MessageState.WAITING,
        model=composed.request.model,
        job_id=job_id,
        left_out=composed.left_out,
        created_at=at,
    )


def write_draft(session: Session, draft: Draft, job: Job) -> None:
    """Write what is new; raises `NotFound` for a file that is gone."""
    answer = draft.answer
    if draft.conversation is not None:
        session.add(draft.conversation)
        session.flush()
        manners.choose_manner(session, draft.conversation.id, manner_json(draft.manner))
    if draft.question is not None:
        messages.add_message(session, draft.question)
        if not attachments.attach(session, draft.question.id, draft.question.conversation_id, draft.files):
            raise NotFound
    if draft.before is NOTHING:
        messages.add_message(session, answer)
    else:
        messages.go_on(session, answer.id, draft.job_id)
    if draft.typed:
        begun = draft.conversation is not None
        unsent.forget_unsent(session, draft.user, None if begun else answer.conversation_id)
    jobs.add_job(session, _job_row(draft, job))
    if not draft.aside:
        conversations.set_leaf(session, draft.user, answer.conversation_id, answer.id)
    conversations.touch(session, draft.user, answer.conversation_id, draft.at)


def _job_row(draft: Draft, job: Job) -> JobRow:
    return JobRow(
        id=job.id,
        account_id=draft.user,
        conversation_id=draft.answer.conversation_id,
        message_id=draft.answer.id,
        purpose=ANSWER if draft.before is NOTHING else CONTINUATION,
        model=job.request.model,
        priority=draft.priority,
        state=JobState.QUEUED,
        arrival=job.arrival,
        created_at=draft.at,
    )
