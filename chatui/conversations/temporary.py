"""Temporary chats: conversations that are never written, and share the queue with all others.

They live in a database without a file, so that everything that can be done with a conversation is done to them by the
same code. Only the tokens that they took are kept, since they count for the day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, delete, select

from chatui.accounts.allowances import Allowances
from chatui.accounts.events import AccountClosed, AccountEvent
from chatui.conversations.draft import Draft, write_draft
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.saver import Saving, Work
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound
from chatui.domain.messages import ConversationId, MessageId, UserId
from chatui.domain.people import User
from chatui.scheduler.job import Job
from chatui.scheduler.scheduler import Scheduler
from storage import accounts, attachments, conversations, usage
from storage.database import Clocks, now_utc
from storage.memory import MemoryDatabase
from storage.tables import Account, Attachment, Conversation, Failure, Message, TokenUsage
from storage.tables import Job as JobRow

T = TypeVar("T")
LOOK_EVERY = timedelta(seconds=15)


class TemporaryMemory:
    """Where temporary chats are, and who writes their answers there. `saver` keeps what they took of a day's tokens."""

    def __init__(self, clocks: Clocks, saver: Saving) -> None:
        self.database = MemoryDatabase(clocks)
        self.journal = AnswerJournal(clocks, _Inside(self.database, saver))

    def holds(self, conversation: ConversationId) -> bool:
        """Whether that is a temporary chat."""
        return self.database.run(lambda session: session.get(Conversation, conversation)) is not None

    def holds_message(self, message: MessageId) -> bool:
        """Whether that is a message of a temporary chat."""
        return self.database.run(lambda session: session.get(Message, message)) is not None

    def holds_file(self, attachment: UUID) -> bool:
        """Whether that is a file of a temporary chat, or of one that is not begun."""
        return self.database.run(lambda session: session.get(Attachment, attachment)) is not None


class TemporaryKeeping:
    """Keeps conversations in memory."""

    def __init__(self, memory: TemporaryMemory, allowances: Allowances) -> None:
        self._memory = memory
        self._allowances = allowances

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on what there is."""
        return await self._memory.database.read(work)

    async def keep(self, draft: Draft, job: Job) -> None:
        """Keep a draft of whoever may still ask."""
        await self._allowances.still_allowed(draft.user, job.request.model)
        self._memory.database.run(lambda session: _write(session, draft, job))


class TemporaryChats:
    """How temporary chats end: when they are closed, when nobody has shown one for `idle`, and with their account."""

    def __init__(
        self, memory: TemporaryMemory, scheduler: Scheduler, clocks: Clocks, idle: Callable[[], timedelta]
    ) -> None:
        self._memory = memory
        self._scheduler = scheduler
        self._clocks = clocks
        self._idle = idle
        self._shown_at: dict[ConversationId, float] = {}

    async def close(self, by: User, conversation: ConversationId) -> None:
        """Stop what is written in a temporary chat and forget it; raises `NotFound` for any other."""
        require(by, Action.DELETE_CONVERSATION, Owned(by.id))
        if not self._memory.database.run(
            lambda session: conversations.conversation_of(session, by.id, conversation) is not None
        ):
            raise NotFound
        await self._end(conversation)

    def heard(self, event: AccountEvent) -> None:
        """Forget the chats of a closed account; its jobs are stopped with all others."""
        if isinstance(event, AccountClosed):
            self._memory.database.run(lambda session: _forget_person(session, event.user))

    async def run(self, shown: Callable[[ConversationId], bool]) -> None:
        """Forget what nobody has `shown` for long, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            await self.purge(shown)

    async def purge(self, shown: Callable[[ConversationId], bool]) -> None:
        """Forget the chats that nobody has `shown` for long, and in which no answer is under way."""
        now, here = self._clocks.monotonic(), self._memory.database.run(_all)
        self._shown_at = {conversation: self._shown_at.get(conversation, now) for conversation in here}
        for conversation in here:
            if shown(conversation) or self._memory.journal.live(conversation):
                self._shown_at[conversation] = now
            elif now - self._shown_at[conversation] >= self._idle().total_seconds():
                await self._end(conversation)
        loose = self._clocks.now() - self._idle()
        self._memory.database.run(lambda session: attachments.forget_loose(session, loose))

    async def _end(self, conversation: ConversationId) -> None:
        for job in self._memory.journal.live(conversation):
            await self._scheduler.stop(job)
        self._memory.database.run(lambda session: _forget(session, conversation))
        self._shown_at.pop(conversation, None)


class _Inside:
    """Does works in the memory at once, and takes out of it what a person used."""

    def __init__(self, database: MemoryDatabase, saver: Saving) -> None:
        self._database = database
        self._saver = saver

    def save(self, work: Work) -> None:
        self._database.run(work)
        if used := self._database.run(_take_usage):
            self._saver.save(lambda session: _note(session, used))

    async def saved(self, work: Work) -> None:
        self.save(work)

    def try_to_save(self, work: Work) -> None:
        self.save(work)

    async def settle(self) -> None:
        await self._saver.settle()


def welcome(session: Session, user: UserId) -> None:
    """Have rows belong to a person."""
    if session.get(Account, user) is None:
        session.add(Account(id=user, name=str(user), created_at=now_utc()))  # neither is needed here
        session.flush()


def _write(session: Session, draft: Draft, job: Job) -> None:
    welcome(session, draft.user)
    write_draft(session, draft, job)


def _all(session: Session) -> Sequence[ConversationId]:
    return [ConversationId(found) for found in session.exec(select(Conversation.id))]


def _forget(session: Session, conversation: ConversationId) -> None:
    session.exec(delete(JobRow).where(col(JobRow.conversation_id) == conversation))
    session.exec(delete(Failure).where(col(Failure.conversation_id) == conversation))
    session.exec(delete(Conversation).where(col(Conversation.id) == conversation))


def _forget_person(session: Session, user: UserId) -> None:
    session.exec(delete(Failure).where(col(Failure.account_id) == user))
    accounts.delete_account(session, user)


def _take_usage(session: Session) -> list[TokenUsage]:
    used = list(session.exec(select(TokenUsage)))
    for row in used:
        session.delete(row)
    return [TokenUsage(**row.model_dump()) for row in used]


def _note(session: Session, used: Sequence[TokenUsage]) -> None:
    for answer in used:
        if accounts.get_account(session, answer.account_id) is not None:
            usage.add_usage(session, answer)
