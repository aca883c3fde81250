"""What an admin has set: values by key, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, delete, select

from storage.tables import Setting


def get_all(session: Session) -> dict[str, Any]:
    """Give every value that is set, by its key."""
    return {setting.key: setting.value for setting in session.exec(select(Setting)).all()}


def put(session: Session, key: str, value: Any, at: datetime, by: UUID | None = None) -> None:
    """Set a value that JSON can hold; `by` is the account that did it."""
    session.merge(Setting(key=key, value=value, updated_at=at, updated_by=by))
    session.flush()


def remove(session: Session, key: str) -> None:
    """Unset a value, so that flags and environment decide again."""
    session.exec(delete(Setting).where(col(Setting.key) == key))
