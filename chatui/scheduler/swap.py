"""Which models fit in memory together, and what has to go before another is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chatui.domain.messages import ModelName

Models = frozenset[ModelName]


@dataclass(slots=True)
class PendingSwap:
    """A swap that is decided: first nothing more starts on `leaving`; when nothing runs there, `load` is loaded.

    `unload` is what is unloaded explicitly. Where nobody knows yet whether the models fit together, everything drains
    but nothing is unloaded: the backend decides, and its next view tells.
    """

    load: ModelName
    leaving: Models
    unload: tuple[ModelName, ...]
    since: float
    stood_idle: float = 0.0  # seconds of the whole backend that the drain cost, by slots
    loading_since: float | None = None

    @property
    def loading(self) -> bool:
        """Whether the load is under way."""
        return self.loading_since is not None


class Memory:
    """What one backend showed about models side by side. A set that was seen together fits; later sights win."""

    def __init__(self) -> None:
        self._together: set[Models] = set()
        self._apart: set[Models] = set()
        self._sizes: dict[ModelName, int] = {}

    def saw(self, resident: Mapping[ModelName, int | None]) -> None:
        """Take in the models that are in memory now, with their bytes where known."""
        self._sizes.update({model: size for model, size in resident.items() if size})
        models = frozenset(resident)
        if not models or any(models <= other for other in self._together):
            return
        self._together = {other for other in self._together if not other <= models} | {models}
        self._apart = {other for other in self._apart if not other <= models}

    def evicted(self, wanted: Models, resident: Models) -> None:
        """Take in that a load of one of `wanted` beside the others left only `resident`."""
        if not wanted <= resident and not self.fits(wanted):
            self._apart = {other for other in self._apart if not wanted <= other} | {wanted}

    def did_not_fit(self, models: Models) -> None:
        """Take in that one of the models ran out of memory beside the others, whatever was seen before."""
        if len(models) > 1:
            self._together = {other for other in self._together if not models <= other}
            self._apart = {other for other in self._apart if not models <= other} | {models}

    def fits(self, models: Models) -> bool | None:
        """Tell whether the models fit together; None when nobody knows."""
        if len(models) <= 1 or any(models <= other for other in self._together):
            return True
        if any(other <= models for other in self._apart):
            return False
        return self._by_size(models)

    def _by_size(self, models: Models) -> bool | None:
        size = self._size(models)
        if size is None:
            return None
        if any(len(models) <= len(other) and size <= (self._size(other) or 0) for other in self._together):
            return True
        if any(len(models) >= len(other) and size >= (self._size(other) or size + 1) for other in self._apart):
            return False
        return None

    def _size(self, models: Models) -> int | None:
        sizes = [self._sizes.get(model) for model in models]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    def leaving(self, load: ModelName, resident: Iterable[ModelName]) -> tuple[Models, tuple[ModelName, ...]]:
        """Tell what must drain, and what of it is unloaded explicitly, before `load` is loaded.

        `resident` comes in order of worth, the least wanted first: those go first.
        """
        kept = list(resident)
        gone: list[ModelName] = []
        while True:
            together = self.fits(frozenset((*kept, load)))
            if together:
                return frozenset(gone), tuple(gone)
            if together is None:
                return frozenset((*kept, *gone)), tuple(gone)
            gone.append(kept.pop(0))

    def learned(self) -> dict[str, Any]:
        """Export what is known, as plain lists."""
        return {
            "together": [sorted(models) for models in self._together],
            "apart": [sorted(models) for models in self._apart],
            "sizes": dict(self._sizes),
        }

    def learn(self, kept: Mapping[str, Any]) -> None:
        """Import what `learned` exported."""
        self._together = {frozenset(map(ModelName, models)) for models in kept.get("together", ())}
        self._apart = {frozenset(map(ModelName, models)) for models in kept.get("apart", ())}
        self._sizes = {ModelName(model): size for model, size in kept.get("sizes", {}).items()}
