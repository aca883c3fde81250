"""What to do next: start a job, or swap a model in.

Per backend, the head of everything that may run there is looked at. Is its model resident, it starts. Otherwise jobs of
resident models may pass it for a bounded time (a swap is costly), then a drain is committed: nothing more starts on the
models that have to leave, and when their last answer has ended the load begins. What is urgent, by high priority or an
admin's wish, is passed for less long. A drain takes as long as its longest answer: a slot that it leaves idle is used
at first for what is urgent.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatui.domain.jobs import Priority
from chatui.domain.messages import ModelName
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.decision import Decision, Swap
from chatui.scheduler.entry import BOTTOM, TOP, Entry
from chatui.scheduler.queue import Head, Lane
from chatui.scheduler.situation import Situation
from chatui.scheduler.swap import PendingSwap


def next_decision(situation: Situation, now: float) -> Decision | None:
    """Decide one thing and mark it as begun; None when there is nothing to do now."""
    situation.queue.advance(now)
    situation.wake_at = None
    if situation.paused or not situation.queue.lanes:
        return None
    for backend in situation.by_load():
        decision = _Turn(situation, backend, now).take() if backend.open else None
        if decision is not None:
            return decision
    return None


class _Turn:
    """One look at one backend."""

    def __init__(self, situation: Situation, backend: BackendState, now: float) -> None:
        self._situation = situation
        self._backend = backend
        self._now = now
        self._lanes = [lane for lane in situation.queue.lanes.values() if backend.serves(lane, now)]

    def take(self) -> Decision | None:
        """Decide one thing for this backend."""
        self._note_breakers()
        if self._backend.swap is not None:
            return self._under_swap(self._backend.swap)
        if self._backend.full:
            return self._load_beside()
        lanes = [lane for lane in self._lanes if self._eligible(lane)]
        head = _first(lane.head() for lane in lanes) or _first(lane.capped_head() for lane in lanes)
        if head is None:
            return None if any(lane.busy for lane in self._lanes) else self._idle()
        entry = head[1]
        if entry.model in self._backend.resident:
            self._backend.blocked_since = None
            return self._situation.start(entry, self._backend, self._now)
        return self._blocked(head)

    def _eligible(self, lane: Lane) -> bool:
        """Whether the lane's head could use this backend: at once, or after a swap that is worth it here."""
        if lane.model in self._backend.resident:
            return self._backend.starts(lane.model)
        head = lane.head() or lane.capped_head()
        return self._backend.view.owns_swaps and head is not None and not self._elsewhere(head[1])

    def _elsewhere(self, entry: Entry) -> bool:
        """Whether another backend with the model serves the entry soon: the wait is cheaper than a second load.

        A load is paid for once the entry has waited as long as the load takes.
        """
        if entry.only_backend is not None or len(self._situation.backends) == 1:
            return False
        patience = max(entry.arrived_at, entry.not_before) + self._cost(entry.model)
        for other in self._situation.backends.values():
            if other is self._backend or not _has(other, entry.model, self._now):
                continue
            if other.starts(entry.model):
                return True
            if self._now < patience:
                self._situation.wake_by(patience)
                return True
        return False

    def _blocked(self, head: Head) -> Decision | None:
        """Decide what happens while the first in line waits for a model that is not loaded."""
        backend, model = self._backend, head[1].model
        self._note_blocked()
        leaving, unload = backend.memory.leaving(model, backend.by_worth())
        passing = self._startable(leaving)
        if leaving and passing and self._may_pass(head, passing[1]):
            backend.bypassed += 1
            return self._situation.start(passing[1], backend, self._now)
        if leaving and not passing and backend.runs_any(leaving):
            return self._start_any()
        return self._under_swap(self._plan_swap(model, leaving, unload))

    def _may_pass(self, head: Head, passing: Entry) -> bool:
        """Whether a resident model may still be served past the blocked head."""
        entry = head[1]
        config, backend = self._situation.config, self._backend
        stay, grace = self._patience(head)
        cost = self._cost(entry.model)
        over = self._situation.accounts.over
        if over(passing.user) and not over(entry.user):
            cost *= config.stay_over
        loaded_at = max(backend.loaded_at.values(), default=self._now)
        blocked_since = self._now if backend.blocked_since is None else backend.blocked_since
        passes_until = max(loaded_at + stay * cost, blocked_since + grace * cost)
        return backend.bypassed < config.bypass_limit and self._now < passes_until

    def _patience(self, head: Head) -> tuple[float, float]:
        """Tell for how many swap costs others may pass a blocked head: since the last load, since it was blocked."""
        config = self._situation.config
        if _is_urgent(head):
            return config.stay_urgent, config.grace_urgent
        return config.stay[min(max(head[0][0], TOP), BOTTOM)], config.grace

    def _plan_swap(self, model: ModelName, leaving: frozenset[ModelName], unload: tuple[ModelName, ...]) -> PendingSwap:
        swap = PendingSwap(model, leaving, unload, self._now)
        return self._situation.plan_swap(self._backend, swap, self._now)

    def _under_swap(self, swap: PendingSwap) -> Decision | None:
        """Go on with a pending swap: load when the drain is over; models that stay are served meanwhile."""
        if not swap.loading:
            wanted = self._wanted(swap.load)
            if wanted is None:
                self._backend.swap = None
                return self.take()
            if not self._backend.runs_any(swap.leaving):
                return self._load(wanted)
            return self._start_any() or self._fill(swap)
        return self._start_any()

    def _fill(self, swap: PendingSwap) -> Decision | None:
        """Use a slot that a young drain leaves idle for what is urgent; people below their cap go first."""
        if self._now >= swap.since + self._situation.config.grace_urgent * self._cost(swap.load):
            return None
        lanes = [lane for lane in self._lanes if lane.model in swap.leaving and self._backend.has_room(lane.model)]
        heads = (_first(map(find, lanes)) for find in (Lane.head, Lane.capped_head))
        urgent = next((head[1] for head in heads if head is not None and _is_urgent(head)), None)
        return self._situation.start(urgent, self._backend, self._now) if urgent else None

    def _load(self, wanted: Entry) -> Swap:
        return self._situation.begin_load(self._backend, wanted.job_id, self._now)

    def _wanted(self, model: ModelName) -> Entry | None:
        """Tell who waits for the model here, first of all."""
        lanes = [lane for lane in self._lanes if lane.model == model]
        heads = (find(lane) for find in (Lane.head, Lane.capped_head, Lane.idle_head) for lane in lanes)
        return next((head[1] for head in heads if head), None)

    def _load_beside(self) -> Decision | None:
        """With every slot taken, load the head's model if it fits beside the others; else note that it is blocked."""
        backend = self._backend
        head = _first(lane.head() for lane in self._lanes)
        if head is None or not backend.view.owns_swaps or head[1].model in backend.resident:
            backend.blocked_since = None
            return None
        entry = head[1]
        if self._elsewhere(entry):
            return None
        self._note_blocked()
        leaving, unload = backend.memory.leaving(entry.model, backend.by_worth())
        if leaving:
            return None
        self._plan_swap(entry.model, leaving, unload)
        return self._load(entry)

    def _note_blocked(self) -> None:
        if self._backend.blocked_since is None:
            self._backend.blocked_since = self._now

    def _startable(self, models: Iterable[ModelName]) -> Head | None:
        """Tell the first whose model is among these and could start: people below their cap before the others."""
        lanes = [lane for lane in self._lanes if lane.model in models and self._backend.starts(lane.model)]
        return _first(lane.head() for lane in lanes) or _first(lane.capped_head() for lane in lanes)

    def _start_any(self) -> Decision | None:
        """Start the first whose model is resident and stays."""
        head = self._startable(self._backend.resident)
        return self._situation.start(head[1], self._backend, self._now) if head else None

    def _idle(self) -> Decision | None:
        """Nobody waits who minds: start idle work, and swap for it only where nobody was for a while."""
        head = _first(lane.idle_head() for lane in self._lanes if self._backend.starts(lane.model))
        if head is not None:
            return self._situation.start(head[1], self._backend, self._now)
        head = _first(lane.idle_head() for lane in self._lanes if lane.model not in self._backend.resident)
        if head is None or self._backend.running or not self._backend.view.owns_swaps or self._elsewhere(head[1]):
            return None
        return self._idle_swap(head[1])

    def _idle_swap(self, entry: Entry) -> Decision | None:
        backend = self._backend
        leaving, unload = backend.memory.leaving(entry.model, backend.by_worth())
        quiet_at = (
            max((backend.used_at.get(model, 0.0) for model in leaving), default=0.0) + self._situation.config.quiet
        )
        if leaving and self._now < quiet_at:
            self._situation.wake_by(quiet_at)
            return None
        self._plan_swap(entry.model, leaving, unload)
        return self._load(entry)

    def _cost(self, model: ModelName) -> float:
        return self._situation.estimates.swap_cost(self._backend.name, model)

    def _note_breakers(self) -> None:
        for lane in self._situation.queue.lanes.values():
            breaker = self._backend.breakers.get(lane.model)
            if breaker is not None and breaker.open_until is not None and self._now < breaker.open_until:
                self._situation.wake_by(breaker.open_until)


def _first(heads: Iterable[Head | None]) -> Head | None:
    """Tell the smallest key; arrivals are unique, so that entries are never compared."""
    return min((head for head in heads if head is not None), default=None)


def _is_urgent(head: Head) -> bool:
    """Tell whether somebody asked with high priority, or an admin put it first; who had far more than others is not."""
    (level, _, _), entry = head
    return level < TOP or (level == TOP and entry.priority is Priority.HIGH)


def _has(backend: BackendState, model: ModelName, now: float) -> bool:
    """Tell whether a backend answers with the model now or after the load it is at."""
    if not backend.open or model not in backend.view.models:
        return False
    breaker = backend.breakers.get(model)
    if breaker is not None and not breaker.allows(now):
        return False
    if backend.swap is not None:
        return backend.swap.load == model or (model in backend.resident and model not in backend.swap.leaving)
    return model in backend.resident
