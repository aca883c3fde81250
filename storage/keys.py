"""What is asked about keys. They are found by the hash of their secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from storage.key_tables import ApiKey
from storage.rows import changed_one
from storage.tables import Account


def add_key(session: Session, key: ApiKey) -> ApiKey:
    """Keep a new key."""
    session.add(key)
    session.flush()
    return key


def key_by_token(session: Session, token_hash: str) -> tuple[ApiKey, Account] | None:
    """Find a key and whose it is."""
    query = select(ApiKey, Account).join(Account, col(ApiKey.account_id) == col(Account.id))
    return session.exec(query.where(ApiKey.token_hash == token_hash)).one_or_none()


def keys_of(session: Session, account_id: UUID) -> Sequence[ApiKey]:
    """List the keys of an account, the newest first."""
    query = select(ApiKey).where(ApiKey.account_id == account_id)
    return session.exec(query.order_by(col(ApiKey.created_at).desc(), col(ApiKey.id))).all()


def touch_key(session: Session, key_id: UUID, at: datetime) -> bool:
    """Note that a key was used; False when there is none."""
    return changed_one(session, update(ApiKey).where(col(ApiKey.id) == key_id).values(used_at=at))


def delete_key(session: Session, account_id: UUID, key_id: UUID) -> bool:
    """Delete a key of the account; False when it has no such key."""
    its = (col(ApiKey.id) == key_id, col(ApiKey.account_id) == account_id)
    return changed_one(session, delete(ApiKey).where(*its))


def delete_keys(session: Session, account_id: UUID) -> Sequence[UUID]:
    """Delete every key of the account; gives their ids."""
    going = session.exec(select(ApiKey.id).where(ApiKey.account_id == account_id)).all()
    session.exec(delete(ApiKey).where(col(ApiKey.account_id) == account_id))
    return going
