"""The limiters of every backend: what is set, what was learned, and which failures speak against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from chatui.domain.messages import ModelName
from chatui.scheduler.backend_state import BackendState, Slot
from chatui.scheduler.decision import Auto, Fixed, Limit
from chatui.scheduler.limiter import AdaptiveLimiter, FixedLimiter, Limiter
from chatui.scheduler.outcome import OutcomeKind


class Limits:
    """Makes limiters as they are set, starting from what was learned; `usual` holds where nothing is set."""

    def __init__(self, usual: Limit) -> None:
        self.usual = usual
        self._set: dict[str, Limit] = {}
        self._learned: dict[tuple[str, ModelName], int] = {}
        self._crashed_at: dict[str, float] = {}

    def limiter_for(self, backend: str, model: ModelName) -> Limiter:
        """Make the limiter of a model on a backend."""
        match self._set.get(backend, self.usual):
            case Fixed(workers):
                return FixedLimiter(workers)
            case Auto(maximum):
                limiter = AdaptiveLimiter(maximum)
                limiter.start_at(self._learned.get((backend, model), 1))
                return limiter
            case never:
                assert_never(never)

    def set(self, backend: BackendState, limit: Limit) -> None:
        """Set the limit of a backend; a limiter that learned goes on with the new maximum."""
        self._set[backend.name] = limit
        for model, limiter in list(backend.limiters.items()):
            if isinstance(limiter, AdaptiveLimiter) and isinstance(limit, Auto):
                limiter.maximum = limit.maximum
                continue
            if isinstance(limiter, AdaptiveLimiter):
                self._learned[backend.name, model] = limiter.learned
            backend.limiters[model] = self.limiter_for(backend.name, model)

    def ended(self, backend: BackendState, running: Slot, kind: OutcomeKind, now: float) -> None:
        """Take in how a job ended that ran on the backend, before its slot is free.

        One crash ends every job that ran: only the first of them counts.
        """
        limiter, in_flight = backend.limiter(running.entry.model), len(backend.running)
        match kind:
            case OutcomeKind.MEMORY | OutcomeKind.LOAD_FAILED if in_flight > 1 or kind is OutcomeKind.MEMORY:
                if running.started_at > self._crashed_at.get(backend.name, float("-inf")):
                    self._crashed_at[backend.name] = now
                    limiter.on_crash(in_flight, now)
            case OutcomeKind.BUSY | OutcomeKind.TIMEOUT:
                limiter.on_refusal(now)
            case _:
                pass

    def learned(self, backends: Mapping[str, BackendState]) -> list[list[Any]]:
        """Export the best limits known, also of models that nobody used since they were imported."""
        found = dict(self._learned)
        for backend in backends.values():
            for model, limiter in backend.limiters.items():
                if isinstance(limiter, AdaptiveLimiter):
                    found[backend.name, model] = limiter.learned
        return [[backend, model, limit] for (backend, model), limit in found.items()]

    def learn(self, kept: list[list[Any]]) -> None:
        """Import what `learned` exported, for limiters made from now on."""
        self._learned.update({(backend, ModelName(model)): limit for backend, model, limit in kept})
