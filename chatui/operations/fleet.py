"""The backends as the queue and the conversations need them: looked at regularly, told to the scheduler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from chatui.backends.addresses import BackendAddress
from chatui.backends.base import Backend, BackendKind, ModelInfo
from chatui.backends.registry import BackendStatus, Registry
from chatui.backends.ssrf import Reach
from chatui.domain.errors import NoModel
from chatui.domain.messages import ModelName
from chatui.scheduler.decision import BackendView
from chatui.scheduler.scheduler import Scheduler

log = logging.getLogger(__name__)
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Fleet:
    """Looks at the backends every few seconds, and answers for their models.

    `context_for` tells what a model is loaded with, as far as it was trained for it.
    """

    def __init__(self, registry: Registry, context_for: Callable[[ModelName], int], clock: Callable[[], float]) -> None:
        self._registry = registry
        self._context_for = context_for
        self._clock = clock
        self._scheduler: Scheduler | None = None
        self._told: set[str] = set()
        self._listeners: list[Callable[[], None]] = []

    def tell(self, scheduler: Scheduler) -> None:
        """From now on have the scheduler see what a look shows."""
        self._scheduler = scheduler
        self._publish(self._clock())

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have `changed` called after each look that showed something new."""
        self._listeners.append(changed)

    async def run(self, every: timedelta) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(every.total_seconds())
            await self.look()

    async def look(self, name: str | None = None) -> None:
        """Check the backends now; `name` says which one gave the reason, and all are cheap enough to check with it."""
        asked_at, version = self._clock(), self._registry.version
        await self._registry.check()
        log.debug("looked at the backends because of %s", name or "the time")
        self._publish(asked_at)
        if self._registry.version != version:
            for changed in tuple(self._listeners):
                changed()

    async def join(self, address: BackendAddress, reach: Reach | None) -> None:
        """Take in a backend that was checked before, and look at it."""
        self._registry.join(address, reach)
        await self.look()

    async def leave(self, name: str) -> None:
        """Let a backend go, the answers under way there included: they are tried again elsewhere, where they can be."""
        await self._registry.remove(name)
        await self.look()

    async def probe(self, address: BackendAddress, reach: Reach | None) -> BackendStatus:
        """Look what answers at an address, and take nothing in; raises AddressRefused."""
        return await self._registry.probe(address, reach)

    def backend(self, name: str) -> Backend:
        """The backend of that name; raises KeyError when there is none."""
        backend = self._registry.backend(name)
        if backend is None:
            raise KeyError(name)
        return backend

    def statuses(self) -> list[BackendStatus]:
        """Each backend as the last look saw it."""
        return self._registry.statuses()

    @property
    def origin(self) -> str:
        """How the backends were found."""
        return self._registry.origin

    def all_models(self) -> list[ModelInfo]:
        """Every model of every backend, those included that only embed."""
        return self._registry.models()

    def models(self) -> list[ModelInfo]:
        """Every model that can answer a question."""
        return [model for model in self.all_models() if "completion" in model.capabilities]

    def loadable(self) -> list[ModelName]:
        """The models that can answer on servers which load them when they are told to, in the order of names."""
        loading = (status for status in self.statuses() if status.kind is BackendKind.OLLAMA)
        return sorted({info.name for status in loading for info in status.models if "completion" in info.capabilities})

    def about(self, model: ModelName) -> ModelInfo | None:
        """What is known of a model; None of one that no backend has."""
        return next((info for info in self.models() if info.name == model), None)

    def default(self, among: frozenset[ModelName] | None = None) -> ModelName | None:
        """The model for those who choose none, of those `among`: a loaded one first, since it answers at once."""
        healthy = [status for status in self.statuses() if status.ok]
        loaded = [model.name for status in healthy if status.kind is BackendKind.OLLAMA for model in status.loaded]
        known = [model.name for model in self.models() if among is None or model.name in among]
        return next((name for name in loaded if name in known), known[0] if known else None)

    def choose(self, wanted: ModelName | None, among: frozenset[ModelName] | None = None) -> ModelName:
        """The wanted model, or the default, of those `among` where there is one; raises `NoModel` when nobody has it.

        A backend that does not answer at the moment counts: the question waits for it.
        """
        chosen = wanted or self.default(among) or self.default()
        found = self.find(chosen) if chosen else None
        if found is None:
            raise NoModel(chosen)
        return found.name

    def find(self, model: ModelName) -> ModelInfo | None:
        """Find a model by a name as people write it: in any case, and without the tag `latest`."""
        return next((info for status in self._by_health() if (info := status.find(model))), None)

    def _by_health(self) -> list[BackendStatus]:
        return sorted(self.statuses(), key=lambda status: not status.ok)

    def loads_in(self, model: ModelName, usual: Callable[[str, ModelName], float | None]) -> float | None:
        """How long the load of a model takes where it is quickest; `usual` tells it of a backend, in seconds."""
        having = [status.name for status in self.statuses() if status.find(model) is not None]
        return min((seconds for name in having if (seconds := usual(name, model)) is not None), default=None)

    def is_here(self, model: ModelName) -> bool:
        """Whether only servers on this machine have a model."""
        having = [status for status in self.statuses() if status.find(model) is not None]
        return all((urlsplit(status.url).hostname or "localhost") in _HERE for status in having)

    def context_tokens(self, model: ModelName) -> int:
        """The context that a model is loaded with, in tokens."""
        trained = [info.context_length for info in self.all_models() if info.name == model and info.context_length]
        return min([self._context_for(model), *trained])

    def _publish(self, asked_at: float) -> None:
        if self._scheduler is None:
            return
        views = [_view(status, asked_at) for status in self.statuses()]
        for gone in self._told - {view.name for view in views}:
            self._scheduler.forget(gone)
        self._told = {view.name for view in views}
        for view in views:
            self._scheduler.see(view)


def _view(status: BackendStatus, asked_at: float) -> BackendView:
    return BackendView(
        name=status.name,
        models=frozenset(model.name for model in status.models),
        resident={model.name: model.size_bytes for model in status.loaded},
        owns_swaps=status.kind is BackendKind.OLLAMA,
        healthy=status.ok,
        asked_at=asked_at,
    )
