"""Keeping the files of an import: read anew like any that is sent, and within the limits of their person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.conversations.files.kinds import FileFlaw
from chatui.conversations.files.reader import Known
from chatui.conversations.files.service import FileGround, FileLimits, require_room, row_of
from chatui.conversations.importing.brought import Brought
from chatui.domain.errors import FileRefused
from chatui.domain.messages import MessageId
from chatui.domain.people import User
from storage import attachments, messages
from storage.database import Clocks

_MB = 1024 * 1024


class Bringing:
    """Keeps files beside the messages that an import has brought."""

    def __init__(self, store: Store, clocks: Clocks, on: FileGround) -> None:
        self._store = store
        self._clocks = clocks
        self._on = on

    async def bring(self, by: User, file: Brought) -> bool:
        """Keep one; False where it is there already, or its messages are not. Raises `FileRefused`."""
        if not await self._store.read(lambda session: _missing_beside(session, by, file)):
            return False
        limits = self._on.limits()
        if file.data is None:
            raise FileRefused(FileFlaw.DAMAGED, file.name)
        if len(file.data) > limits.largest_mb * _MB:
            raise FileRefused(FileFlaw.LARGE, file.name, limits.largest_mb)
        known = await self._on.reader.read(file.name, file.data)
        return await self._store.write(partial(self._keep, by=by, file=file, known=known, limits=limits))

    def _keep(self, session: Session, by: User, file: Brought, known: Known, limits: FileLimits) -> bool:
        beside = _missing_beside(session, by, file)
        if not beside:
            return False
        row = row_of(by, file.conversation, file.name, known, self._clocks.now())
        row.id = file.id
        require_room(session, by, [(row.name, row.size)], limits)
        there = attachments.heads_of(session, beside)
        if any(len(there.get(message, ())) >= limits.most for message in beside):
            raise FileRefused(FileFlaw.MANY, file.name, limits.most)
        attachments.add_attachment(session, row)
        for message in beside:
            attachments.put_beside(session, message, row.id, len(there.get(message, ())))
        return True


def _missing_beside(session: Session, by: User, file: Brought) -> Sequence[MessageId]:
    """The messages of the person's that are to have a file; none where it is there."""
    if attachments.attachment_of(session, by.id, file.id) is not None:
        return ()
    return [one for one in file.messages if messages.message_of(session, by.id, one) is not None]
