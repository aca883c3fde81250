"""What people do with a question that waits: change it, or let others go before it.

Every method names who acts; what is not theirs is not found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.conversations.composer import Composer
from chatui.conversations.files.beside import contents_beside
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.manners import manner_in
from chatui.conversations.question import check_text
from chatui.conversations.titles import title_of
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound, NotWaiting
from chatui.domain.jobs import JobId, Turn
from chatui.domain.messages import ConversationId, MessageId, ModelName, Role, UserId
from chatui.domain.people import User
from chatui.scheduler.scheduler import Scheduler
from storage import attachments, conversations, jobs, messages
from storage.tables import Message


@dataclass(frozen=True, slots=True)
class _Edit:
    """Everything that one transaction writes: the question's new text, and what follows from it."""

    user: UserId
    job: JobId
    question: Message
    answer: Message
    text: str
    left_out: int


class WaitingQuestions:
    """Questions of everybody whose answers have not begun, over the one scheduler and the one database."""

    def __init__(
        self,
        store: Store,
        scheduler: Scheduler,
        journal: AnswerJournal,
        composer: Composer,
        message_characters: Callable[[], int],
    ) -> None:
        self._store = store
        self._scheduler = scheduler
        self._journal = journal
        self._composer = composer
        self._message_characters = message_characters

    async def edit(self, by: User, answer_id: MessageId, text: str) -> ConversationId:
        """Put another text in the place of the question that waits for that answer, and return once it is durable.

        Its place in line stays. Raises a `Refused`; then the question is as it was.
        """
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))
        answer, job_id = await self._waiting(by.id, answer_id)
        *before, question, _ = await self._store.read(lambda session: messages.path_to(session, answer_id))
        if len(self._journal.live(ConversationId(answer.conversation_id))) > 1:
            raise NotWaiting  # another model answers the same question
        asked = Message(
            id=question.id,
            conversation_id=answer.conversation_id,
            role=Role.USER,
            content=text,
            created_at=question.created_at,
        )
        here = ConversationId(answer.conversation_id)
        manner = await self._store.read(lambda session: manner_in(session, here))
        branch = [*before, asked]
        files = await self._store.read(lambda session: contents_beside(session, branch))
        check_text(text, self._message_characters(), files.get(question.id, ()))
        composed = self._composer.compose(branch, ModelName(answer.model or ""), manner, files)
        edit = _Edit(by.id, job_id, question, answer, text, composed.left_out)

        async def keep() -> None:
            await self._store.write(lambda session: _rewrite(session, edit))

        await self._scheduler.edit(job_id, composed.request, composed.prompt_tokens, keep)
        if (place := self._journal.places().get(job_id)) is not None:
            self._journal.follow(job_id, replace(place, left_out=composed.left_out))
        return here

    async def choose_turn(self, by: User, answer_id: MessageId, turn: Turn) -> None:
        """Let the question run when its person wishes; also after a restart. Raises a `Refused`."""
        require(by, Action.CHOOSE_TURN, Owned(by.id))
        _, job_id = await self._waiting(by.id, answer_id)
        if not await self._store.write(lambda session: jobs.choose_turn(session, job_id, turn)):
            raise NotWaiting
        self._scheduler.choose_turn(job_id, turn)

    async def _waiting(self, user: UserId, answer_id: MessageId) -> tuple[Message, JobId]:
        answer = await self._store.read(lambda session: messages.message_of(session, user, answer_id))
        if answer is None or answer.role != Role.ASSISTANT:
            raise NotFound
        if answer.job_id is None:
            raise NotWaiting
        return answer, JobId(answer.job_id)


def _rewrite(session: Session, edit: _Edit) -> None:
    question, answer = edit.question, edit.answer
    job = jobs.get_job(session, edit.job)
    if job is None or job.state != jobs.QUEUED:
        raise NotWaiting
    messages.rewrite_question(session, question.id, edit.text)
    messages.update_answer(session, answer.id, answer.attempt, left_out=edit.left_out)
    conversation = conversations.conversation_of(session, edit.user, answer.conversation_id)
    files = attachments.texts_of(session, [question.id]).get(question.id, ())
    was = title_of(question.content, files)
    if conversation is not None and question.parent_id is None and conversation.title == was:
        conversations.rename(session, edit.user, conversation.id, title_of(edit.text, files))
