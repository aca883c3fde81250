"""The table of measurements of how many answers at once a model server is best given."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Text, false
from sqlmodel import Field

from storage.columns import UtcDateTime
from storage.table import Table


class TuningRun(Table, table=True):
    """A measurement that was asked for at `asked_at`: its `state`, why it ended (`reason`), and what was measured.

    An empty `model` stands for the one that people get who choose none; without a `maximum` the app chooses. `points`
    has an object for each number of workers; `knee` is the number that is recommended.
    """

    __tablename__ = "tuning_run"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    model: str
    backend: str | None = None
    maximum: int | None = None
    state: str
    reason: str = ""
    detail: str = Field(default="", sa_type=Text)
    points: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    knee: int | None = None
    stop_wanted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
