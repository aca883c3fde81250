"""What is asked about links and codes that work once: invitations, and codes for a new password."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete, select

from storage.rows import changed_one
from storage.tables import Invitation, PasswordReset


def add_invitation(session: Session, invitation: Invitation) -> None:
    """Keep a new invitation, and drop those that are too old by then."""
    session.exec(delete(Invitation).where(col(Invitation.expires_at) <= invitation.created_at))
    session.add(invitation)
    session.flush()


def invitation_by_token(session: Session, token_hash: str, at: datetime) -> Invitation | None:
    """Find an invitation that can be used at that moment."""
    valid = (Invitation.token_hash == token_hash, Invitation.expires_at > at)
    return session.exec(select(Invitation).where(*valid)).one_or_none()


def list_invitations(session: Session, at: datetime) -> Sequence[Invitation]:
    """List the invitations that can be used at that moment, the newest first."""
    query = select(Invitation).where(Invitation.expires_at > at)
    return session.exec(query.order_by(col(Invitation.created_at).desc())).all()


def delete_invitation(session: Session, invitation_id: UUID) -> bool:
    """Delete an invitation, used or taken back; False when there is none."""
    return changed_one(session, delete(Invitation).where(col(Invitation.id) == invitation_id))


def delete_invitations_by(session: Session, account_id: UUID) -> int:
    """Delete what an account has invited to; gives how many there were."""
    return session.exec(delete(Invitation).where(col(Invitation.created_by) == account_id)).rowcount


def set_reset(session: Session, reset: PasswordReset) -> None:
    """Keep the code with which an account gets a new password; an earlier one stops working."""
    session.merge(reset)
    session.flush()


def reset_by_token(session: Session, token_hash: str, at: datetime) -> PasswordReset | None:
    """Find a code that can be used at that moment."""
    valid = (PasswordReset.token_hash == token_hash, PasswordReset.expires_at > at)
    return session.exec(select(PasswordReset).where(*valid)).one_or_none()


def delete_reset(session: Session, account_id: UUID) -> bool:
    """Delete the code of an account; False when it has none."""
    return changed_one(session, delete(PasswordReset).where(col(PasswordReset.account_id) == account_id))
