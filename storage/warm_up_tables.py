"""The tables of warm-ups: when models are to be in memory, and how each warm-up went."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, Text
from sqlmodel import Field

from storage.columns import UtcDateTime
from storage.table import Table


class WarmUpPlan(Table, table=True):
    """When a model is to be in memory: `begins` to `ends`, as `HH:MM` on the clocks of `zone`, on `days`.

    `days` has a digit for each weekday, 0 being Monday. `due_at` is when it is looked at next.
    """

    __tablename__ = "warmup_plan"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    model: str
    days: str
    begins: str
    ends: str
    zone: str
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class WarmUpRun(Table, table=True):
    """A warm-up that was due at `due_at`, for a `reason`, and its `outcome`. It outlives its plan.

    Of the first tokens, `cold_ms` includes the load of the model; None where it was loaded already.
    """

    __tablename__ = "warmup_run"
    __table_args__ = (Index(None, "model", "due_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    plan_id: UUID | None = Field(default=None, foreign_key="warmup_plan.id", ondelete="SET NULL", index=True)
    model: str
    reason: str
    outcome: str
    backend: str | None = None
    cold_ms: int | None = None
    warm_ms: int | None = None
    detail: str = Field(default="", sa_type=Text)
    due_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime = Field(sa_type=UtcDateTime, index=True)
