"""What people do with conversations: ask, stop, ask again, read.

Every method names the person, and what is not theirs is not found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from sqlmodel import Session

from chatui.conversations.composer import Composed, Composer, ModelCatalog
from chatui.conversations.journal import AnswerJournal, AnswerPlace
from chatui.conversations.question import check_text
from chatui.conversations.storage_watch import StorageWatch
from chatui.conversations.titles import title_from
from chatui.domain.errors import (
    AnswerUnderWay,
    NotFound,
    SamovarError,
)
from chatui.domain.jobs import JobId, JobState
from chatui.domain.messages import ConversationId, MessageId, ModelName, Role, UserId
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.scheduler import Scheduler
from storage import conversations, jobs, messages
from storage.database import Clocks
from storage.tables import Conversation, Message, MessageState
from storage.tables import Job as JobRow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What a person sends. `key` becomes the message's id: sent twice, it is asked once."""

    key: MessageId
    text: str
    conversation: ConversationId | None = None
    model: ModelName | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question: it is durable and in line."""

    conversation: ConversationId
    question: MessageId
    answer: MessageId


@dataclass(frozen=True, slots=True)
class _Draft:
    """Everything that one transaction writes: what is new of conversation and question, the answer to come, its job."""

    user: UserId
    branch: Sequence[Message]
    composed: Composed
    answer: Message
    conversation: Conversation | None = None
    question: Message | None = None

    @property
    def asked(self) -> Asked:
        return Asked(
            ConversationId(self.answer.conversation_id), MessageId(self.branch[-1].id), MessageId(self.answer.id)
        )


class ConversationService:
    """Conversations of everybody, over the one scheduler and the one database."""

    def __init__(
        self,
        store: StorageWatch,
        clocks: Clocks,
        scheduler: Scheduler,
        journal: AnswerJournal,
        catalog: ModelCatalog,
        composer: Composer,
        message_characters: int,
    ) -> None:
        self._store = store
        self._clocks = clocks
        self._scheduler = scheduler
        self._journal = journal
        self._catalog = catalog
        self._composer = composer
        self._message_characters = message_characters
        self._asking: set[ConversationId] = set()

    async def ask(self, user: UserId, question: Question) -> Asked:
        """Keep a question, put its answer in line, and return once both are durable.

        Raises a `Refused`; then nothing was kept.
        """
        check_text(question.text, self._message_characters)
        if (known := await self._known(user, question.key)) is not None:
            return known
        model = self._catalog.choose(question.model)
        conversation_id = question.conversation or ConversationId(uuid4())
        with self._reserved(conversation_id):
            before = await self._before(user, question)
            message = self._question(question, conversation_id, before)
            new = None if question.conversation else self._conversation(user, conversation_id, question, model)
            return await self._submit(self._draft(user, [*before, message], model, new, message))

    async def again(self, user: UserId, answer_id: MessageId, model: ModelName | None = None) -> Asked:
        """Answer a question once more, beside the answer that it has; by another `model` where one is named."""
        answer = await self._store.read(lambda session: messages.message_of(session, user, answer_id))
        if answer is None or answer.role != Role.ASSISTANT:
            raise NotFound
        with self._reserved(ConversationId(answer.conversation_id)):
            branch = await self._store.read(lambda session: messages.path_to(session, answer.id))
            before = ModelName(answer.model) if answer.model else None
            return await self._submit(self._draft(user, branch[:-1], self._catalog.choose(model or before)))

    async def replay(self, job_id: JobId, model: ModelName | None = None) -> Asked:
        """Answer once more what a job failed at, for the person who asked; the caller is an admin.

        Raises `NotFound` when there is no such job, when it did not fail, or when its conversation is gone.
        """
        job = await self._store.read(lambda session: jobs.get_job(session, job_id))
        if job is None or job.state != JobState.FAILED or job.message_id is None:
            raise NotFound
        return await self.again(UserId(job.account_id), MessageId(job.message_id), model)

    async def stop(self, user: UserId, answer_id: MessageId) -> None:
        """Stop an answer wherever it is; nothing happens when it is over."""
        answer = await self._store.read(lambda session: messages.message_of(session, user, answer_id))
        if answer is None:
            raise NotFound
        if answer.job_id is not None:
            await self._scheduler.stop(JobId(answer.job_id))

    async def latest(self, user: UserId, limit: int = 200) -> Sequence[Conversation]:
        """The person's conversations, the last used first."""
        return await self._store.read(lambda session: conversations.list_conversations(session, user, limit))

    async def open(
        self, user: UserId, conversation_id: ConversationId, limit: int
    ) -> tuple[Conversation, list[Message]]:
        """A conversation, and the last `limit` messages of the branch that is shown."""

        def read(session: Session) -> tuple[Conversation, list[Message]]:
            conversation = conversations.conversation_of(session, user, conversation_id)
            if conversation is None:
                raise NotFound
            leaf = conversation.leaf_id
            return conversation, list(messages.path_to(session, leaf, limit)) if leaf else []

        return await self._store.read(read)

    def live(self, conversation_id: ConversationId) -> tuple[AnswerPlace, Job] | None:
        """The answer that is on its way in a conversation, and its job."""
        found = self._journal.live(conversation_id)
        job = self._scheduler.job(found[0]) if found else None
        return (found[1], job) if found and job else None

    def states(self) -> dict[UserId, dict[ConversationId, JobState]]:
        """What happens now in whose conversations."""
        states: defaultdict[UserId, dict[ConversationId, JobState]] = defaultdict(dict)
        for job_id, place in self._journal.places().items():
            if (job := self._scheduler.job(job_id)) is not None:
                states[place.user][place.conversation] = job.state
        return states

    async def _known(self, user: UserId, key: MessageId) -> Asked | None:
        """What came of the question when it was sent before; raises `NotFound` when the key is somebody else's."""

        def read(session: Session) -> Asked | None:
            question = session.get(Message, key)
            if question is None:
                return None
            if messages.message_of(session, user, key) is None:
                raise NotFound
            answers = messages.children_of(session, question.conversation_id, key)
            return Asked(ConversationId(question.conversation_id), key, MessageId(answers[0].id)) if answers else None

        return await self._store.read(read)

    async def _before(self, user: UserId, question: Question) -> Sequence[Message]:
        """The branch that the question follows."""
        if question.conversation is None:
            return []
        _, branch = await self.open(user, question.conversation, limit=1000)
        return branch

    @contextmanager
    def _reserved(self, conversation_id: ConversationId) -> Iterator[None]:
        """Let one answer at a time be asked for in a conversation."""
        if conversation_id in self._asking or self._journal.live(conversation_id) is not None:
            raise AnswerUnderWay
        self._asking.add(conversation_id)
        try:
            yield
        finally:
            self._asking.discard(conversation_id)

    def _conversation(
        self, user: UserId, conversation_id: ConversationId, question: Question, model: ModelName
    ) -> Conversation:
        now = self._clocks.now()
        return Conversation(
            id=conversation_id,
            account_id=user,
            title=title_from(question.text),
            model=model,
            created_at=now,
            updated_at=now,
        )

    def _question(self, question: Question, conversation_id: ConversationId, before: Sequence[Message]) -> Message:
        return Message(
            id=question.key,
            conversation_id=conversation_id,
            parent_id=before[-1].id if before else None,
            role=Role.USER,
            content=question.text,
            created_at=self._clocks.now(),
        )

    def _draft(
        self,
        user: UserId,
        branch: Sequence[Message],
        model: ModelName,
        conversation: Conversation | None = None,
        question: Message | None = None,
    ) -> _Draft:
        composed = self._composer.compose(branch, model)
        answer = Message(
            conversation_id=branch[-1].conversation_id,
            parent_id=branch[-1].id,
            role=Role.ASSISTANT,
            content="",
            state=MessageState.WAITING,
            model=model,
            job_id=uuid4(),
            left_out=composed.left_out,
            created_at=self._clocks.now(),
        )
        return _Draft(user, branch, composed, answer, conversation, question)

    async def _submit(self, draft: _Draft) -> Asked:
        assert draft.answer.job_id is not None
        job_id, asked = JobId(draft.answer.job_id), draft.asked
        submission = Submission(job_id, draft.user, draft.composed.request, draft.composed.prompt_tokens)
        place = AnswerPlace(draft.user, asked.conversation, asked.answer, draft.composed.left_out)
        self._journal.follow(job_id, place)
        try:
            await self._scheduler.submit(submission, lambda job: self._keep(job, draft))
        except SamovarError:
            self._journal.forget(job_id)
            raise
        return asked

    async def _keep(self, job: Job, draft: _Draft) -> None:
        row = JobRow(
            id=job.id,
            account_id=draft.user,
            conversation_id=draft.answer.conversation_id,
            message_id=draft.answer.id,
            model=job.request.model,
            priority=job.submission.priority,
            state=JobState.QUEUED,
            arrival=job.arrival,
            created_at=draft.answer.created_at,
        )
        await self._store.write(lambda session: _write_draft(session, draft, row))


def _write_draft(session: Session, draft: _Draft, job: JobRow) -> None:
    answer = draft.answer
    if draft.conversation is not None:
        session.add(draft.conversation)
        session.flush()
    if draft.question is not None:
        messages.add_message(session, draft.question)
    messages.add_message(session, answer)
    jobs.add_job(session, job)
    conversations.set_leaf(session, draft.user, answer.conversation_id, answer.id)
    conversations.touch(session, draft.user, answer.conversation_id, answer.created_at)
