"""What the app noted of itself, at several resolutions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from storage.metric_tables import MetricSample


def put_samples(session: Session, samples: Sequence[MetricSample]) -> None:
    """Keep samples; one of the same time and resolution is replaced."""
    for sample in samples:
        session.merge(sample)
    session.flush()


def samples_since(session: Session, step_s: int, since: datetime) -> Sequence[MetricSample]:
    """List the samples of a resolution that begin at `since` or later, the oldest first."""
    query = select(MetricSample).where(MetricSample.step_s == step_s, MetricSample.at >= since)
    return session.exec(query.order_by(col(MetricSample.at))).all()


def purge_samples(session: Session, step_s: int, before: datetime) -> int:
    """Delete the samples of a resolution that begin before a moment; give how many went."""
    old = delete(MetricSample).where(col(MetricSample.step_s) == step_s, col(MetricSample.at) < before)
    return session.exec(old).rowcount
