"""The most answers at the same time that each backend may be given: set by the admin, or advised by its machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatui.backends.base import BackendKind
from chatui.backends.registry import BackendStatus
from chatui.operations.advice import Memory, advised_workers

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ELSEWHERE = 8  # another machine's memory is not known here; the limiter finds what it bears


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Advises a ceiling for each backend. `slots` is how many contexts the embedded model has."""

    memory: Callable[[], Memory]
    context_tokens: int
    slots: int

    def advise(self, statuses: list[BackendStatus]) -> Mapping[str, int]:
        """The ceiling of each backend that answers, by its name."""
        return {status.name: self._ceiling(status) for status in statuses if status.ok}

    def _ceiling(self, status: BackendStatus) -> int:
        if status.kind is BackendKind.EMBEDDED:
            return min(self.slots, advised_workers(self.memory(), None, self.context_tokens))
        if urlsplit(status.url).hostname not in _LOOPBACK:
            return _ELSEWHERE
        largest = max((model.size_bytes for model in status.models if model.size_bytes), default=None)
        loaded = sum(model.size_bytes or 0 for model in status.loaded)
        return advised_workers(self.memory(), largest, self.context_tokens, loaded)
