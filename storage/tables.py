"""The tables. Rows are plain values: no relationships, so a detached row is whole.

Moments are aware UTC, sizes in bytes, durations in milliseconds. Every foreign key has an index, for the delete at its
other end.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, Enum, Index, Text, UniqueConstraint, false
from sqlmodel import Field

from storage.attachment_tables import Attachment, MessageAttachment
from storage.columns import UtcDateTime
from storage.key_tables import ApiKey
from storage.metric_tables import MetricSample
from storage.prompt_tables import Prompt
from storage.setting_tables import SettingChange
from storage.shelf_tables import Folder, Manner, Preference, Preset, Share, UnsentText
from storage.table import Table
from storage.tuning_tables import TuningRun
from storage.warm_up_tables import WarmUpPlan, WarmUpRun

__all__ = [
    "Account",
    "AccountSession",
    "ApiKey",
    "Attachment",
    "Attempt",
    "AuditEntry",
    "Conversation",
    "Failure",
    "Folder",
    "Group",
    "Invitation",
    "Job",
    "Manner",
    "Message",
    "MessageAttachment",
    "MessageState",
    "MetricSample",
    "PasswordReset",
    "Preference",
    "Preset",
    "Prompt",
    "SearchEntry",
    "Setting",
    "SettingChange",
    "Share",
    "Table",
    "TokenUsage",
    "TuningRun",
    "UnsentText",
    "WarmUpPlan",
    "WarmUpRun",
]


class MessageState(StrEnum):
    """How whole a message is. Questions are always complete."""

    COMPLETE = "complete"
    WAITING = "waiting"
    STREAMING = "streaming"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    LIMITED = "limited"
    """The token cap was reached; it can be continued."""


_MESSAGE_STATE = Enum(
    MessageState,
    native_enum=False,
    length=16,
    values_callable=lambda states: [state.value for state in states],
)


class Group(Table, table=True):
    """What a group of people may take of the queue. None leaves a limit to the app's own."""

    __tablename__ = "account_group"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(unique=True)
    weight: float | None = None
    priority: int | None = None
    running: int | None = None
    queued: int | None = None
    tokens_per_day: int | None = None
    models: Any = Field(default=None, sa_type=JSON(none_as_null=True), nullable=True)
    """A list of names; None: every model."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class Account(Table, table=True):
    """A person who may use the app. Without a `sign_in_name`, the folded `name`, nobody signs in to it."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(unique=True)
    role: str = "member"
    created_at: datetime = Field(sa_type=UtcDateTime)
    sign_in_name: str | None = Field(default=None, unique=True)
    password_hash: str | None = Field(default=None, repr=False)
    state: str = Field(default="active", sa_column_kwargs={"server_default": "active"})
    # Restricted: without their group its members would lose its limits.
    group_id: UUID | None = Field(default=None, foreign_key="account_group.id", ondelete="RESTRICT", index=True)


class AccountSession(Table, table=True):
    """A browser that is signed in. Of its token only the SHA-256 is kept."""

    __table_args__ = (Index(None, "account_id", "created_at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: str = Field(unique=True, repr=False)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    address: str
    device: str
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Invitation(Table, table=True):
    """A link that makes one account. It goes with the admin who made it, and with the group it leads to."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: str = Field(unique=True, repr=False)
    role: str
    group_id: UUID | None = Field(default=None, foreign_key="account_group.id", ondelete="CASCADE", index=True)
    created_by: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class PasswordReset(Table, table=True):
    """The one code with which the person of an account sets a new password."""

    account_id: UUID = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    token_hash: str = Field(unique=True, repr=False)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class AuditEntry(Table, table=True):
    """What somebody did, to whom, from where. Accounts are named by id alone, since entries outlive them.

    A trigger refuses every change and every delete.
    """

    __table_args__ = (Index(None, "actor_id", "id"), Index(None, "subject_id", "id"))

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor_id: UUID | None = None
    action: str
    subject_id: UUID | None = None
    address: str
    detail: Any = Field(default_factory=dict, sa_type=JSON, nullable=False)


class TokenUsage(Table, table=True):
    """What a person took of a model on a day, in UTC."""

    account_id: UUID = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    day: date = Field(primary_key=True)
    model: str = Field(primary_key=True)
    answers: int = 0
    prompt_tokens: int = Field(default=0, sa_type=BigInteger)
    output_tokens: int = Field(default=0, sa_type=BigInteger)


class Conversation(Table, table=True):
    """A tree of messages; `leaf_id` is the end of the branch that is shown.

    `titled_by` is who found its title: its first `question`, a `model` or its `person`. `unread`: an answer came while
    nobody looked. From `deleted_at` on it is not found any more, and can be taken back for a while.
    """

    __table_args__ = (Index(None, "account_id", "updated_at", "id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    title: str
    model: str | None = None
    leaf_id: UUID | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    titled_by: str = Field(default="question", sa_column_kwargs={"server_default": "question"})
    pinned: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    archived: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    unread: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    folder_id: UUID | None = Field(default=None, foreign_key="folder.id", ondelete="SET NULL", index=True)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class Message(Table, table=True):
    """A question or an answer. `attempt` is the number of the attempt that wrote it last (see `update_answer`)."""

    __table_args__ = (Index(None, "conversation_id", "parent_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", ondelete="CASCADE")
    # No cascade here: SQLite's goes 1,000 levels deep, and a branch may be longer. The conversation's takes them all.
    parent_id: UUID | None = Field(default=None, foreign_key="message.id", index=True)
    role: str
    state: MessageState = Field(default=MessageState.COMPLETE, sa_type=_MESSAGE_STATE)
    model: str | None = None
    job_id: UUID | None = Field(default=None, index=True)
    error_code: str | None = None
    error_detail: str | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    left_out: int = 0
    first_token_ms: int | None = None
    duration_ms: int | None = None
    attempt: int = 0
    rating: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    # Last, since SQLite walks through all of a long text to reach a column behind it. Out of the representation, so
    # that no log of a row shows what somebody wrote.
    content: str = Field(sa_type=Text, repr=False)
    thinking: str = Field(default="", sa_type=Text, repr=False)
    # The stages that the answer went through, as `conversations.timeline` writes them.
    timeline: Any = Field(default=None, sa_type=JSON(none_as_null=True), nullable=True, repr=False)


class SearchEntry(Table, table=True):
    """What the full-text index holds: a message that is over, or the title of a conversation.

    `storage.search_index` keeps it, by triggers, and tells what `id` and `scope` are.
    """

    id: int = Field(primary_key=True)
    scope: str
    message_id: UUID | None = Field(default=None, foreign_key="message.id", ondelete="CASCADE", unique=True)
    conversation_id: UUID | None = Field(default=None, foreign_key="conversation.id", ondelete="CASCADE", unique=True)


class Job(Table, table=True):
    """One ask on its way through the queue. `arrival` is its place in line, kept over retries and restarts."""

    __table_args__ = (Index(None, "state", "arrival"), Index(None, "account_id", "state"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    conversation_id: UUID | None = Field(default=None, foreign_key="conversation.id", ondelete="SET NULL", index=True)
    message_id: UUID | None = Field(default=None, foreign_key="message.id", ondelete="SET NULL", index=True)
    purpose: str = "chat"
    model: str
    priority: int
    turn: str | None = None
    """What its person chose while it waited; None: nothing."""
    state: str
    arrival: int = Field(sa_type=BigInteger, unique=True)
    attempts: int = 0
    deaths: int = 0
    backend: str | None = None
    error_code: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Attempt(Table, table=True):
    """One try of a job, numbered from 1. `outcome` is None while it runs."""

    __table_args__ = (UniqueConstraint("job_id", "number"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    job_id: UUID = Field(foreign_key="job.id", ondelete="CASCADE")
    number: int
    backend: str
    model: str
    outcome: str | None = None
    started_at: datetime = Field(sa_type=UtcDateTime)
    first_token_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    bytes_received: int = 0
    tokens_received: int = 0


class Failure(Table, table=True):
    """What is recorded of a failed attempt. It outlives the job and the conversation that it names."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    job_id: UUID | None = Field(default=None, index=True)
    attempt_number: int
    code: str
    detail: str = Field(sa_type=Text)
    stage: str
    backend: str
    model: str
    account_id: UUID | None = Field(default=None, index=True)
    conversation_id: UUID | None = None
    bytes_received: int = 0
    tokens_received: int = 0
    duration_ms: int = 0
    memory_available: int | None = Field(default=None, sa_type=BigInteger)
    load_average: float | None = None
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Setting(Table, table=True):
    """A value that an admin set in the panel. It wins over flags and environment."""

    key: str = Field(primary_key=True)
    value: Any = Field(sa_type=JSON, nullable=False)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    updated_by: UUID | None = None
