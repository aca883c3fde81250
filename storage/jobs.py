"""What is asked about jobs and their attempts.

States are the words of the product's one table of transitions; every change names the state that it starts from, so
that a late one changes nothing and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Update, literal
from sqlmodel import Session, col, func, select, update

from storage.columns import UtcDateTime
from storage.rows import changed_one
from storage.tables import Account, Attempt, Job

QUEUED = "queued"
RUNNING = "running"
UNFINISHED = (QUEUED, RUNNING)

# How an attempt ended of which nothing else is known: its slot went to somebody else, or the process died.
REQUEUED = "requeued"
DIED = "died"


def next_arrival(session: Session) -> int:
    """Give the next place in line: after every job that is kept, from 1."""
    return (session.exec(select(func.max(Job.arrival))).one() or 0) + 1


def add_job(session: Session, job: Job) -> Job:
    """Keep a new job, with the arrival that `next_arrival` gave in the same work."""
    session.add(job)
    session.flush()
    return job


def claim_job(session: Session, job_id: UUID, number: int, backend: str, at: datetime) -> bool:
    """Take a queued job to run it on `backend`, as its attempt `number`.

    False, and nothing is written, when it is not queued, or when that attempt or a later one was noted already.
    """
    claim = update(Job).where(col(Job.id) == job_id, col(Job.state) == QUEUED, col(Job.attempts) < number)
    started = func.coalesce(col(Job.started_at), literal(at, UtcDateTime))
    if not changed_one(session, claim.values(state=RUNNING, attempts=number, backend=backend, started_at=started)):
        return False
    model = session.exec(select(Job.model).where(Job.id == job_id)).one()
    session.add(Attempt(job_id=job_id, number=number, backend=backend, model=model, started_at=at))
    session.flush()
    return True


def requeue_job(session: Session, job_id: UUID, at: datetime) -> bool:
    """Put a running job back at its place in line; False when it is not running."""
    return _leave_running(session, job_id, REQUEUED, at)


def requeue_after_death(session: Session, job_id: UUID, at: datetime) -> bool:
    """Put a job back that was running when the process died, and count the death; False when it is not running."""
    return _leave_running(session, job_id, DIED, at, deaths=col(Job.deaths) + 1)


def choose_turn(session: Session, job_id: UUID, turn: str) -> bool:
    """Note what its person chose for a queued job; False when it is not queued."""
    choose = update(Job).where(col(Job.id) == job_id, col(Job.state) == QUEUED)
    return changed_one(session, choose.values(turn=turn))


def finish_job(session: Session, job_id: UUID, state: str, error_code: str | None, at: datetime) -> bool:
    """Bring a job to its final `state`; False when it is in one already."""
    finish = update(Job).where(col(Job.id) == job_id, col(Job.state).in_(UNFINISHED))
    return changed_one(session, finish.values(state=state, error_code=error_code, finished_at=at))


def mark_first_token(session: Session, job_id: UUID, number: int, at: datetime) -> bool:
    """Note when an attempt's first token came: from then on it is never run again by itself."""
    return changed_one(session, _attempt(job_id, number).values(first_token_at=at))


def finish_attempt(
    session: Session, job_id: UUID, number: int, outcome: str, at: datetime, received: tuple[int, int] = (0, 0)
) -> bool:
    """Note how an attempt ended and what it had `received`: bytes, tokens. False when it had ended already."""
    unfinished = _attempt(job_id, number).where(col(Attempt.outcome).is_(None))
    bytes_received, tokens_received = received
    values = {"bytes_received": bytes_received, "tokens_received": tokens_received}
    return changed_one(session, unfinished.values(outcome=outcome, finished_at=at, **values))


def get_job(session: Session, job_id: UUID) -> Job | None:
    """Find a job."""
    return session.get(Job, job_id)


def job_with_account(session: Session, job_id: UUID) -> tuple[Job, Account] | None:
    """Find a job and whose it is."""
    query = select(Job, Account).join(Account, col(Job.account_id) == col(Account.id)).where(Job.id == job_id)
    return session.exec(query).one_or_none()


def unfinished_jobs(session: Session) -> Sequence[Job]:
    """List the jobs that wait or run, in the order in which they arrived."""
    return session.exec(select(Job).where(col(Job.state).in_(UNFINISHED)).order_by(col(Job.arrival))).all()


def count_unfinished(session: Session, account_id: UUID | None = None) -> int:
    """Count the jobs that wait or run: those of one account, or all."""
    query = select(func.count()).select_from(Job).where(col(Job.state).in_(UNFINISHED))
    if account_id is not None:
        query = query.where(Job.account_id == account_id)
    return session.exec(query).one()


def attempts_of(session: Session, job_id: UUID) -> Sequence[Attempt]:
    """List the attempts of a job, the first one first."""
    return session.exec(select(Attempt).where(Attempt.job_id == job_id).order_by(col(Attempt.number))).all()


def _leave_running(session: Session, job_id: UUID, outcome: str, at: datetime, **also: ColumnElement[int]) -> bool:
    leave = update(Job).where(col(Job.id) == job_id, col(Job.state) == RUNNING)
    if not changed_one(session, leave.values(state=QUEUED, backend=None, **also)):
        return False
    open_attempt = update(Attempt).where(col(Attempt.job_id) == job_id, col(Attempt.outcome).is_(None))
    session.exec(open_attempt.values(outcome=outcome, finished_at=at))
    return True


def _attempt(job_id: UUID, number: int) -> Update:
    return update(Attempt).where(col(Attempt.job_id) == job_id, col(Attempt.number) == number)
