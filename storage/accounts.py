"""What is asked about accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from storage.tables import Account


def ensure_account(session: Session, name: str, role: str, at: datetime) -> Account:
    """Give the account of that name as it is, or make it with `role`."""
    found = account_named(session, name)
    if found is not None:
        return found
    account = Account(name=name, role=role, created_at=at)
    session.add(account)
    session.flush()
    return account


def account_named(session: Session, name: str) -> Account | None:
    """Find an account by its name."""
    return session.exec(select(Account).where(Account.name == name)).one_or_none()


def list_accounts(session: Session) -> Sequence[Account]:
    """List everybody, in no order."""
    return session.exec(select(Account)).all()


def get_account(session: Session, account_id: UUID) -> Account | None:
    """Find an account by its id."""
    return session.get(Account, account_id)
