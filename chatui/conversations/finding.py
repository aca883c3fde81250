"""Finding what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatui.conversations.storage_watch import StorageWatch
from chatui.domain.access import Action, Owned, require
from chatui.domain.people import User
from storage.search import Hit, search_messages


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, the newest first; `more` may follow its last hit."""

    hits: Sequence[Hit]
    more: bool


class Finding:
    """Searches in what is each person's own."""

    def __init__(self, store: StorageWatch) -> None:
        self._store = store

    async def find(self, by: User, typed: str, limit: int, before: int | None = None) -> Found:
        """Find what has every word in it; `before` is the place of the last hit on the page before."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))
        hits = await self._store.read(lambda session: search_messages(session, by.id, typed, limit + 1, before))
        return Found(hits[:limit], len(hits) > limit)
