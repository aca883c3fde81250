"""What is asked about sessions. They are found by the hash of their token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, delete, select, update

from storage.rows import changed_one
from storage.tables import Account, AccountSession


def add_session(session: Session, opened: AccountSession, most: int) -> Sequence[UUID]:
    """Keep a new session; beyond `most` of an account the oldest go. Gives the ids of those that went."""
    session.add(opened)
    session.flush()
    mine = select(col(AccountSession.id)).where(col(AccountSession.account_id) == opened.account_id)
    newest_first = (col(AccountSession.id) != opened.id, col(AccountSession.created_at).desc(), col(AccountSession.id))
    too_many = session.exec(mine.order_by(*newest_first).offset(most)).all()
    return _delete(session, col(AccountSession.id).in_(too_many)) if too_many else ()


def session_by_token(session: Session, token_hash: str) -> tuple[AccountSession, Account] | None:
    """Find a session and whose it is."""
    query = select(AccountSession, Account).join(Account, col(AccountSession.account_id) == col(Account.id))
    return session.exec(query.where(AccountSession.token_hash == token_hash)).one_or_none()


def sessions_of(session: Session, account_id: UUID) -> Sequence[AccountSession]:
    """List the sessions of an account, the last used first."""
    query = select(AccountSession).where(AccountSession.account_id == account_id)
    return session.exec(query.order_by(col(AccountSession.used_at).desc())).all()


def list_addresses(session: Session) -> Sequence[tuple[str | None, str]]:
    """List who is signed in from where: the name that they signed in with, and the address."""
    query = select(Account.sign_in_name, AccountSession.address)
    return session.exec(query.join(AccountSession, col(AccountSession.account_id) == col(Account.id)).distinct()).all()


def touch_session(session: Session, session_id: UUID, at: datetime) -> bool:
    """Note that a session was used; False when there is none."""
    used = update(AccountSession).where(col(AccountSession.id) == session_id)
    return changed_one(session, used.values(used_at=at))


def close_session(session: Session, account_id: UUID, session_id: UUID) -> bool:
    """Delete a session of the account; False when it has no such session."""
    its = (col(AccountSession.id) == session_id, col(AccountSession.account_id) == account_id)
    return changed_one(session, delete(AccountSession).where(*its))


def close_sessions(session: Session, account_id: UUID, but: UUID | None = None) -> Sequence[UUID]:
    """Delete the sessions of an account, all or all but one; gives their ids."""
    its = col(AccountSession.account_id) == account_id
    return _delete(session, its if but is None else its & (col(AccountSession.id) != but))


def purge_sessions(session: Session, created: datetime, used: datetime) -> Sequence[tuple[UUID, UUID]]:
    """Delete the sessions made at or before `created` or last used at or before `used`; gives their accounts' ids too.

    Each pair is of an account's id and the session's.
    """
    over = or_(col(AccountSession.created_at) <= created, col(AccountSession.used_at) <= used)
    going = session.exec(select(AccountSession.account_id, AccountSession.id).where(over)).all()
    session.exec(delete(AccountSession).where(over))
    return going


def _delete(session: Session, which: ColumnElement[bool]) -> Sequence[UUID]:
    going = session.exec(select(AccountSession.id).where(which)).all()
    session.exec(delete(AccountSession).where(which))
    return going
