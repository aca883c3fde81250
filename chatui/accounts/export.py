"""Everything that belongs to a person, as one JSON document, made piece by piece.

    {"format": "samovar-account", "version": 1, "exported_at": ..., "account": {...}, "sessions": [...], "keys": [...],
     "usage": [...], "jobs": [...], "audit": [...], "unsent": [...], "shares": [...],
     "presets": [...], "prompts": [...], "conversations": [{..., "messages": [...]}, ...],
     "files": [{..., "messages": [their ids], "data": base64}, ...]}

Secrets and their hashes are left out. Each piece is read on its own, so that no read holds its snapshot for long.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncGenerator, Iterable
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.domain.errors import NotFound
from chatui.domain.messages import UserId
from storage import (
    accounts,
    attachments,
    audit,
    conversations,
    keys,
    manners,
    own_data,
    prompts,
    sessions,
    shares,
    unsent,
    usage,
)
from storage.tables import AuditEntry, Table

_SECRETS: Final = {"password_hash", "token_hash", "sign_in_name"}
_MOST_ENTRIES: Final = 10_000


async def export_pieces(store: Store, user: UserId, at: datetime) -> AsyncGenerator[str, None]:
    """Give the document in pieces of text; raises NotFound, before the first of them, for an account that is gone."""
    head = await store.read(lambda session: _head(session, user, at))
    ids = await store.read(lambda session: own_data.conversation_ids(session, user))
    yield f'{_json(head)[:-1]}, "conversations": ['
    separator = ""
    for conversation_id in ids:
        piece = await store.read(partial(_conversation, user=user, conversation_id=conversation_id))
        if piece is not None:  # deleted meanwhile
            yield separator + _json(piece)
            separator = ", "
    yield '], "files": ['
    separator = ""
    for file_id in await store.read(lambda session: attachments.ids_of(session, user)):
        file = await store.read(partial(_file, user=user, file_id=file_id))
        if file is not None:
            yield separator + _json(file)
            separator = ", "
    yield "]}"


def _head(session: Session, user: UserId, at: datetime) -> dict[str, Any]:
    account = accounts.get_account(session, user)
    if account is None:
        raise NotFound("no such account")
    return {
        "format": "samovar-account",
        "version": 1,
        "exported_at": at,
        "account": _plain(account),
        "sessions": _list(sessions.sessions_of(session, user)),
        "keys": _list(keys.keys_of(session, user)),
        "usage": _list(usage.usage_of(session, user, date.min, date.max)),
        "jobs": _list(own_data.jobs_of(session, user)),
        "audit": [_entry(entry, user) for entry in audit.entries_about(session, user, _MOST_ENTRIES)],
        "presets": _list(manners.presets_of(session, user)),
        "prompts": _list(prompts.prompts_of(session, user)),
        "unsent": _list(unsent.unsent_of(session, user)),
        "shares": _list(shares.shares_of(session, user)),
    }


def _conversation(session: Session, user: UserId, conversation_id: UUID) -> dict[str, Any] | None:
    conversation = conversations.conversation_of(session, user, conversation_id)
    if conversation is None:
        return None
    manner = manners.manner_of(session, conversation_id)
    return {**_plain(conversation), "manner": manner, "messages": _list(own_data.messages_in(session, conversation_id))}


def _file(session: Session, user: UserId, file_id: UUID) -> dict[str, Any] | None:
    """A file, with the messages that it stands beside: none where it was not sent."""
    file = attachments.attachment_of(session, user, file_id)
    if file is None:
        return None
    return {
        **_plain(file),
        "messages": attachments.messages_beside(session, file_id),
        "data": b64encode(file.data).decode(),
    }


def _entry(entry: AuditEntry, user: UserId) -> dict[str, Any]:
    """What the log tells, without who else was at work and from where."""
    mine = entry.actor_id in {None, user}
    return {name: value for name, value in _plain(entry).items() if mine or name not in {"actor_id", "address"}}


def _list(rows: Iterable[Table]) -> list[dict[str, Any]]:
    return [_plain(row) for row in rows]


def _plain(row: Table) -> dict[str, Any]:
    return {name: value for name, value in row.model_dump().items() if name not in _SECRETS}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_text)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
