"""The settings that hold now: what the app started with, and over it what admins set."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.backends.base import ModelOptions
from chatui.domain.errors import Refused
from chatui.domain.messages import ModelName
from chatui.operations.settings.definitions import BY_KEY, option_of
from chatui.operations.settings.kinds import Kind, Unfit, Value
from chatui.settings import Settings
from storage import settings
from storage.errors import StorageError

LOOK_EVERY = timedelta(milliseconds=500)
log = logging.getLogger(__name__)
Stored = Mapping[str, Any]
Changed = Callable[[Settings, Stored], None]
"""Told of the settings that held, and of all that is stored now."""


class SettingsInForce:
    """Gives what holds at this moment. What was changed at the console is found in half a second."""

    def __init__(self, start: Settings, store: Store) -> None:
        self.start = start
        self.now = start
        self.stored: Stored = {}
        self._store = store
        self._options: dict[ModelName, dict[str, Value]] = {}
        self._seen = -1
        self._listeners: list[Changed] = []

    def subscribe(self, changed: Changed) -> None:
        """Have `changed` called after each change."""
        self._listeners.append(changed)

    def source_of(self, name: str) -> str:
        """Tell where the value of a setting comes from: `stored`, `flag`, `environment`, `default`."""
        return "stored" if name in self._names() else self.start.source_of(name)

    def options_set(self, model: ModelName) -> Mapping[str, Value]:
        """Give the runner options that were set for a model alone."""
        return self._options.get(model, {})

    def options_for(self, model: ModelName) -> ModelOptions:
        """Give the runner options that a model is loaded with."""
        options: dict[str, Any] = {"num_ctx": self.now.context_tokens, **self.options_set(model)}
        return ModelOptions(**options)

    def context_for(self, model: ModelName) -> int:
        """Tell the context that a model is loaded with, as far as it was trained for it."""
        return int(self.options_set(model).get("num_ctx", self.now.context_tokens))

    async def refresh(self) -> None:
        """Have in force what is stored now, and tell of it where it is new."""
        newest, stored = await self._store.read(_read)
        if newest <= self._seen:
            return  # nothing is new, or another look, which began later, was done first
        self._seen = newest
        before = self.now
        self._take(stored)
        for changed in tuple(self._listeners):
            changed(before, stored)

    async def run(self) -> None:
        """Follow what is changed elsewhere, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            try:
                await self.refresh()
            except (Refused, StorageError) as error:
                log.warning("settings are as they were: %s", error)

    def _take(self, stored: Stored) -> None:
        self.stored = stored
        values = {BY_KEY[key].name: value for key, value in stored.items() if key in BY_KEY and _fits(key, value)}
        self.now = self.start.model_copy(update=values)
        self._options = {}
        for key, value in stored.items():
            if (found := option_of(key)) is not None and _fits(key, value):
                option, model = found
                self._options.setdefault(model, {})[option.name] = value

    def _names(self) -> set[str]:
        return {BY_KEY[key].name for key in self.stored if key in BY_KEY}


def _read(session: Session) -> tuple[int, Stored]:
    return settings.newest_change(session), settings.get_all(session)


def _fits(key: str, value: object) -> bool:
    """Tell whether a stored value is one that can be set: an earlier version may have known other bounds."""
    found = option_of(key)
    kind: Kind = BY_KEY[key].kind if found is None else found[0].kind
    try:
        return kind.read(str(value)) == value
    except Unfit:
        log.warning("what is stored as %s cannot be used: %r", key, value)
        return False
