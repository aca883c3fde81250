"""The table of what the app noted of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from storage.columns import UtcDateTime
from storage.table import Table


class MetricSample(Table, table=True):
    """The figures of `step_s` seconds from `at` on, as JSON that its writer knows to read."""

    step_s: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    figures: Any = Field(sa_type=JSON, nullable=False)
