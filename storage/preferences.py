"""What people chose for themselves: values by name, as JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import Session

from storage.tables import Preference


def preferences_of(session: Session, account_id: UUID) -> dict[str, Any]:
    """Give everything that the account chose."""
    found = session.get(Preference, account_id)
    return dict(found.choices) if found else {}


def prefer(session: Session, account_id: UUID, name: str, value: Any) -> dict[str, Any]:
    """Note one choice, None to take it back; give all of them."""
    choices = {**preferences_of(session, account_id), name: value}
    kept = {known: chosen for known, chosen in choices.items() if chosen is not None}
    session.merge(Preference(account_id=account_id, choices=kept))
    session.flush()
    return kept
