"""What is asked about measurements of the number of workers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from storage.rows import changed_one
from storage.tuning_tables import TuningRun

_MOST_KEPT: Final = 20


def add_run(session: Session, run: TuningRun) -> TuningRun:
    """Keep a measurement that is asked for, and of the older ones the newest few."""
    kept = select(TuningRun.id).order_by(col(TuningRun.asked_at).desc()).limit(_MOST_KEPT - 1)
    session.exec(delete(TuningRun).where(col(TuningRun.id).not_in(kept)))
    session.add(run)
    session.flush()
    return run


def run_by_id(session: Session, run_id: UUID) -> TuningRun | None:
    """Find a measurement."""
    return session.get(TuningRun, run_id)


def runs(session: Session) -> Sequence[TuningRun]:
    """List the measurements, the newest first."""
    return session.exec(select(TuningRun).order_by(col(TuningRun.asked_at).desc(), col(TuningRun.id))).all()


def runs_in(session: Session, states: Collection[str]) -> Sequence[TuningRun]:
    """List the measurements that are in one of some states, those first that were asked for first."""
    return session.exec(
        select(TuningRun).where(col(TuningRun.state).in_(states)).order_by(col(TuningRun.asked_at))
    ).all()


def change_run(session: Session, run_id: UUID, **values: Any) -> bool:
    """Give a measurement other values; False when there is none."""
    return changed_one(session, update(TuningRun).where(col(TuningRun.id) == run_id).values(**values))
