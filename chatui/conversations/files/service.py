"""Files of everybody in a room, each for its own person.

Every method names who acts; what is not theirs is not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.conversations.files.kinds import FileFlaw
from chatui.conversations.files.names import clean_name
from chatui.conversations.files.reader import FileReader, Known
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import FileRefused, NotFound
from chatui.domain.messages import ConversationId, UserId
from chatui.domain.people import User
from storage import attachments, conversations, shares
from storage.attachments import Head
from storage.database import Clocks
from storage.tables import Attachment

_AT_ONCE: Final = 4
"""Files that one person may be sending."""
_MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How large a file may be, how many may stand beside a question, and what all of a person's may take, in MB."""

    largest_mb: int = 10
    most: int = 10
    person_mb: int = 200


@dataclass(frozen=True, slots=True)
class FileGround:
    """What reads files, and the limits in force."""

    reader: FileReader
    limits: Callable[[], FileLimits]


class Files:
    """Files that were put beside questions. `welcome` makes sure that the store knows a person."""

    def __init__(
        self, store: Store, clocks: Clocks, on: FileGround, welcome: Callable[[Session, UserId], None] | None = None
    ) -> None:
        self._store = store
        self._clocks = clocks
        self._on = on
        self._welcome = welcome
        self._coming: Counter[UserId] = Counter()

    @property
    def limits(self) -> FileLimits:
        """What is taken now."""
        return self._on.limits()

    async def room_for(self, by: User, conversation: ConversationId | None, name: str, size: int) -> None:
        """Return when a file of that size would be taken; raises a `Refused` before any of it is sent."""
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))
        limits = self.limits
        if size > limits.largest_mb * _MB:
            raise FileRefused(FileFlaw.LARGE, clean_name(name), limits.largest_mb)
        if self._coming[by.id] >= _AT_ONCE:
            raise FileRefused(FileFlaw.BUSY, clean_name(name))
        await self._store.read(lambda session: self._require_room(session, by, conversation, name, size))

    async def put(self, by: User, conversation: ConversationId | None, name: str, data: bytes) -> Head:
        """Keep a file beside the next question of a conversation, or of one that is not begun. Raises a `Refused`."""
        await self.room_for(by, conversation, name, len(data))
        self._coming[by.id] += 1
        try:
            known = await self._on.reader.read(clean_name(name), data)
        finally:
            self._coming[by.id] -= 1
            self._coming = +self._coming
        row = row_of(by, conversation, clean_name(name), known, self._clocks.now())

        def write(session: Session) -> Head:
            self._require_room(session, by, conversation, name, row.size)
            if self._welcome is not None:
                self._welcome(session, by.id)
            attachments.add_attachment(session, row)
            return attachments.head_of(row)

        return await self._store.write(write)

    async def unsent(self, by: User, conversation: ConversationId | None) -> Sequence[Head]:
        """List what lies beside the next question of a conversation, on whatever device it was put there."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))
        return await self._store.read(lambda session: attachments.unsent_of(session, by.id, conversation))

    async def take_away(self, by: User, attachment: UUID) -> ConversationId | None:
        """Delete a file that was not sent, and tell beside what it lay; raises `NotFound`."""
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))

        def write(session: Session) -> ConversationId | None:
            found = attachments.attachment_of(session, by.id, attachment)
            if found is None or not attachments.delete_unsent(session, by.id, attachment):
                raise NotFound
            return ConversationId(found.conversation_id) if found.conversation_id else None

        return await self._store.write(write)

    async def open(self, by: User, attachment: UUID) -> Attachment:
        """Give a file of one's own, or of what can be read of a shared conversation; raises `NotFound`."""
        require(by, Action.READ_ATTACHMENT, Owned(by.id))

        def read(session: Session) -> Attachment:
            found = attachments.attachment_of(session, by.id, attachment) or shares.shared_file(session, attachment)
            if found is None:
                raise NotFound
            require(by, Action.READ_ATTACHMENT, Owned(UserId(found.account_id), frozenset({by.id})))
            return found

        return await self._store.read(read)

    def _require_room(
        self, session: Session, by: User, conversation: ConversationId | None, name: str, size: int
    ) -> None:
        limits = self.limits
        if conversation and conversations.conversation_of(session, by.id, conversation) is None:
            raise NotFound
        if attachments.count_unsent(session, by.id, conversation) >= limits.most:
            raise FileRefused(FileFlaw.MANY, clean_name(name), limits.most)
        require_room(session, by, [(clean_name(name), size)], limits)


def row_of(by: User, conversation: ConversationId | None, name: str, known: Known, at: datetime) -> Attachment:
    """Draft the row of a file that was read."""
    return Attachment(
        account_id=by.id,
        conversation_id=conversation,
        name=name,
        kind=known.kind,
        media_type=known.media_type,
        size=len(known.data),
        tokens=known.tokens,
        created_at=at,
        text=known.text,
        data=known.data,
    )


def require_room(session: Session, by: User, files: Sequence[tuple[str, int]], limits: FileLimits) -> None:
    """Raise `FileRefused` for the first file, by name and size, that is more than all of a person's may take."""
    taken = attachments.bytes_of(session, by.id) if files else 0
    for name, size in files:
        taken += size
        if taken > limits.person_mb * _MB:
            raise FileRefused(FileFlaw.FULL, name, limits.person_mb)
