"""How the conversations of an account lie: in which order, in which folder, archived, or deleted for the moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from sqlalchemy import ColumnElement, Update, or_
from sqlmodel import Session, col, delete, func, select, update

from storage.rows import changed_one
from storage.tables import Conversation


class Place(TypedDict, total=False):
    """What may change of where a conversation lies and what it is called."""

    title: str
    titled_by: str
    pinned: bool
    archived: bool
    unread: bool
    folder_id: UUID | None


def kept_together(session: Session, account_id: UUID) -> Sequence[Conversation]:
    """List what is pinned or in a folder, the last touched first, however old."""
    lies = or_(col(Conversation.pinned), col(Conversation.folder_id).is_not(None))
    return _newest(session, account_id, lies, col(Conversation.archived).is_(False))


def recent(session: Session, account_id: UUID, limit: int) -> Sequence[Conversation]:
    """List what is neither pinned nor in a folder, the last touched first."""
    loose = (col(Conversation.pinned).is_(False), col(Conversation.folder_id).is_(None))
    return _newest(session, account_id, *loose, col(Conversation.archived).is_(False), limit=limit)


def archived(session: Session, account_id: UUID, limit: int) -> Sequence[Conversation]:
    """List what is archived, the last touched first."""
    return _newest(session, account_id, col(Conversation.archived).is_(True), limit=limit)


def count_archived(session: Session, account_id: UUID) -> int:
    """Count what is archived."""
    query = select(func.count()).select_from(Conversation).where(Conversation.account_id == account_id)
    there = (col(Conversation.archived).is_(True), col(Conversation.deleted_at).is_(None))
    return session.exec(query.where(*there)).one()


def place(session: Session, account_id: UUID, conversation_id: UUID, **values: Unpack[Place]) -> bool:
    """Change how a conversation of the account lies; False when there is none."""
    there = col(Conversation.deleted_at).is_(None)
    return changed_one(session, _theirs(account_id, conversation_id).where(there).values(**values))


def is_unread(session: Session, account_id: UUID, conversation_id: UUID) -> bool:
    """Tell whether a conversation of the account has an answer that nobody saw."""
    query = select(Conversation.unread).where(Conversation.id == conversation_id, Conversation.account_id == account_id)
    return bool(session.exec(query).one_or_none())


def mark_unread(session: Session, conversation_ids: Collection[UUID]) -> None:
    """Note that an answer came in these conversations while nobody looked."""
    query = update(Conversation).where(col(Conversation.id).in_(conversation_ids))
    session.exec(query.values(unread=True))


def put_away(session: Session, account_id: UUID, conversation_id: UUID, at: datetime) -> bool:
    """Delete a conversation of the account for the moment; False when there is none."""
    there = col(Conversation.deleted_at).is_(None)
    return changed_one(session, _theirs(account_id, conversation_id).where(there).values(deleted_at=at))


def take_back(session: Session, account_id: UUID, conversation_id: UUID) -> bool:
    """Undo `put_away`; False when it was not, or too long ago."""
    away = col(Conversation.deleted_at).is_not(None)
    return changed_one(session, _theirs(account_id, conversation_id).where(away).values(deleted_at=None))


def oldest_put_away(session: Session) -> datetime | None:
    """Tell when the first was put away of those that still can be taken back."""
    query = select(Conversation.deleted_at).where(col(Conversation.deleted_at).is_not(None))
    return session.exec(query.order_by(col(Conversation.deleted_at)).limit(1)).first()


def purge(session: Session, before: datetime) -> int:
    """Delete for good what was put away before that, with its messages; give how many went. Jobs stay without it."""
    return session.exec(delete(Conversation).where(col(Conversation.deleted_at) <= before)).rowcount


def _newest(
    session: Session, account_id: UUID, *conditions: ColumnElement[bool], limit: int | None = None
) -> Sequence[Conversation]:
    query = select(Conversation).where(Conversation.account_id == account_id, col(Conversation.deleted_at).is_(None))
    query = query.where(*conditions)
    newest_first = (col(Conversation.updated_at).desc(), col(Conversation.id).desc())
    return session.exec(query.order_by(*newest_first).limit(limit)).all()


def _theirs(account_id: UUID, conversation_id: UUID) -> Update:
    return update(Conversation).where(
        col(Conversation.id) == conversation_id, col(Conversation.account_id) == account_id
    )
