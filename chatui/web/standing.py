"""What stands over every page: the models there are, and troubles that everybody should know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatui.backends.base import ModelInfo
from chatui.domain.messages import ModelName, UserId
from chatui.operations.fleet import Fleet
from chatui.web.share import NotShared, Shared
from chatui.web.tab import Tab
from storage.errors import StorageError


class Standing:
    """Makes the frames that a tab gets when it joins and that all get when they change.

    `post_all` sends a frame to every tab; `models_of` tells which models a person may use, None for every one.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.models_of: Callable[[UserId], frozenset[ModelName] | None] = lambda _: None
        self._trouble: StorageError | None = None
        self._stopping = False
        self._link: Shared | None = None
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

    def link_changed(self, link: Shared | NotShared) -> None:
        """Tell every tab that the app is open to the internet, or no longer."""
        self._link = link if isinstance(link, Shared) else None
        self.post_all(self._shared)

    def stopping(self) -> None:
        """Tell every tab that the app is about to stop."""
        self._stopping = True
        self.post_all(self._notice)

    def _shared(self, tab: Tab) -> dict[str, Any]:
        link = self._link
        return {"t": "shared", "sentence": tab.words.shared(link.url, link.until) if link else None}

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
            "source": tab.words.answers(self._fleet.origin, ", ".join(answering)) if answering else "",
            "trouble": tab.words.unreachable(", ".join(silent)) if silent else None,
        }

    def _model(self, tab: Tab, model: ModelInfo, *, loaded: bool) -> dict[str, Any]:
        context = self._fleet.context_tokens(model.name)
        facts = tab.words.model_facts(model.parameters, model.quantization, context)
        return {"name": model.name, "loaded": loaded, "facts": facts}
