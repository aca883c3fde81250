"""What stands over every page: the models there are, and troubles that everybody should know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatui.backends.base import ModelInfo
from chatui.domain.messages import ModelName, UserId
from chatui.operations.fleet import Fleet
from chatui.web.share import LinkState, Shared
from chatui.web.tab import Tab
from storage.errors import StorageError

_ENDLESS = 1 << 62


class Standing:
    """Makes the frames that a tab gets when it joins and that all get when they change.

    `post_all` sends a frame to every tab; `models_of` tells which models a person may use, None for every one;
    `loads_in` how many seconds the load of a model usually takes. `memory_bytes` is what this machine has.
    """

    def __init__(self, fleet: Fleet, memory_bytes: int = _ENDLESS) -> None:
        self._fleet = fleet
        self._memory_bytes = memory_bytes
        self.loads_in: Callable[[ModelName], float | None] = lambda _: None
        self.models_of: Callable[[UserId], frozenset[ModelName] | None] = lambda _: None
        self._trouble: StorageError | None = None
        self._stopping = False
        self.link: LinkState | None = None
        self.post_all: Callable[[Callable[[Tab], dict[str, Any]]], None] = lambda _: None

    def frames(self, tab: Tab) -> list[dict[str, Any]]:
        """Everything that stands now."""
        return [self._models(tab), self._notice(tab), self._shared(tab)]

    def models_changed(self) -> None:
        """Tell every tab what its person can choose from now."""
        self.post_all(self._models)

    def storage_trouble(self, error: StorageError | None) -> None:
        """Tell every tab that nothing can be saved, or that saving works again."""
        if type(error) is not type(self._trouble):
            self._trouble = error
            self.post_all(self._notice)

    def link_changed(self, link: LinkState) -> None:
        """Tell every tab that the app is open to the internet, or no longer."""
        self.link = link
        self.post_all(self._shared)

    def stopping(self) -> None:
        """Tell every tab that the app is about to stop."""
        self._stopping = True
        self.post_all(self._notice)

    def _shared(self, tab: Tab) -> dict[str, Any]:
        link = self.link
        sentence = tab.words.shared(link.url, link.until) if isinstance(link, Shared) else None
        return {"t": "shared", "sentence": sentence}

    def _notice(self, tab: Tab) -> dict[str, Any]:
        sentence = None
        if self._stopping:
            sentence = tab.words.stopping()
        elif self._trouble is not None:
            sentence = tab.words.storage(self._trouble)
        return {"t": "notice", "sentence": sentence}

    def _models(self, tab: Tab) -> dict[str, Any]:
        statuses = self._fleet.statuses()
        silent = [status.name for status in statuses if not status.ok]
        answering = [status.name for status in statuses if status.ok]
        allowed = self.models_of(tab.user.id)
        models = [model for model in self._fleet.models() if allowed is None or model.name in allowed]
        loaded = {model.name for status in statuses for model in status.loaded}
        return {
            "t": "models",
            "items": [self._model(tab, model, loaded=model.name in loaded) for model in models],
            "default": self._fleet.default(allowed),
            "source": tab.words.answers(self._fleet.origin, answering) if answering else "",
            "trouble": tab.words.unreachable(silent) if silent else None,
        }

    def _model(self, tab: Tab, model: ModelInfo, *, loaded: bool) -> dict[str, Any]:
        facts = tab.words.model_facts(model, self._fleet.context_tokens(model.name))
        wait = None if loaded else tab.words.model_wait(self.loads_in(model.name))
        told = {"name": model.name, "loaded": loaded, "facts": facts, "wait": wait, "tight": self._tight(tab, model)}
        return told | {"sees": model.may_see}

    def _tight(self, tab: Tab, model: ModelInfo) -> str | None:
        """Why a model is too big for this machine, where it would run here; None where it fits, or nobody knows."""
        there, needs = self._memory_bytes, model.size_bytes or 0
        if needs <= there or not self._fleet.is_here(model.name):
            return None
        kin = [other for other in self._fleet.models() if other.parameters == model.parameters and other.size_bytes]
        fitting = [other for other in kin if (other.size_bytes or 0) <= there and other.family == model.family]
        best = max(fitting, key=lambda other: other.size_bytes or 0, default=None)
        return tab.words.model_tight(needs, there, best.name if best else None)
