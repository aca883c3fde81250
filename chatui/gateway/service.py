"""What a program does with a key: ask a model in the fair queue, see and stop what it asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import assert_never
from uuid import uuid4

from chatui.accounts.events import AccountEvent, KeysRevoked
from chatui.accounts.keys import KeyHolder
from chatui.backends.base import ModelInfo
from chatui.conversations.context import TOKENS_PER_IMAGE, answer_room, estimate_tokens
from chatui.domain.access import Action, Owned, require
from chatui.domain.asks import Ask, CompletionRequest, EmbedRequest, LoadRequest
from chatui.domain.errors import Forbidden, ModelNotFound, NotFound, QueueFull, SamovarError
from chatui.domain.jobs import JobId
from chatui.domain.messages import ChatMessage, ChatRequest, ConversationId, ModelName
from chatui.domain.people import KeyScope, User
from chatui.gateway.allowed import Allowed
from chatui.gateway.journal import RequestJournal
from chatui.gateway.kept import Kept, said_in
from chatui.operations.fleet import Fleet
from chatui.scheduler.decision import Place
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.scheduler import Scheduler
from chatui.scheduler.tasks import Tasks

AGAIN_AFTER = timedelta(seconds=1)


class Gateway:
    """Programs' jobs, over the one scheduler. `answer_tokens` tells the bound of answers for which none is set."""

    def __init__(
        self,
        scheduler: Scheduler,
        fleet: Fleet,
        allowed: Allowed,
        kept: Kept,
        journal: RequestJournal,
        answer_tokens: Callable[[], int],
    ) -> None:
        self._scheduler = scheduler
        self._fleet = fleet
        self._allowed = allowed
        self._kept = kept
        self._journal = journal
        self._answer_tokens = answer_tokens
        self._stops = Tasks()

    def model(self, name: str) -> ModelInfo:
        """Find a model by a name as people write it; raises ModelNotFound in Ollama's words."""
        found = self._fleet.find(ModelName(name))
        if found is None:
            raise ModelNotFound(f"model '{name}' not found")
        return found

    def room(self, model: ModelName, wanted: int | None) -> int:
        """Tell how many tokens an answer may have: as many as `wanted`, at most the context of the model."""
        context = self._fleet.context_tokens(model)
        if wanted is None or wanted <= 0:
            return answer_room(context, self._answer_tokens())
        return min(wanted, context)

    @asynccontextmanager
    async def asked(self, by: KeyHolder, ask: Ask, keep_in: str | None = None) -> AsyncIterator[Job]:
        """Put an ask in line for the length of a block; whatever of it is not over at the end is stopped.

        It is kept in a conversation only where `keep_in` says `new`, or which; raises NotFound for none of theirs.
        Raises Forbidden for a key without the scope, ModelNotFound, ModelForbidden, QuotaSpent, QueueFull or Draining.
        """
        job = await self._submit(by, replace(ask, model=self.model(ask.model).name), keep_in)
        try:
            yield job
        finally:
            if job.outcome is None:
                await self._scheduler.stop(job.id)

    def jobs(self, user: User) -> Sequence[Job]:
        """List a person's jobs that wait or run, the oldest first: their programs' and their questions."""
        own = (job for job in self._scheduler.jobs if job.submission.user == user.id)
        return sorted(own, key=lambda job: job.arrival)

    def place(self, job: Job) -> Place | None:
        """Tell where a job stands that waits; None for one whose turn has come."""
        return self._scheduler.places().get(job.id)

    def conversation(self, job: Job) -> ConversationId | None:
        """Tell in which conversation a job will be kept; None for none."""
        keeping = self._journal.keeping_of(job.id)
        return keeping.conversation if keeping else None

    async def stop(self, user: User, job_id: JobId) -> None:
        """Stop a job; raises NotFound for one that is over, or that is not theirs."""
        job = self._scheduler.job(job_id)
        if job is None:
            raise NotFound("no such job")
        require(user, Action.STOP_JOB, Owned(job.submission.user))
        await self._scheduler.stop(job_id)

    def heard(self, event: AccountEvent) -> None:
        """Stop what was asked with keys that were revoked, and look anew at what people may."""
        self._allowed.forget()
        if isinstance(event, KeysRevoked):
            for key in event.keys:
                for job_id in self._journal.jobs_of(key):
                    self._stops.spawn(self._scheduler.stop(job_id))

    async def _submit(self, by: KeyHolder, ask: Ask, keep_in: str | None) -> Job:
        if KeyScope.ASK not in by.card.scopes:
            raise Forbidden("the key is not for asking")
        limits = await self._allowed.require(by.user, ask.model)
        keeping = await self._kept.place(by.user, keep_in) if keep_in and said_in(ask) else None
        if by.card.most is not None and len(self._journal.jobs_of(by.card.id)) >= by.card.most:
            raise QueueFull("key", by.card.most, AGAIN_AFTER)
        priority = max(limits.priority, by.card.priority or limits.priority)
        submission = Submission(JobId(uuid4()), by.user.id, ask, prompt_tokens_of(ask), priority)
        self._journal.follow(submission.job_id, by.card.id, keeping)
        try:
            return await self._scheduler.submit(submission, self._keep)
        except asyncio.CancelledError:  # the program went away while the job was put in line
            self._stops.spawn(self._scheduler.stop(submission.job_id))
            raise
        except SamovarError:
            self._journal.forget(submission.job_id)
            raise

    async def _keep(self, job: Job) -> None:
        """Look again at what may have changed since; nothing is kept before the end."""
        await self._allowed.require_still(job.submission.user, job.request.model)


def prompt_tokens_of(ask: Ask) -> int:
    """Estimate what the reading of an ask costs."""
    match ask:
        case ChatRequest():
            tools = sum(estimate_tokens(tool.description + tool.parameters) for tool in ask.tools)
            return tools + sum(map(_message_tokens, ask.messages))
        case CompletionRequest():
            text = estimate_tokens(ask.system + ask.prompt + ask.suffix)
            return text + len(ask.context) + TOKENS_PER_IMAGE * len(ask.images)
        case EmbedRequest():
            return sum(map(estimate_tokens, ask.inputs))
        case LoadRequest():
            return 0
        case _:
            assert_never(ask)


def _message_tokens(message: ChatMessage) -> int:
    calls = "".join(call.name + call.arguments for call in message.tool_calls)
    return estimate_tokens(message.content + message.thinking + calls) + TOKENS_PER_IMAGE * len(message.images)
