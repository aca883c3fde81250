"""What is asked when conversations come from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from storage.tables import Conversation, Message


def conversations_there(session: Session, account_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Tell which of these the account has, also those that can still be taken back."""
    query = select(Conversation.id).where(Conversation.account_id == account_id, col(Conversation.id).in_(ids))
    return set(session.exec(query))


def count_conversations(session: Session, account_id: UUID) -> int:
    """Count what the account has."""
    query = select(func.count()).select_from(Conversation).where(Conversation.account_id == account_id)
    return session.exec(query).one()


def add_whole(session: Session, conversation: Conversation, messages: Sequence[Message]) -> None:
    """Keep a conversation with its messages, each of them behind the one that it follows."""
    # Past the unit of work, as `add_message` does it: many thousands may come.
    connection = session.connection()
    connection.execute(insert(Conversation), {name: getattr(conversation, name) for name in Conversation.model_fields})
    rows = [{name: getattr(message, name) for name in Message.model_fields} for message in messages]
    connection.execute(insert(Message), rows)
