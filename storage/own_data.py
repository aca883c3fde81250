"""What is asked for an export of everything that belongs to an account."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from storage.tables import Conversation, Job, Message


def conversation_ids(session: Session, account_id: UUID) -> Sequence[UUID]:
    """List the conversations of an account, the last touched first."""
    query = select(Conversation.id).where(Conversation.account_id == account_id)
    return session.exec(query.order_by(col(Conversation.updated_at).desc(), col(Conversation.id).desc())).all()


def messages_in(session: Session, conversation_id: UUID) -> Sequence[Message]:
    """List every message of a conversation that was found by its account, oldest first."""
    query = select(Message).where(Message.conversation_id == conversation_id)
    return session.exec(query.order_by(col(Message.created_at), col(Message.id))).all()


def jobs_of(session: Session, account_id: UUID) -> Sequence[Job]:
    """List the jobs of an account, in the order in which they arrived."""
    return session.exec(select(Job).where(Job.account_id == account_id).order_by(col(Job.arrival))).all()
