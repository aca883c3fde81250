"""The library of prompts. The same rules as in `storage.tables`, which gives this, too."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, Text
from sqlmodel import Field

from storage.columns import UtcDateTime
from storage.table import Table


class Prompt(Table, table=True):
    """A text that is asked again and again, under a name.

    It belongs to an account and goes with it; without one it is the team's. Everybody sees what is `shared`.
    """

    __table_args__ = (Index(None, "account_id", "name"), Index(None, "shared"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="CASCADE")
    name: str
    shared: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(sa_type=Text, repr=False)
