"""What people keep around their conversations. The same rules as in `storage.tables`, which gives these, too."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field

from storage.columns import UtcDateTime
from storage.table import Table


class Folder(Table, table=True):
    """A named place for conversations of one person."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    name: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class Preference(Table, table=True):
    """What a person chose for themselves, by name."""

    account_id: UUID = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    choices: Any = Field(default_factory=dict, sa_type=JSON, nullable=False)
