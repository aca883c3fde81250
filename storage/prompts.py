"""What is asked about the library of prompts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, delete, func, select

from storage.rows import changed_one
from storage.tables import Account, Prompt


def prompts_for(session: Session, account_id: UUID) -> Sequence[tuple[Prompt, str | None]]:
    """List what the account can pick, by name, each with its author's name: its own, and what is shared."""
    query = select(Prompt, Account.name).join(Account, col(Prompt.account_id) == col(Account.id), isouter=True)
    seen = or_(col(Prompt.account_id) == account_id, col(Prompt.shared))
    return session.exec(query.where(seen).order_by(func.lower(Prompt.name), col(Prompt.id))).all()


def prompts_of(session: Session, account_id: UUID) -> Sequence[Prompt]:
    """List what belongs to the account, by name."""
    query = select(Prompt).where(Prompt.account_id == account_id)
    return session.exec(query.order_by(func.lower(Prompt.name), col(Prompt.id))).all()


def prompt_by_id(session: Session, prompt_id: UUID) -> Prompt | None:
    """Find a prompt, whoever it belongs to."""
    return session.get(Prompt, prompt_id)


def prompt_named(session: Session, account_id: UUID | None, name: str) -> Prompt | None:
    """Find by its name what belongs to an account; with None what is the team's."""
    return session.exec(select(Prompt).where(Prompt.account_id == account_id, Prompt.name == name)).first()


def count_of(session: Session, account_id: UUID | None) -> int:
    """Count what belongs to an account; with None what is the team's."""
    return session.exec(select(func.count()).select_from(Prompt).where(Prompt.account_id == account_id)).one()


def count_shared(session: Session) -> int:
    """Count what everybody sees."""
    return session.exec(select(func.count()).select_from(Prompt).where(col(Prompt.shared))).one()


def delete_prompt(session: Session, prompt_id: UUID) -> bool:
    """Delete a prompt that was found before; False when it is gone."""
    return changed_one(session, delete(Prompt).where(col(Prompt.id) == prompt_id))
