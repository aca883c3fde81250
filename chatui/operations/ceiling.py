"""The most answers at the same time that each backend may be given: set by the admin, or advised by its machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatui.backends.base import BackendKind
from chatui.backends.registry import BackendStatus
from chatui.operations.advice import Memory, advised_workers, context_bytes

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ELSEWHERE = 8  # another machine's memory is not known here; the limiter finds what it bears


@dataclass(frozen=True, slots=True)
class Fit:
    """What a model needs with one context, what is free once the others are unloaded, and how many answers at once."""

    needed_bytes: int
    free_bytes: int
    workers: int

    @property
    def fits(self) -> bool:
        """Whether there is room for it."""
        return self.needed_bytes <= self.free_bytes


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Advises a ceiling for each backend. `slots` is how many contexts the embedded model has."""

    memory: Callable[[], Memory]
    context_tokens: int
    slots: int

    def advise(self, statuses: list[BackendStatus]) -> Mapping[str, int]:
        """The ceiling of each backend that answers, by its name."""
        return {status.name: self._ceiling(status) for status in statuses if status.ok}

    def fit(self, status: BackendStatus, model_bytes: int | None) -> Fit | None:
        """Tell how a model fits into this machine's memory; None for other machines, and sizes that nobody knows."""
        if model_bytes is None or urlsplit(status.url).hostname not in _LOOPBACK:
            return None
        memory = self.memory()
        loaded = sum(model.size_bytes or 0 for model in status.loaded)
        needed = model_bytes + context_bytes(model_bytes, self.context_tokens)
        workers = advised_workers(memory, model_bytes, self.context_tokens, loaded)
        return Fit(needed, memory.available_bytes + loaded, workers)

    def _ceiling(self, status: BackendStatus) -> int:
        if status.kind is BackendKind.EMBEDDED:
            return min(self.slots, advised_workers(self.memory(), None, self.context_tokens))
        if urlsplit(status.url).hostname not in _LOOPBACK:
            return _ELSEWHERE
        largest = max((model.size_bytes for model in status.models if model.size_bytes), default=None)
        loaded = sum(model.size_bytes or 0 for model in status.loaded)
        return advised_workers(self.memory(), largest, self.context_tokens, loaded)
