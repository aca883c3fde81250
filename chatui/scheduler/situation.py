"""All that decisions depend on: who waits, who runs where, who had how much. Nothing here learns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.backend_state import BackendState, Slot
from chatui.scheduler.decision import Caps, PersonLimits, PolicyConfig, Start, Swap
from chatui.scheduler.entry import Entry
from chatui.scheduler.estimates import Estimates
from chatui.scheduler.fairness import Accounts
from chatui.scheduler.queue import WaitingQueue
from chatui.scheduler.swap import PendingSwap


class Situation:
    """The state of the queue, the people and the backends, and the steps that change it."""

    def __init__(self, config: PolicyConfig, estimates: Estimates, accounts: Accounts) -> None:
        self.config = config
        self.estimates = estimates
        self.accounts = accounts
        self.queue = WaitingQueue(config.ages, accounts)
        self.backends: dict[str, BackendState] = {}
        self.running: dict[JobId, Slot] = {}
        self.paused = False
        self.wake_at: float | None = None

    def most_queued(self, user: UserId) -> int | None:
        """Tell how many jobs of a person may wait; None for any number."""
        own = self.accounts.limits_of(user).queued
        return self.config.queued_per_user if own is None else own

    def add(self, entry: Entry, now: float) -> None:
        """Let a new entry wait."""
        self.accounts.join(entry.user)
        self.queue.add(entry, now)

    def withdraw(self, job_id: JobId) -> Entry | None:
        """Take a waiting entry out for good; None when it does not wait."""
        entry = self.queue.remove(job_id)
        if entry is not None:
            self.accounts.leave(entry.user)
        return entry

    def start(self, entry: Entry, backend: BackendState, now: float) -> Start:
        """Give a waiting entry a slot and charge its person for what the answer is expected to cost."""
        backend.tick(now)
        self.queue.remove(entry.job_id)
        expected = self.estimates.output_tokens(entry.user, entry.model)
        running = Slot(entry, backend.name, now, expected, self.accounts.limits_of(entry.user).weight)
        self.running[entry.job_id] = running
        backend.began(running)
        if not entry.background and self.accounts.took(entry.user):
            self.queue.renew(entry.user)
        self.charge(running, entry.prompt_tokens, expected)
        return Start(entry, backend.name)

    def charge(self, running: Slot, prompt_tokens: float, output_tokens: float) -> None:
        """Charge the person whose job runs, or give back where negative."""
        user = running.entry.user
        tokens = self.config.input_weight * prompt_tokens + self.config.output_weight * output_tokens
        if self.accounts.charge(user, tokens / running.weight):
            self.queue.renew(user)

    def set_caps(self, caps: Caps) -> None:
        """Have other caps hold for everybody, also for what waits."""
        self.config = replace(
            self.config, running_per_user=caps.running, queued_per_user=caps.queued, queued_in_all=caps.queued_in_all
        )
        self.accounts.set_cap(caps.running)
        for user in self.queue.people():
            self.queue.renew(user)

    def limit(self, user: UserId, limits: PersonLimits) -> None:
        """Have other limits hold for a person, also for what waits; what runs is charged as it was begun."""
        self.accounts.limit(user, limits)
        self.queue.renew(user)

    def release(self, job_id: JobId, now: float) -> Slot | None:
        """Free the slot of a running job; None when it does not run. The person stays active until `leave`."""
        running = self.running.pop(job_id, None)
        if running is None:
            return None
        backend = self.backends.get(running.backend)
        if backend is not None and job_id in backend.running:
            backend.tick(now)
            backend.ended(running)
        if not running.entry.background and self.accounts.gave_back(running.entry.user):
            self.queue.renew(running.entry.user)
        return running

    def leave(self, entry: Entry) -> None:
        """Let go of a job that ended."""
        self.accounts.leave(entry.user)

    def plan_swap(self, backend: BackendState, swap: PendingSwap, now: float) -> PendingSwap:
        """Have a swap pending; for what went before, such as a night without a question, it has not stood idle."""
        backend.tick(now)
        backend.swap = swap
        return swap

    def begin_load(self, backend: BackendState, wanted_by: JobId, now: float) -> Swap:
        """Begin the load of the pending swap."""
        swap = backend.swap
        assert swap is not None
        backend.tick(now)
        swap.loading_since = now
        backend.breaker(swap.load).began()
        backend.resident -= frozenset(swap.unload)
        return Swap(backend.name, swap.load, swap.unload, wanted_by)

    def end_load(self, backend: BackendState, resident: Iterable[ModelName], now: float) -> None:
        """End the load; `resident` is what is in memory now, as far as is known."""
        backend.tick(now)
        loaded = backend.swap.load if backend.swap else None
        backend.swap = None
        backend.blocked_since = None
        backend.bypassed = 0
        backend.remain(resident, now)
        if loaded in backend.resident:
            backend.loaded_at[loaded] = now

    def by_load(self) -> list[BackendState]:
        """List the backends, the least busy first."""
        if len(self.backends) == 1:
            return list(self.backends.values())
        return sorted(self.backends.values(), key=lambda backend: len(backend.running) / backend.limit)

    def wake_by(self, when: float) -> None:
        """Note that time alone changes a decision at `when`."""
        self.wake_at = when if self.wake_at is None else min(self.wake_at, when)

    def twin(self, waiting: Iterable[Entry], now: float) -> Situation:
        """Copy the situation with only some of its waiting, to play through what comes."""
        twin = Situation(self.config, self.estimates, self.accounts.copy())
        twin.paused = self.paused
        twin.backends = {name: backend.twin(now) for name, backend in self.backends.items()}
        twin.running = dict(self.running)
        for entry in waiting:
            twin.queue.add(entry, now)
        return twin
