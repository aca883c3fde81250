"""The policy: every decision of the queue, without an event loop, a clock or storage of its own.

How a scheduler drives it, `now` being seconds of one monotonic clock throughout:

    policy.backend_seen(view, now)            after every health check, and after a load
    policy.submit(entry, now)                 or `restore` after a restart
    while decision := policy.decide(now):     after every change, and at `policy.next_wake(now)`
        Start -> run the attempt; then `finished`, or `requeue` for a retry
        Swap  -> unload, load; then `swapped`
    for job_id in policy.preempt(now): ...    cancel it; then `requeue` with an outcome of kind YIELDED
    policy.progressed(job_id, tokens, now)    a few times a second per running job
    policy.places(now)                        whenever somebody looks; cheap while nothing changed

A returned decision counts as begun. Limits of people and of backends and pauses are in `policy.control`, estimates and
limits that were learned go out by `learned()` and come back by `learn()`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from chatui.domain.errors import Draining, QueueFull
from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName
from chatui.scheduler.admission import Admission
from chatui.scheduler.backend_state import BackendState, Slot
from chatui.scheduler.control import Control
from chatui.scheduler.decision import Auto, BackendView, Decision, Fixed, Limit, Place, PolicyConfig, Start, Swap, Waits
from chatui.scheduler.dispatch import next_decision
from chatui.scheduler.entry import Entry
from chatui.scheduler.estimates import Estimates
from chatui.scheduler.fairness import Accounts
from chatui.scheduler.limits import Limits
from chatui.scheduler.observation import Observation
from chatui.scheduler.outcome import Outcome, OutcomeKind
from chatui.scheduler.places import Places
from chatui.scheduler.preemption import to_yield
from chatui.scheduler.situation import Situation

__all__ = [
    "Auto",
    "BackendView",
    "Decision",
    "Fixed",
    "Limit",
    "Outcome",
    "OutcomeKind",
    "Place",
    "Policy",
    "PolicyConfig",
    "Start",
    "Swap",
    "Waits",
]


class Policy:
    """Who is served next, where, and what everybody else is told. One owner; not for several threads."""

    def __init__(self, config: PolicyConfig, rng: random.Random | None = None) -> None:
        self._estimates = Estimates(config.default_output_tokens, config.default_swap_cost)
        self._accounts = Accounts(config.running_per_user, config.allowance)
        self._situation = Situation(config, self._estimates, self._accounts)
        self._places = Places(self._situation, rng or random.Random(1))  # noqa: S311 - futures, not cryptography
        self._admission = Admission(self._situation, self._places)
        self._limits = Limits(config.limit)
        self._observation = Observation(self._situation, self._limits)
        self._draining = False
        self._learned_memory: dict[str, Any] = {}
        self.control = Control(self._situation, self._limits, self._places)

    def backend_seen(self, view: BackendView, now: float) -> None:
        """Take over what a health check saw of a backend, new or known."""
        backend = self._situation.backends.get(view.name)
        if backend is None:
            backend = BackendState(view, self._limits.limiter_for, now)
            backend.memory.learn(self._learned_memory.get(view.name, {}))
            self._situation.backends[view.name] = backend
        self._observation.looked(backend, view, now)
        self._places.changed()

    def backend_gone(self, name: str, now: float) -> None:  # noqa: ARG002 (every step takes the time)
        """Forget a backend; what still runs there must be reported as ended."""
        self._situation.backends.pop(name, None)
        self._places.changed()

    def submit(self, entry: Entry, now: float) -> None:
        """Let an entry wait.

        Raises `QueueFull` of scope `person`, `queue` or `wait`, and `Draining`; then nothing was kept.
        """
        if self._draining:
            raise Draining
        self._places.asked(entry, now)
        self._admission.check_room(entry)
        self.restore(entry, now)
        try:
            self._admission.check_wait(entry, now)
        except QueueFull:
            self.withdraw(entry.job_id, now)
            raise

    def restore(self, entry: Entry, now: float) -> None:
        """Let an entry wait that was accepted earlier; never refused."""
        self._situation.add(entry, now)
        self._places.changed()

    def withdraw(self, job_id: JobId, now: float) -> Entry | None:  # noqa: ARG002 (every step takes the time)
        """Take a waiting entry out; None when it does not wait (it may run)."""
        entry = self._situation.withdraw(job_id)
        if entry is not None:
            self._places.gone(job_id)
            self._places.changed()
        return entry

    def decide(self, now: float) -> Decision | None:
        """Decide one thing and count it as begun; to be called until None."""
        decision = next_decision(self._situation, now)
        if decision is not None:
            self._places.changed()
        if isinstance(decision, Start):
            self._places.began(decision.entry, now)
        return decision

    def swapped(
        self,
        backend: str,
        model: ModelName,
        took: float | None,
        now: float,
        kind: OutcomeKind = OutcomeKind.LOAD_FAILED,
    ) -> None:
        """Take in that a load ended: after `took` seconds, or None when it failed, by `kind`.

        Until the next view, the model and what is known to fit beside it count as resident.
        """
        self._observation.swapped(backend, model, took, now, kind)
        self._places.changed()

    def progressed(self, job_id: JobId, output_tokens: int, now: float) -> None:
        """Take in that a running job has written so many tokens so far."""
        self._observation.progressed(job_id, output_tokens, now)

    def finished(self, job_id: JobId, outcome: Outcome, now: float) -> None:
        """Take in that an attempt was the job's last: the slot is free, charges are corrected. Twice does no harm."""
        running = self._observation.ended(job_id, outcome, now)
        if running is not None:
            self._situation.leave(running.entry)
            self._places.changed()

    def requeue(self, job_id: JobId, outcome: Outcome, not_before: float, now: float) -> None:
        """Take in that an attempt ended and another follows: the entry waits again, at its old place in line."""
        running = self._observation.ended(job_id, outcome, now)
        if running is not None:
            running.entry.not_before = not_before
            self._situation.queue.add(running.entry, now)
            self._places.changed()

    def hold(self, job_id: JobId, not_before: float, now: float) -> bool:
        """Keep a waiting job from starting before a time, at its old place in line; False when it does not wait."""
        return self.control.hold(job_id, not_before, now)

    def next_wake(self, now: float) -> float | None:
        """Tell when time alone could change a decision; None for never. To be asked after `decide` said None."""
        wakes = [when for when in (self._situation.queue.next_due(), self._situation.wake_at) if when is not None]
        return max(now, min(wakes)) if wakes else None

    def preempt(self, now: float) -> list[JobId]:
        """Tell which running background jobs should yield because people wait; each is told once."""
        return to_yield(self._situation, now)

    def places(self, now: float) -> list[Place]:
        """List the waiting in the expected order, at most `PolicyConfig.places` of them."""
        return self._places.all(now)

    def drain(self) -> None:
        """Accept and start nothing more; what runs goes on, what waits is kept."""
        self._draining = True
        self.control.pause()

    def usual_load(self, backend: str, model: ModelName) -> float | None:
        """Tell how long a load usually takes, in seconds; None where none was seen."""
        return self._estimates.usual_load(backend, model)

    def waiting(self) -> int:
        """Tell how many entries wait."""
        return len(self._situation.queue)

    def running(self) -> Iterator[Slot]:
        """Walk the slots that are taken."""
        return iter(self._situation.running.values())

    def backends(self) -> Mapping[str, BackendState]:
        """Tell the backends, to look at: limits, residents, swaps, breakers."""
        return self._situation.backends

    def learned(self) -> dict[str, Any]:
        """Export what was learned, as JSON knows it."""
        return {
            "estimates": self._estimates.learned(),
            "limits": self._limits.learned(self._situation.backends),
            "memory": self._learned_memory
            | {backend.name: backend.memory.learned() for backend in self._situation.backends.values()},
            "waits": self._places.learned(),
        }

    def learn(self, kept: Mapping[str, Any]) -> None:
        """Import what `learned` exported; to be called before the first backend is seen."""
        self._estimates.learn(kept.get("estimates", {}))
        self._limits.learn(kept.get("limits", []))
        self._learned_memory = dict(kept.get("memory", {}))
        self._places.learn(kept.get("waits", {}))
