"""What people choose of how their conversations are answered, and what they save of it to pick again.

Every method names who acts; what is not theirs is not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.conversations.footing import Footing
from chatui.conversations.manner import PLAIN, Manner, manner_from, manner_json
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import InvalidInput, NotFound
from chatui.domain.messages import ConversationId
from chatui.domain.people import User
from storage import conversations, manners
from storage.database import Clocks
from storage.tables import Preset as PresetRow

MOST_PRESETS: Final = 100
"""Of one person."""
LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Preset:
    """A manner under a name."""

    id: UUID
    name: str
    manner: Manner


def manner_in(session: Session, conversation_id: UUID) -> Manner:
    """How a conversation that was found by its account is to be answered."""
    return manner_from(manners.manner_of(session, conversation_id))


class Manners:
    """Choices for the conversations of a room."""

    def __init__(self, on: Footing) -> None:
        self._store: Store = on.store

    async def of(self, by: User, conversation: ConversationId | None) -> Manner:
        """How a conversation is to be answered; one that is not begun as the model does it by itself."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))
        if conversation is None:
            return PLAIN

        def read(session: Session) -> Manner:
            _require_theirs(session, by, conversation)
            return manner_in(session, conversation)

        return await self._store.read(read)

    async def choose(self, by: User, conversation: ConversationId, manner: Manner) -> None:
        """Have answers be given so from the next on. Raises a `Refused`."""
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))

        def write(session: Session) -> None:
            _require_theirs(session, by, conversation)
            manners.choose_manner(session, conversation, manner_json(manner))

        await self._store.write(write)


class Presets:
    """What everybody saved for themselves."""

    def __init__(self, store: Store, clocks: Clocks) -> None:
        self._store = store
        self._clocks = clocks

    async def of(self, by: User) -> Sequence[Preset]:
        """What a person saved, by name."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))
        rows = await self._store.read(lambda session: manners.presets_of(session, by.id))
        return [Preset(row.id, row.name, manner_from(row.chosen)) for row in rows]

    async def save(self, by: User, name: str, manner: Manner) -> None:
        """Save a manner under a name, in the place of what was saved under it. Raises a `Refused`."""
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))
        if not (name := " ".join(name.split())) or len(name) > LONGEST_NAME:
            raise InvalidInput("no name")

        def write(session: Session) -> None:
            there = manners.preset_named(session, by.id, name)
            if there is None and manners.count_presets(session, by.id) >= MOST_PRESETS:
                raise InvalidInput(f"{MOST_PRESETS} presets")
            row = there or PresetRow(account_id=by.id, name=name, created_at=self._clocks.now())
            row.chosen = manner_json(manner)
            session.add(row)

        await self._store.write(write)

    async def delete(self, by: User, preset: UUID) -> None:
        """Delete what a person saved; raises `NotFound`."""
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))
        if not await self._store.write(lambda session: manners.delete_preset(session, by.id, preset)):
            raise NotFound


def _require_theirs(session: Session, by: User, conversation: ConversationId) -> None:
    if conversations.conversation_of(session, by.id, conversation) is None:
        raise NotFound
