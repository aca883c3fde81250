"""What is asked about texts that were typed and not sent. Each is found by its account alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete, select

from storage.tables import UnsentText


def unsent_text(session: Session, account_id: UUID, conversation_id: UUID | None) -> str:
    """Give what the account typed for a conversation, None for one that is not begun; empty where it is nothing."""
    found = session.get(UnsentText, _place(account_id, conversation_id))
    return found.text if found is not None and found.account_id == account_id else ""


def keep_unsent(session: Session, account_id: UUID, conversation_id: UUID | None, text: str, at: datetime) -> None:
    """Keep what the account typed for a conversation that was found by it, in the place of what was there."""
    place = _place(account_id, conversation_id)
    row = UnsentText(place=place, account_id=account_id, conversation_id=conversation_id, text=text, updated_at=at)
    session.merge(row)
    session.flush()


def forget_unsent(session: Session, account_id: UUID, conversation_id: UUID | None) -> None:
    """Delete what the account typed for a conversation."""
    here = col(UnsentText.place) == _place(account_id, conversation_id)
    session.exec(delete(UnsentText).where(here, col(UnsentText.account_id) == account_id))


def unsent_of(session: Session, account_id: UUID) -> Sequence[UnsentText]:
    """List everything that the account typed and did not send, the oldest first."""
    query = select(UnsentText).where(UnsentText.account_id == account_id)
    return session.exec(query.order_by(col(UnsentText.updated_at), col(UnsentText.place))).all()


def _place(account_id: UUID, conversation_id: UUID | None) -> UUID:
    return conversation_id or account_id
