"""What is asked about conversations. Whoever asks names the account: what belongs to somebody else is not found.

Nor is what was deleted, from the first moment on (see `storage.shelf`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, literal, tuple_
from sqlmodel import Session, col, delete, select, update

from storage.columns import UtcDateTime
from storage.rows import changed_one
from storage.tables import Conversation, Message


def create_conversation(
    session: Session, account_id: UUID, title: str, at: datetime, model: str | None = None
) -> Conversation:
    """Start an empty conversation."""
    conversation = Conversation(account_id=account_id, title=title, model=model, created_at=at, updated_at=at)
    session.add(conversation)
    session.flush()
    return conversation


def conversation_of(session: Session, account_id: UUID, conversation_id: UUID) -> Conversation | None:
    """Find a conversation of the account."""
    query = select(Conversation).where(*_owned(account_id, conversation_id), col(Conversation.deleted_at).is_(None))
    return session.exec(query).one_or_none()


def list_conversations(
    session: Session, account_id: UUID, limit: int, before: tuple[datetime, UUID] | None = None
) -> Sequence[Conversation]:
    """List conversations of the account, the last touched first.

    `before` is `(updated_at, id)` of the last one on the page before.
    """
    query = select(Conversation).where(Conversation.account_id == account_id, col(Conversation.deleted_at).is_(None))
    if before is not None:
        place = tuple_(col(Conversation.updated_at), col(Conversation.id))
        query = query.where(place < tuple_(literal(before[0], UtcDateTime), literal(before[1])))
    newest_first = (col(Conversation.updated_at).desc(), col(Conversation.id).desc())
    return session.exec(query.order_by(*newest_first).limit(limit)).all()


def rename(session: Session, account_id: UUID, conversation_id: UUID, title: str) -> bool:
    """Give a conversation of the account another title; False when there is none."""
    return _change(session, account_id, conversation_id, title=title)


def set_leaf(session: Session, account_id: UUID, conversation_id: UUID, leaf_id: UUID) -> bool:
    """Show the branch that ends at `leaf_id`; False when the account has no such conversation or it no such message."""
    is_in_it = exists().where(col(Message.id) == leaf_id, col(Message.conversation_id) == conversation_id)
    return _change(session, account_id, conversation_id, is_in_it, leaf_id=leaf_id)


def touch(session: Session, account_id: UUID, conversation_id: UUID, at: datetime) -> bool:
    """Bring a conversation of the account to the top of its list; False when there is none."""
    return _change(session, account_id, conversation_id, updated_at=at)


def delete_conversation(session: Session, account_id: UUID, conversation_id: UUID) -> bool:
    """Delete a conversation of the account and its messages; jobs stay without it. False when there is none."""
    return changed_one(session, delete(Conversation).where(*_owned(account_id, conversation_id)))


def _change(
    session: Session, account_id: UUID, conversation_id: UUID, *conditions: ColumnElement[bool], **values: object
) -> bool:
    query = update(Conversation).where(*_owned(account_id, conversation_id), *conditions)
    return changed_one(session, query.values(**values))


def _owned(account_id: UUID, conversation_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Conversation.id) == conversation_id, col(Conversation.account_id) == account_id
