"""The files in our own exports: each told by itself, with the messages that it stands beside."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid5

from chatui.conversations.files.names import clean_name
from chatui.conversations.importing.fields import id_of, list_of, mapping_of, text_of
from chatui.conversations.importing.items import FileItem
from chatui.domain.messages import ConversationId, MessageId, Role, UserId

_MOST_MESSAGES: Final = 1_000
"""Questions in other words have the files of the first."""
_LONGEST_NAME: Final = 4_096


@dataclass(frozen=True, slots=True)
class Brought:
    """A file, and where it goes: the same from the same each time. Without `data` it is damaged."""

    id: UUID
    conversation: ConversationId
    messages: Sequence[MessageId]
    name: str
    data: bytes | None = field(repr=False)


def brought(item: FileItem, account: UserId) -> Brought | None:
    """Read one; None for what is no file, or stands beside no message."""
    told = mapping_of(item.told)
    origin, messages = id_of(told.get("conversation_id")), map(id_of, list_of(told.get("messages"))[:_MOST_MESSAGES])
    was = [one for one in messages if one is not None]
    if origin is None or not was:
        return None
    conversation = ConversationId(uuid5(account, f"samovar:{origin}"))
    return Brought(
        id=uuid5(conversation, f"file {id_of(told.get('id')) or was[0]}"),
        conversation=conversation,
        messages=[MessageId(uuid5(conversation, f"{Role.USER} {one}")) for one in was],
        name=clean_name(text_of(told.get("name"))[:_LONGEST_NAME]),
        data=_decoded(told.get("data")),
    )


def _decoded(told: object) -> bytes | None:
    try:
        return b64decode(told, validate=True) if isinstance(told, str) else None
    except (binascii.Error, ValueError):
        return None
