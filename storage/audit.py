"""The audit log: added to in the transaction of the change that it tells of, and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, or_, select

from storage.tables import AuditEntry


def record_entry(session: Session, entry: AuditEntry) -> None:
    """Keep an entry."""
    session.add(entry)
    session.flush()


def list_entries(session: Session, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
    """List entries, newest first; `before` is the id of the last one on the page before."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    return session.exec(query if before is None else query.where(col(AuditEntry.id) < before)).all()


def entries_about(session: Session, account_id: UUID, limit: int) -> Sequence[AuditEntry]:
    """List what an account did and what was done to it, newest first."""
    query = select(AuditEntry).where(or_(AuditEntry.actor_id == account_id, AuditEntry.subject_id == account_id))
    return session.exec(query.order_by(col(AuditEntry.id).desc()).limit(limit)).all()
