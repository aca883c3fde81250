"""What is asked about warm-ups: plans, how each went, and when which model was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from storage.rows import changed_one
from storage.tables import Job
from storage.warm_up_tables import WarmUpPlan, WarmUpRun

_MOST_ASKS = 50_000


def add_plan(session: Session, plan: WarmUpPlan) -> WarmUpPlan:
    """Keep a new plan."""
    session.add(plan)
    session.flush()
    return plan


def plans(session: Session) -> Sequence[WarmUpPlan]:
    """List the plans, the oldest first."""
    return session.exec(select(WarmUpPlan).order_by(col(WarmUpPlan.created_at), col(WarmUpPlan.id))).all()


def plan_by_id(session: Session, plan_id: UUID) -> WarmUpPlan | None:
    """Find a plan."""
    return session.get(WarmUpPlan, plan_id)


def change_plan(session: Session, plan: WarmUpPlan) -> bool:
    """Give a plan the values of `plan`; False when there is none of its id."""
    values = plan.model_dump(exclude={"id", "created_at"})
    return changed_one(session, update(WarmUpPlan).where(col(WarmUpPlan.id) == plan.id).values(**values))


def delete_plan(session: Session, plan_id: UUID) -> bool:
    """Delete a plan; False when there is none."""
    return changed_one(session, delete(WarmUpPlan).where(col(WarmUpPlan.id) == plan_id))


def due_plans(session: Session, at: datetime) -> Sequence[WarmUpPlan]:
    """List the plans that are due, those first that were due first."""
    return session.exec(select(WarmUpPlan).where(WarmUpPlan.due_at <= at).order_by(col(WarmUpPlan.due_at))).all()


def put_off(session: Session, plan: WarmUpPlan, due_at: datetime) -> bool:
    """Note when a plan is due next; False when it was changed or deleted since it was read."""
    same = (col(WarmUpPlan.id) == plan.id, col(WarmUpPlan.due_at) == plan.due_at)
    return changed_one(session, update(WarmUpPlan).where(*same).values(due_at=due_at))


def add_run(session: Session, run: WarmUpRun, kept_from: datetime) -> None:
    """Keep how a warm-up went, and nothing that ended before `kept_from`. Of a plan that is gone it names none."""
    session.exec(delete(WarmUpRun).where(col(WarmUpRun.finished_at) < kept_from))
    if run.plan_id is not None and session.get(WarmUpPlan, run.plan_id) is None:
        run.plan_id = None
    session.add(run)
    session.flush()


def last_run(session: Session, plan_id: UUID) -> WarmUpRun | None:
    """Find how a plan's last warm-up went."""
    query = select(WarmUpRun).where(WarmUpRun.plan_id == plan_id).order_by(col(WarmUpRun.finished_at).desc()).limit(1)
    return session.exec(query).one_or_none()


def runs(session: Session, since: datetime, most: int) -> Sequence[WarmUpRun]:
    """List how the warm-ups went that ended after a time, the newest first, at most so many."""
    query = select(WarmUpRun).where(WarmUpRun.finished_at >= since)
    return session.exec(query.order_by(col(WarmUpRun.finished_at).desc()).limit(most)).all()


def asked_since(session: Session, since: datetime) -> Sequence[tuple[str, datetime]]:
    """List which model was asked when, the newest first, of at most some weeks' heavy use."""
    query = select(Job.model, Job.created_at).where(Job.created_at >= since)
    return session.exec(query.order_by(col(Job.created_at).desc()).limit(_MOST_ASKS)).all()
