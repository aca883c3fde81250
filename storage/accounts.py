"""What is asked about accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, delete, func, select, update

from storage.rows import changed_one
from storage.tables import Account, Failure, Job


class AccountFields(TypedDict, total=False):
    """What may change of an account."""

    name: str
    sign_in_name: str | None
    password_hash: str | None
    role: str
    state: str
    group_id: UUID | None


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


def account_to_sign_in(session: Session, sign_in_name: str) -> Account | None:
    """Find the account that somebody signs in to with a name, which is folded."""
    return session.exec(select(Account).where(Account.sign_in_name == sign_in_name)).one_or_none()


def accounts_called(session: Session, name: str, sign_in_name: str) -> Sequence[UUID]:
    """List the accounts that have a name, in whatever case."""
    same = or_(col(Account.name) == name, col(Account.sign_in_name) == sign_in_name)
    return session.exec(select(Account.id).where(same)).all()


def add_account(session: Session, account: Account) -> Account:
    """Keep a new account. Raises Conflict when its name is taken."""
    session.add(account)
    session.flush()
    return account


def change_account(session: Session, account_id: UUID, **fields: Unpack[AccountFields]) -> bool:
    """Give an account other values; False when there is none."""
    return changed_one(session, update(Account).where(col(Account.id) == account_id).values(**fields))


def delete_account(session: Session, account_id: UUID) -> bool:
    """Delete an account with its conversations, jobs, failures, sessions, keys and usage. False when there is none."""
    its_jobs = select(col(Job.id)).where(col(Job.account_id) == account_id)
    its = or_(col(Failure.job_id).in_(its_jobs), col(Failure.account_id) == account_id)
    session.exec(delete(Failure).where(its))
    return changed_one(session, delete(Account).where(col(Account.id) == account_id))


def count_admins(session: Session) -> int:
    """Count the admins who can sign in."""
    query = select(func.count()).select_from(Account).where(Account.role == "admin", Account.state == "active")
    return session.exec(query.where(col(Account.password_hash).is_not(None))).one()


def oldest_admin(session: Session) -> Account | None:
    """Find the admin who can sign in and has been there longest."""
    query = select(Account).where(Account.role == "admin", Account.state == "active")
    query = query.where(col(Account.password_hash).is_not(None)).order_by(col(Account.created_at), col(Account.id))
    return session.exec(query.limit(1)).one_or_none()


def count_pending(session: Session) -> int:
    """Count the accounts that wait for approval."""
    return session.exec(select(func.count()).select_from(Account).where(Account.state == "pending")).one()


def members_of(session: Session, group_id: UUID) -> Sequence[UUID]:
    """List the accounts of a group."""
    return session.exec(select(Account.id).where(Account.group_id == group_id)).all()


def admin_without_name(session: Session) -> Account | None:
    """Find the admin to whose account nobody can sign in yet: the local person of a first, unguarded run."""
    query = select(Account).where(Account.role == "admin", col(Account.sign_in_name).is_(None))
    return session.exec(query.order_by(col(Account.created_at)).limit(1)).one_or_none()
