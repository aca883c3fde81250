"""What is asked about how conversations are to be answered, and about what people saved of that to pick again.

The functions that take no account are for ids that came from a row which was found by its account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, delete, func, select

from storage.rows import changed_one
from storage.tables import Manner, Preset


def manner_of(session: Session, conversation_id: UUID) -> Any:
    """Give what was chosen for a conversation, as JSON; None where nothing was."""
    found = session.get(Manner, conversation_id)
    return found.chosen if found else None


def choose_manner(session: Session, conversation_id: UUID, chosen: dict[str, Any]) -> None:
    """Keep what is chosen for a conversation, nothing where that is empty."""
    if chosen:
        session.merge(Manner(conversation_id=conversation_id, chosen=chosen))
        session.flush()
    else:
        session.exec(delete(Manner).where(col(Manner.conversation_id) == conversation_id))


def presets_of(session: Session, account_id: UUID) -> Sequence[Preset]:
    """List what the account saved, by name."""
    query = select(Preset).where(Preset.account_id == account_id)
    return session.exec(query.order_by(func.lower(Preset.name), col(Preset.id))).all()


def count_presets(session: Session, account_id: UUID) -> int:
    """Count what the account saved."""
    return session.exec(select(func.count()).select_from(Preset).where(Preset.account_id == account_id)).one()


def preset_named(session: Session, account_id: UUID, name: str) -> Preset | None:
    """Find what the account saved under a name."""
    return session.exec(select(Preset).where(Preset.account_id == account_id, Preset.name == name)).one_or_none()


def delete_preset(session: Session, account_id: UUID, preset_id: UUID) -> bool:
    """Delete what the account saved; False when there is none."""
    query = delete(Preset).where(col(Preset.id) == preset_id, col(Preset.account_id) == account_id)
    return changed_one(session, query)
