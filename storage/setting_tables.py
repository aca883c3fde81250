"""The tables of what admins set, and of what they set before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field

from storage.columns import UtcDateTime
from storage.table import Table


class SettingChange(Table, table=True):
    """A change of a setting, and what it was before; nothing stands for what flags and environment decide.

    `changed_by` is the account that did it, `address` where from.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(index=True)
    before: Any = Field(default=None, sa_type=JSON, nullable=True)
    after: Any = Field(default=None, sa_type=JSON, nullable=True)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: UUID | None = None
    address: str = ""
