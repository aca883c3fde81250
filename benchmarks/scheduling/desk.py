"""The real scheduler over one real backend, without web and storage: for what only real time can show."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from chatui.backends.base import Backend
from chatui.domain.errors import BackendError
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, Priority, Stage
from chatui.domain.messages import ChatRequest, ModelName, UserId
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.policy import BackendView, Fixed, Policy, PolicyConfig
from chatui.scheduler.retry import RetryPolicy
from chatui.scheduler.scheduler import Scheduler


class NoJournal:
    """Keeps nothing."""

    def dropped(self, job: Job) -> None:
        """Keep nothing."""

    def started(self, job: Job) -> None:
        """Keep nothing."""

    def progressed(self, job: Job) -> None:
        """Keep nothing."""

    def failed(self, job: Job, error: BackendError, stage: Stage | None) -> None:
        """Keep nothing."""

    def requeued(self, job: Job) -> None:
        """Keep nothing."""

    async def finished(self, job: Job, end: JobFinished) -> None:
        """Keep nothing."""


class Desk:
    """A scheduler for one backend, looked at as the app would."""

    def __init__(self, backend: Backend, config: PolicyConfig) -> None:
        self._backend = backend
        self.policy = Policy(config)
        self.scheduler = Scheduler(
            self.policy,
            self,
            NoJournal(),
            RetryPolicy(),
            clock=time.monotonic,
            rng=random.Random(1),
        )

    def backend(self, _name: str) -> Backend:
        """The one backend."""
        return self._backend

    async def look(self, _name: str) -> None:
        """Have the scheduler see what the backend has and holds."""
        asked_at = time.monotonic()
        models, loaded = await self._backend.models(), await self._backend.loaded()
        self.scheduler.see(
            BackendView(
                name=self._backend.name,
                models=frozenset(model.name for model in models),
                resident={model.name: model.size_bytes for model in loaded},
                owns_swaps=self._backend.loads_models,
                asked_at=asked_at,
            ),
        )

    async def submit(self, user: UserId, request: ChatRequest, priority: Priority = Priority.NORMAL) -> Job:
        """Put a request in line."""

        async def keep(_job: Job) -> None:
            return

        return await self.scheduler.submit(Submission(JobId(uuid4()), user, request, 32, priority), keep)


@asynccontextmanager
async def desk_for(backend: Backend, config: PolicyConfig) -> AsyncIterator[Desk]:
    """A desk that runs, with its backend looked at once."""
    desk = Desk(backend, config)
    running = asyncio.create_task(desk.scheduler.run())
    try:
        await desk.look(backend.name)
        yield desk
    finally:
        running.cancel()


def unbounded(workers: int) -> PolicyConfig:
    """A policy with that many workers that refuses nobody."""
    return PolicyConfig(limit=Fixed(workers), queued_per_user=None, queued_in_all=None, max_wait={})


async def only_model(backend: Backend) -> ModelName:
    """The name of the backend's first model."""
    return (await backend.models())[0].name
