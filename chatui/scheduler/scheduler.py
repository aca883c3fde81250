"""The thin asynchronous half of the scheduler: it acts on what the policy decides.

submit -> Policy.submit -> keep (durable) -> Policy.decide -> Start -> Attempts -> Worker -> done | retry | failed
-> Swap  -> Loader
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import assert_never

from chatui.domain.errors import Draining, NotFound, NotWaiting
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, JobState, Priority, StopReason, Turn
from chatui.domain.messages import ChatRequest, ModelName, UserId
from chatui.scheduler.attempts import Attempts
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.board import Board
from chatui.scheduler.decision import BackendView, Caps, Decision, Limit, PersonLimits, Place, Start, Swap
from chatui.scheduler.entry import Entry
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.journal import Journal
from chatui.scheduler.loader import Loader, Loading
from chatui.scheduler.policy import Policy
from chatui.scheduler.pool import BackendPool
from chatui.scheduler.retrier import Retrier
from chatui.scheduler.retry import RetryPolicy

Keep = Callable[[Job], Awaitable[None]]


class Scheduler:
    """One queue for everybody. All methods are called from the event loop."""

    def __init__(
        self,
        policy: Policy,
        pool: BackendPool,
        journal: Journal,
        retry: RetryPolicy,
        *,
        clock: Callable[[], float],
        rng: random.Random,
        first_arrival: int = 1,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._next_arrival = first_arrival
        self._board = Board(journal)
        self._retrier = retrier = Retrier(retry, journal, rng)
        self._attempts = Attempts(policy, self._board, pool, retrier, clock, self._kick)
        self._loader = Loader(policy, self._board, pool, retrier, clock, self._kick)
        self._keeping: dict[JobId, asyncio.Future[None]] = {}
        self._wake = asyncio.Event()
        self._ending = False
        self.draining = False
        self.paused = False

    async def submit(self, submission: Submission, keep: Keep) -> Job:
        """Put a job in line and return once `keep` has made it durable.

        The place is taken first, so that a burst cannot pass the limits while it is written; no backend hears of the
        job before it is durable. Raises `QueueFull`, `Draining`, or what `keep` raises: then nothing waits.
        """
        if self.draining:
            raise Draining
        job = Job(submission, self._next_arrival, self._clock)
        self._policy.submit(_entry(job, self._clock()), self._clock())
        self._next_arrival += 1
        self._board.jobs[job.id] = job
        self._keeping[job.id] = kept = asyncio.ensure_future(keep(job))
        kept.add_done_callback(lambda _: self._kept(job))
        self._kick()
        await asyncio.shield(kept)
        return job

    def restore(self, submission: Submission, arrival: int, attempt: int) -> Job:
        """Put a job back in line after a restart, where it was; it is never refused."""
        job = Job(submission, arrival, self._clock, attempt=attempt, restored=True)
        self._board.jobs[job.id] = job
        self._policy.restore(_entry(job, self._clock()), self._clock())
        self._kick()
        return job

    def job(self, job_id: JobId) -> Job | None:
        """The live job of that id; None once it is over and saved."""
        return self._board.jobs.get(job_id)

    @property
    def jobs(self) -> Collection[Job]:
        """Every job that waits or runs."""
        return self._board.jobs.values()

    def places(self) -> dict[JobId, Place]:
        """Where each waiting job stands now."""
        return {place.job_id: place for place in self._policy.places(self._clock())}

    def loading(self, model: ModelName) -> Loading | None:
        """How the model's load goes; None when it is not being loaded."""
        return self._loader.loading(model)

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Have `changed` called when the queue changes; returns what ends the subscription."""
        return self._board.subscribe(changed)

    async def stop(self, job_id: JobId, why: StopReason | None = None) -> None:
        """Stop a job wherever it is; when this returns its slot is free and the upstream connection closed."""
        job = self._board.jobs.get(job_id)
        if job_id in self._attempts:
            await self._attempts.stop(job_id, why)
        elif job is not None and self._policy.withdraw(job_id, self._clock()) is not None:
            self._kick()
            await self._board.finish(job, JobFinished(self._clock(), JobState.STOPPED, why=why))

    async def stop_all_of(self, user: UserId) -> None:
        """Stop every job of a person, also those that are about to become durable."""
        theirs = [job.id for job in self._board.jobs.values() if job.submission.user == user]
        await asyncio.gather(*(self._stop_kept(job_id) for job_id in theirs))

    async def edit(
        self, job_id: JobId, request: ChatRequest, prompt_tokens: int, keep: Callable[[], Awaitable[None]]
    ) -> None:
        """Ask something else of the same model in a waiting job, at its place, once `keep` has made it durable.

        Should its turn come meanwhile, it begins when that is done. Raises `NotWaiting`, or what `keep` raises: then it
        goes on as it was.
        """
        while (kept := self._keeping.get(job_id)) is not None:
            await asyncio.wait({kept})
        job = self._waiting(job_id)
        self._keeping[job_id] = written = asyncio.get_running_loop().create_future()
        try:
            await keep()
            job.ask_instead(request, prompt_tokens)
            self._policy.control.choose_model(job_id, request.model, prompt_tokens, self._clock())
        finally:
            del self._keeping[job_id]
            written.set_result(None)
        self._kick()

    def choose_turn(self, job_id: JobId, turn: Turn) -> None:
        """Let a waiting job run when its person wishes; raises `NotWaiting`."""
        job = self._waiting(job_id)
        priority = Priority.LOW if turn is Turn.GIVING_WAY else job.submission.priority
        if not self._policy.control.reprioritize(job_id, priority, self._clock()):
            raise NotWaiting
        match turn:
            case Turn.GIVING_WAY:
                self._policy.control.let_pass(job_id, self._clock())
            case Turn.IDLE:
                self._policy.control.run_when_idle(job_id, self._clock())
            case Turn.IN_TURN:
                pass
            case _:
                assert_never(turn)
        job.choose_turn(turn)
        self._kick()

    def set_class(self, job_id: JobId, priority: Priority) -> None:
        """Give a waiting job another class, from which it rises as if it had waited there; raises `NotWaiting`.

        One that lets others pass goes on doing so.
        """
        job = self._waiting(job_id)
        job.set_class(priority)
        if job.submission.turn is not Turn.GIVING_WAY:
            self._policy.control.set_class(job_id, priority, self._clock())
        self._kick()

    def put_first(self, job_id: JobId) -> None:
        """Put a waiting job before everybody's; raises `NotWaiting`, and `NotFound` for one that is not there."""
        if job_id not in self._board.jobs:
            raise NotFound
        if not self._policy.control.put_first(job_id, self._clock()):
            raise NotWaiting
        self._kick()

    def pause(self, backend: str | None = None) -> None:
        """Start nothing more, anywhere or on one backend; what runs goes on. Raises `NotFound` for no such backend."""
        self._known(backend)
        self.paused = self.paused or backend is None
        self._policy.control.pause(backend)
        self._kick()

    def resume(self, backend: str | None = None) -> None:
        """Take back a pause, and `close` where it is for all. Raises `NotFound` for no such backend."""
        self._known(backend)
        if backend is None:
            self.paused = False
            self.draining = self._ending
        self._policy.control.resume(backend)
        self._kick()

    def close(self) -> None:
        """Take nothing more and start nothing more, until `resume`; what runs goes on to its end, what waits stays."""
        self.draining = True
        self.pause()

    async def unload(self, backend: str, model: ModelName) -> None:
        """Take a model out of a backend's memory; what waits for it has it loaded again.

        Raises `ModelInUse` while its answers run or a load is pending there, `NotFound` for no such backend, or the
        backend's error.
        """
        self._known(backend)
        await self._loader.unload(backend, model)

    def set_limit(self, backend: str, limit: Limit) -> None:
        """Set how many jobs a backend runs at once; raises `NotFound` for no such backend."""
        self._known(backend)
        self._policy.control.set_limit(backend, limit, self._clock())
        self._kick()

    def set_usual_limit(self, limit: Limit) -> None:
        """Set how many jobs run at once on a backend that comes."""
        self._policy.control.set_usual_limit(limit)

    def set_caps(self, caps: Caps) -> None:
        """Have other caps hold for everybody at once, also for what waits."""
        self._policy.control.set_caps(caps)
        self._kick()

    def retry_by(self, retry: RetryPolicy) -> None:
        """Have failures tried again by another policy, from the next one on."""
        self._retrier.policy = retry

    def limit_person(self, user: UserId, limits: PersonLimits) -> None:
        """Have other limits hold for a person at once, also for what waits."""
        self._policy.control.limit_person(user, limits)
        self._kick()

    def backends(self) -> Mapping[str, BackendState]:
        """The backends as the policy knows them, to look at."""
        return self._policy.backends()

    def see(self, view: BackendView) -> None:
        """Take in what a look at a backend showed."""
        self._policy.backend_seen(view, self._clock())
        self._kick()

    def forget(self, backend: str) -> None:
        """Take in that a backend was removed."""
        self._policy.backend_gone(backend, self._clock())
        self._kick()

    async def run(self) -> None:
        """Act on what time alone changes: promotions, retries, breakers. Runs until it is cancelled."""
        while True:
            self._wake.clear()
            self._act()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._idle_for()):
                    await self._wake.wait()

    async def drain(self, limit: timedelta) -> None:
        """Take nothing more, wait for what runs at most `limit`, then interrupt it. What waits stays queued."""
        self._ending = self.draining = True
        await self._loader.stop()
        await self._attempts.drain(limit)

    async def _stop_kept(self, job_id: JobId) -> None:
        # An end that was written before the job itself would be lost.
        while (kept := self._keeping.get(job_id)) is not None:
            await asyncio.wait({kept})
        await self.stop(job_id)

    def _waiting(self, job_id: JobId) -> Job:
        job = self._board.jobs.get(job_id)
        if job is None or job.state is not JobState.QUEUED:
            raise NotWaiting
        return job

    def _known(self, backend: str | None) -> None:
        if backend is not None and backend not in self._policy.backends():
            raise NotFound

    def _kept(self, job: Job) -> None:
        kept = self._keeping.pop(job.id)
        failed = kept.cancelled() or kept.exception() is not None
        if failed and self._policy.withdraw(job.id, self._clock()) is not None:
            self._board.drop(job)
            self._kick()

    def _kick(self) -> None:
        """Act at once, and have `run` reckon anew when to wake."""
        self._act()
        self._wake.set()
        self._board.changed()

    def _act(self) -> None:
        if self.draining:
            return
        self._attempts.yield_slots(self._policy.preempt(self._clock()))
        while (decision := self._policy.decide(self._clock())) is not None:
            self._begin(decision)

    def _begin(self, decision: Decision) -> None:
        match decision:
            case Start():
                self._attempts.start(decision, self._keeping.get(decision.entry.job_id))
            case Swap():
                self._loader.begin(decision)
            case _:
                assert_never(decision)

    def _idle_for(self) -> float | None:
        wake = self._policy.next_wake(self._clock())
        return None if wake is None else max(0.0, wake - self._clock())


def _entry(job: Job, now: float) -> Entry:
    asked = job.submission
    passes = asked.turn is Turn.GIVING_WAY
    return Entry(
        job_id=job.id,
        user=asked.user,
        model=asked.request.model,
        priority=Priority.LOW if passes else asked.priority,
        arrival=job.arrival,
        arrived_at=now,
        prompt_tokens=asked.prompt_tokens,
        background=asked.background,
        when_idle=asked.turn is Turn.IDLE,
        only_backend=asked.only_backend,
    )
