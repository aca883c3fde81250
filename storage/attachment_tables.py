"""Files that people put beside their questions. The same rules as in `storage.tables`, which gives these, too."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, Text
from sqlmodel import Field

from storage.columns import UtcDateTime
from storage.table import Table


class Attachment(Table, table=True):
    """A file, whole in its row, so that backups, secure deletes and the rules of access hold for it as for any text.

    It lies beside the next question of its conversation (None: of one that is not begun) until a `MessageAttachment`
    names it. `kind` is what it is by its content, `size` that of `data`, `tokens` about what a model makes of it.
    `text` is what a model reads of it: nothing of a picture.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    conversation_id: UUID | None = Field(default=None, foreign_key="conversation.id", ondelete="CASCADE", index=True)
    name: str
    kind: str
    media_type: str
    size: int
    tokens: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(default="", sa_type=Text, repr=False)
    # Last, since SQLite walks through all of a long value to reach a column behind it.
    data: bytes = Field(sa_type=LargeBinary, repr=False)


class MessageAttachment(Table, table=True):
    """That a question has a file beside it. A question in other words has those of the first."""

    message_id: UUID = Field(primary_key=True, foreign_key="message.id", ondelete="CASCADE")
    attachment_id: UUID = Field(primary_key=True, foreign_key="attachment.id", ondelete="CASCADE", index=True)
    position: int
