"""What people choose for themselves, on every device."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from chatui.accounts.changes import Store
from chatui.domain.errors import NotFound
from chatui.domain.people import User
from storage import preferences


class Preference(StrEnum):
    """What can be chosen."""

    THEME = "theme"
    LANGUAGE = "language"


CHOICES: Final[Mapping[Preference, frozenset[str]]] = {
    Preference.THEME: frozenset({"light", "dark"}),
    Preference.LANGUAGE: frozenset({"en", "zh"}),
}
"""What is chosen where something is; where nothing is, the system and the browser decide."""


class Preferences:
    """The choices of everybody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, by: User) -> dict[str, str]:
        """Everything that a person chose, by the name of a `Preference`."""
        return await self._store.read(lambda session: preferences.preferences_of(session, by.id))

    async def choose(self, by: User, name: str, value: str | None) -> dict[str, str]:
        """Note a choice, None to leave it to the system, and give all of them.

        Raises `NotFound` for what cannot be chosen.
        """
        if name not in CHOICES or (value is not None and value not in CHOICES[Preference(name)]):
            raise NotFound
        return await self._store.write(lambda session: preferences.prefer(session, by.id, name, value))
