"""What an admin has set: values by key, as JSON, and what they were before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from storage.setting_tables import SettingChange
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


def change(session: Session, made: SettingChange) -> SettingChange | None:
    """Set `made.after`, or unset where it is nothing, and keep the change with what was before.

    Gives it; None when that was so already, and then nothing is kept.
    """
    there = session.get(Setting, made.key)
    made.before = None if there is None else there.value
    if made.before == made.after:
        return None
    if made.after is None:
        remove(session, made.key)
    else:
        put(session, made.key, made.after, made.changed_at, made.changed_by)
    session.add(made)
    session.flush()
    return made


def list_changes(session: Session, limit: int, before: int | None = None) -> Sequence[SettingChange]:
    """List changes, newest first; `before` is the id of the last one on the page before."""
    query = select(SettingChange).order_by(col(SettingChange.id).desc()).limit(limit)
    return session.exec(query if before is None else query.where(col(SettingChange.id) < before)).all()


def find_change(session: Session, number: int) -> SettingChange | None:
    """Find a change by its id."""
    return session.get(SettingChange, number)


def newest_change(session: Session) -> int:
    """Tell the id of the newest change; 0 when there was none."""
    return session.exec(select(func.max(SettingChange.id))).one() or 0
