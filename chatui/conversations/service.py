"""What people do with conversations: ask, stop, ask again, read.

Every method names who acts; what is not theirs is not found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from sqlmodel import Session

from chatui.accounts.limits import Limits
from chatui.accounts.people import user_from
from chatui.conversations.composer import Spoken
from chatui.conversations.context import MOST_MESSAGES
from chatui.conversations.draft import Draft, draft_answer, draft_conversation, draft_question
from chatui.conversations.files.beside import contents_beside, files_for
from chatui.conversations.footing import Footing
from chatui.conversations.journal import AnswerPlace
from chatui.conversations.manner import Manner
from chatui.conversations.manners import manner_in
from chatui.conversations.question import Asked, Question, check_text
from chatui.conversations.submitter import Submitter
from chatui.conversations.titles import title_of
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound, Refused
from chatui.domain.jobs import JobId, JobState
from chatui.domain.messages import ConversationId, MessageId, ModelName, Role, UserId
from chatui.domain.people import AccountState, User
from chatui.scheduler.job import Job
from storage import conversations, jobs, messages
from storage.attachments import Contents
from storage.messages import Said
from storage.tables import Message


@dataclass(frozen=True, slots=True)
class _Led:
    """What leads up to a question: the branch `before` it and its manner; its `files`, and what is in all of them."""

    before: Sequence[Said]
    manner: Manner
    files: tuple[UUID, ...]
    contents: Contents


class ConversationService:
    """Conversations of everybody, over the one scheduler, kept by `keeping`."""

    def __init__(self, on: Footing, submitter: Submitter) -> None:
        self._keeping = on.keeping
        self._clocks = on.clocks
        self._scheduler = on.scheduler
        self._journal = on.journal
        self._composer = on.composer
        self._allowances = on.allowances
        self._message_characters = on.message_characters
        self._submitter = submitter

    async def ask(self, by: User, question: Question) -> Asked:
        """Keep a question, put its answer in line, and return once both are durable.

        Raises a `Refused`; then nothing was kept. Where it is answered by `others`, too, a refusal of theirs is in what
        came of it, since the question is kept by then.
        """
        require(by, Action.ASK)
        check_text(question.text, self._message_characters(), question.leans_on)
        if (known := await self._known(by.id, question.key)) is not None:
            return known
        model = await self._choose(by, question.model)
        limits = await self._allowances.require_allowed(by, model)
        conversation_id = question.conversation or ConversationId(uuid4())
        with self._submitter.reserved(conversation_id):
            led = await self._keeping.read(lambda session: _led(session, by.id, question))
            check_text(question.text, self._message_characters(), led.files)
            now = self._clocks.now()
            message = draft_question(question, conversation_id, led.before, now)
            begins = question.conversation is None
            title = title_of(question.text, led.contents.get(question.key, ()))
            new = draft_conversation(by.id, conversation_id, title, model, now) if begins else None
            branch: list[Spoken] = [*led.before, message]
            draft = self._draft(by.id, conversation_id, branch, model, led.manner, limits, led.contents)
            typed = question.beside is None
            begun = replace(draft, conversation=new, manner=led.manner, question=message, typed=typed, files=led.files)
            asked = await self._submitter.submit(begun)
            if not question.others:
                return asked
            return replace(asked, refusal=await self._side_by_side(by, question.others, begun, led.contents))

    async def _side_by_side(
        self, by: User, others: Sequence[ModelName], first: Draft, files: Contents
    ) -> Refused | None:
        """Have a question that is kept answered by other models, too; tells why not by one of them, if so."""
        for number, wanted in enumerate(others, 1):
            try:
                model = await self._choose(by, wanted)
                if model == first.answer.model:
                    continue
                limits = await self._allowances.require_allowed(by, model)
                here = ConversationId(first.answer.conversation_id)
                draft = self._draft(by.id, here, first.branch, model, first.manner, limits, files)
                # Asked in one moment, and in the order of their models: so they are told to stand side by side.
                draft.answer.created_at = first.answer.created_at
                draft.answer.id = UUID(int=first.answer.id.int + number)
                await self._submitter.submit(replace(draft, aside=True))
            except Refused as refusal:
                return refusal
        return None

    async def again(self, by: User, answer_id: MessageId, model: ModelName | None = None) -> Asked:
        """Answer a question once more, beside the answer that it has; by another `model` where one is named."""
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))
        answer = await self._keeping.read(lambda session: messages.message_of(session, by.id, answer_id))
        if answer is None or answer.role != Role.ASSISTANT:
            raise NotFound
        here = ConversationId(answer.conversation_id)
        with self._submitter.reserved(here):
            question_id = answer.parent_id
            if question_id is None:
                raise NotFound

            def read(session: Session) -> tuple[Sequence[Said], Contents, Manner]:
                branch = messages.said_to(session, question_id, MOST_MESSAGES)
                return branch, contents_beside(session, branch), manner_in(session, here)

            branch, contents, manner = await self._keeping.read(read)
            before = ModelName(answer.model) if answer.model else None
            chosen = await self._choose(by, model or before)
            limits = await self._allowances.require_allowed(by, chosen)
            return await self._submitter.submit(self._draft(by.id, here, branch, chosen, manner, limits, contents))

    async def replay(self, by: User, job_id: JobId, model: ModelName | None = None) -> Asked:
        """Answer once more what a job failed at, for the person who asked and within their limits; admins may, too.

        Nothing of the text is given to who acts. Raises `NotFound` when there is no such job, when it did not fail, or
        when its conversation or the account is gone.
        """
        found = await self._keeping.read(lambda session: jobs.job_with_account(session, job_id))
        if found is None:
            raise NotFound
        job, account = found
        require(by, Action.REPLAY_JOB, Owned(UserId(account.id)))
        if job.state != JobState.FAILED or job.message_id is None or account.state != AccountState.ACTIVE:
            raise NotFound
        return await self.again(user_from(account), MessageId(job.message_id), model)

    async def stop(self, by: User, answer_id: MessageId) -> None:
        """Stop an answer wherever it is; nothing happens when it is over."""
        require(by, Action.STOP_JOB, Owned(by.id))
        answer = await self._keeping.read(lambda session: messages.message_of(session, by.id, answer_id))
        if answer is None:
            raise NotFound
        if answer.job_id is not None:
            await self._scheduler.stop(JobId(answer.job_id))

    def live(self) -> list[tuple[AnswerPlace, Job]]:
        """Every answer that is on its way, and its job."""
        found = [(place, self._scheduler.job(job)) for job, place in self._journal.places().items()]
        return [(place, job) for place, job in found if job is not None]

    def states(self) -> dict[UserId, dict[ConversationId, JobState]]:
        """What happens now in whose conversations."""
        states: defaultdict[UserId, dict[ConversationId, JobState]] = defaultdict(dict)
        for job_id, place in self._journal.places().items():
            if (job := self._scheduler.job(job_id)) is not None:
                states[place.user][place.conversation] = job.state
        return states

    async def _choose(self, by: User, wanted: ModelName | None) -> ModelName:
        """The wanted model, or the default among those that the person may use; raises `NoModel`."""
        if wanted is not None:
            return self._composer.choose(wanted)
        return self._composer.choose(None, (await self._allowances.limits_of(by.id)).models)

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

        return await self._keeping.read(read)

    def _draft(
        self,
        user: UserId,
        conversation: ConversationId,
        branch: Sequence[Spoken],
        model: ModelName,
        manner: Manner,
        limits: Limits,
        files: Contents,
    ) -> Draft:
        composed = self._composer.compose(branch, model, manner, files)
        job_id = JobId(uuid4())
        now = self._clocks.now()
        answer = draft_answer(conversation, branch[-1].id, composed, job_id, now)
        return Draft(user, branch, composed, answer, job_id, limits.priority, now)


def _led(session: Session, user: UserId, question: Question) -> _Led:
    """Read all of it at once, since each read waits for its turn; raises `NotFound` where it is not the person's."""
    here = question.conversation
    leaf = _before(session, user, here, question.beside) if here else None
    before = messages.said_to(session, leaf, MOST_MESSAGES) if leaf else []
    files, contents = files_for(session, user, question, before)
    return _Led(before, manner_in(session, here) if here else question.manner, files, contents)


def _before(session: Session, user: UserId, here: ConversationId, beside: MessageId | None) -> UUID | None:
    """The end of the branch that a question follows, which may stand `beside` another one."""
    if beside is None:
        conversation = conversations.conversation_of(session, user, here)
        if conversation is None:
            raise NotFound
        return conversation.leaf_id
    other = messages.message_of(session, user, beside)
    if other is None or other.role != Role.USER or other.conversation_id != here:
        raise NotFound
    return other.parent_id
