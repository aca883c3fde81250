"""What people keep around their conversations. The same rules as in `storage.tables`, which gives these, too."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Text, UniqueConstraint
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


class UnsentText(Table, table=True):
    """What a person typed and did not send yet.

    `place` is the id of the conversation that it is for, or the account's where it would begin one.
    """

    place: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    conversation_id: UUID | None = Field(default=None, foreign_key="conversation.id", ondelete="CASCADE", index=True)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(sa_type=Text, repr=False)


class Share(Table, table=True):
    """A conversation that everybody who is signed in may read; its `id` is what the link names."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", ondelete="CASCADE", unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Manner(Table, table=True):
    """How a conversation is to be answered: what its person chose, by name."""

    conversation_id: UUID = Field(primary_key=True, foreign_key="conversation.id", ondelete="CASCADE")
    chosen: Any = Field(default_factory=dict, sa_type=JSON, nullable=False, repr=False)


class Preset(Table, table=True):
    """What a person saved of that under a name, to pick it for other conversations."""

    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    name: str
    chosen: Any = Field(default_factory=dict, sa_type=JSON, nullable=False, repr=False)
    created_at: datetime = Field(sa_type=UtcDateTime)
