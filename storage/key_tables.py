"""The table of the keys with which programs act for people."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field

from storage.columns import UtcDateTime
from storage.table import Table


class ApiKey(Table, table=True):
    """A key of a person's. Of its secret only the SHA-256 is kept, and the `prefix` by which they know it again.

    `scopes` is a list of words; `priority` and `most` are None where the key sets nothing of its own.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    name: str
    prefix: str
    token_hash: str = Field(unique=True, repr=False)
    scopes: Any = Field(sa_type=JSON, nullable=False)
    priority: int | None = None
    most: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
