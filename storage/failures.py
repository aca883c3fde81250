"""The record of failed attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from storage.tables import Failure, Job


def record_failure(session: Session, failure: Failure) -> None:
    """Keep a failure."""
    session.add(failure)
    session.flush()


def recent_failures(session: Session, limit: int) -> Sequence[Failure]:
    """List the newest failures, newest first."""
    return session.exec(select(Failure).order_by(col(Failure.created_at).desc()).limit(limit)).all()


def failures_of(session: Session, job_id: UUID) -> Sequence[Failure]:
    """List the failures of a job, in the order of its attempts."""
    query = select(Failure).where(Failure.job_id == job_id)
    return session.exec(query.order_by(col(Failure.attempt_number))).all()


def open_failures(session: Session, limit: int) -> Sequence[tuple[Failure, str | None]]:
    """List the newest failures that nobody saw to, newest first, each with the state of its job if it has one."""
    query = select(Failure, Job.state).outerjoin(Job, col(Failure.job_id) == col(Job.id))
    query = query.where(col(Failure.resolved_at).is_(None))
    return session.exec(query.order_by(col(Failure.created_at).desc()).limit(limit)).all()


def resolve_failures(session: Session, at: datetime, *, code: str | None = None, job_id: UUID | None = None) -> int:
    """Note that somebody has seen to the failures of a class, or of a job; give how many there were."""
    seen_to = update(Failure).where(col(Failure.resolved_at).is_(None)).values(resolved_at=at)
    if code is not None:
        seen_to = seen_to.where(col(Failure.code) == code)
    if job_id is not None:
        seen_to = seen_to.where(col(Failure.job_id) == job_id)
    return session.exec(seen_to).rowcount


def purge_failures(session: Session, before: datetime, limit: int = 1_000) -> int:
    """Delete at most `limit` of the failures older than `before`, the oldest first; give how many went.

    A share at a time, so that no other write waits long behind it.
    """
    oldest = select(col(Failure.id)).where(col(Failure.created_at) < before)
    oldest = oldest.order_by(col(Failure.created_at)).limit(limit)
    return session.exec(delete(Failure).where(col(Failure.id).in_(oldest))).rowcount
