"""The record of failed attempts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.tables import Failure


def record_failure(session: Session, failure: Failure) -> None:
    """Keep a failure."""
    session.add(failure)
    session.flush()


def recent_failures(session: Session, limit: int) -> Sequence[Failure]:
    """List the newest failures, newest first."""
    return session.exec(select(Failure).order_by(col(Failure.created_at).desc()).limit(limit)).all()
