"""One backend as the policy knows it: what is loaded, what runs, how much may run, and a swap under way."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName
from chatui.scheduler.breaker import Breaker
from chatui.scheduler.decision import BackendView
from chatui.scheduler.entry import Entry
from chatui.scheduler.limiter import FixedLimiter, Limiter
from chatui.scheduler.queue import Lane
from chatui.scheduler.swap import Memory, PendingSwap


@dataclass(slots=True)
class Slot:
    """A slot that a job holds. `charged` are the output tokens that its person was charged for so far.

    All of it is charged, and given back, by the `weight` that its person had when it began.
    """

    entry: Entry
    backend: str
    started_at: float
    charged: float
    weight: float = 1.0
    written: int = 0
    first_token_at: float | None = None
    streams_before: float = 0.0  # the backend's `stream_seconds` at the first token
    yielding: bool = False


class BackendState:
    """Slots, residents and limits of one backend. Changed by the situation alone."""

    def __init__(self, view: BackendView, limiter_for: Callable[[str, ModelName], Limiter], now: float) -> None:
        self.name = view.name
        self.view = view
        self.paused = False
        self.unloading = False  # on an admin's wish: nothing starts meanwhile
        self.running: dict[JobId, Slot] = {}
        self.swap: PendingSwap | None = None
        self.loaded_at: dict[ModelName, float] = {}
        self.used_at: dict[ModelName, float] = {}
        self.blocked_since: float | None = None
        self.bypassed = 0
        self.stream_seconds = 0.0  # of all jobs that ran here, one after the other
        self.memory = Memory()
        self.breakers: dict[ModelName, Breaker] = {}
        self.limiters: dict[ModelName, Limiter] = {}
        self.resident: frozenset[ModelName] = frozenset()
        # Ran out of memory when last used. A runner that died stands in the server's list, so no list is believed.
        self.cramped: frozenset[ModelName] = frozenset()
        self._limiter_for = limiter_for
        self._of_model: Counter[ModelName] = Counter()
        self._ticked_at = now
        self.look(view, now)

    @property
    def open(self) -> bool:
        """Whether it may be given work."""
        return self.view.healthy and not self.paused and not self.unloading

    def look(self, view: BackendView, now: float) -> None:
        """Take over what a health check saw."""
        self.view = view
        self.remain(view.resident if view.owns_swaps else view.models, now)

    def remain(self, resident: Iterable[ModelName], now: float) -> None:
        """Take over which models are resident; what runs is resident, whatever a list says."""
        self.resident = frozenset(resident).union(self._of_model)
        self.loaded_at = {model: self.loaded_at.get(model, now) for model in self.resident}

    def limiter(self, model: ModelName) -> Limiter:
        """Tell the limiter of a model, made at its first use."""
        limiter = self.limiters.get(model)
        if limiter is None:
            limiter = self.limiters[model] = self._limiter_for(self.name, model)
        return limiter

    def breaker(self, model: ModelName) -> Breaker:
        """Tell the breaker of a model, made at its first use."""
        return self.breakers.setdefault(model, Breaker())

    @property
    def limit(self) -> int:
        """How many jobs may run at once: the limit of that resident model which allows most."""
        return max((self.limiter(model).limit for model in self.resident), default=1)

    @property
    def full(self) -> bool:
        """Whether no slot is free."""
        return len(self.running) >= self.limit

    def serves(self, lane: Lane, now: float) -> bool:
        """Tell whether jobs of the lane may go here at all now."""
        if lane.model not in self.view.models or lane.only_backend not in (None, self.name):
            return False
        breaker = self.breakers.get(lane.model)
        return breaker is None or breaker.allows(now)

    def starts(self, model: ModelName) -> bool:
        """Tell whether a job of the model could start this moment."""
        return not (self.swap and model in self.swap.leaving) and self.has_room(model)

    def has_room(self, model: ModelName) -> bool:
        """Tell whether a slot is free for a job of the model, be it that the model has to leave."""
        return model in self.resident and self._of_model[model] < self.limiter(model).limit and not self.full

    def runs(self, model: ModelName) -> int:
        """Tell how many jobs of the model run."""
        return self._of_model[model]

    def runs_any(self, models: Iterable[ModelName]) -> bool:
        """Tell whether a job of any of the models runs."""
        return any(self._of_model[model] for model in models)

    def began(self, running: Slot) -> None:
        """Take in that a job holds a slot."""
        model = running.entry.model
        self.running[running.entry.job_id] = running
        self._of_model[model] += 1
        self.used_at[model] = running.started_at
        self.breaker(model).began()

    def ended(self, running: Slot) -> None:
        """Take in that a job gave its slot back."""
        model = running.entry.model
        del self.running[running.entry.job_id]
        self._of_model[model] -= 1
        if not self._of_model[model]:
            del self._of_model[model]

    def tick(self, now: float, tokens: int = 0) -> None:
        """Let the limiter see the time that passed, with the tokens written in it.

        Only time counts in which one model alone ran, in exactly as many jobs as its limit allows: anything else says
        nothing about that limit. To be called before anything changes.
        """
        seconds, self._ticked_at = now - self._ticked_at, now
        self.stream_seconds += seconds * len(self.running)
        if self.swap and not self.swap.loading:
            self.swap.stood_idle += seconds * max(0.0, 1 - len(self.running) / self.limit)
        if len(self._of_model) != 1 or (self.swap and self.swap.loading):
            return
        model = next(iter(self._of_model))
        limiter = self.limiter(model)
        if self._of_model[model] == limiter.limit:
            limiter.on_sample(seconds, tokens, now)

    def by_worth(self) -> Iterator[ModelName]:
        """Walk the residents, the least recently used first."""
        return iter(sorted(self.resident, key=lambda model: (self.runs(model), self.used_at.get(model, 0.0), model)))

    def twin(self, now: float) -> BackendState:
        """Copy what decisions depend on, to play through what comes; limits stand still there."""
        twin = BackendState(self.view, lambda _, model: FixedLimiter(self.limiter(model).limit), now)
        twin.paused = self.paused
        twin.running = dict(self.running)
        twin._of_model = Counter(self._of_model)
        twin.resident = self.resident
        twin.loaded_at = dict(self.loaded_at)
        twin.used_at = dict(self.used_at)
        twin.blocked_since = self.blocked_since
        twin.bypassed = self.bypassed
        twin.memory = self.memory
        twin.breakers = {model: copy.copy(breaker) for model, breaker in self.breakers.items()}
        twin.swap = replace(self.swap) if self.swap else None
        return twin
