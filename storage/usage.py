"""Tokens used, by person, day and model. Days are those of UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, func, select, update

from storage.rows import changed_one
from storage.tables import Account, Group, TokenUsage


def add_usage(session: Session, answer: TokenUsage) -> None:
    """Add what an answer took to what the same person took of the same model on the same day."""
    same = (
        col(TokenUsage.account_id) == answer.account_id,
        col(TokenUsage.day) == answer.day,
        col(TokenUsage.model) == answer.model,
    )
    more = {
        "answers": col(TokenUsage.answers) + answer.answers,
        "prompt_tokens": col(TokenUsage.prompt_tokens) + answer.prompt_tokens,
        "output_tokens": col(TokenUsage.output_tokens) + answer.output_tokens,
    }
    if not changed_one(session, update(TokenUsage).where(*same).values(**more)):
        session.add(answer)
        session.flush()


def tokens_on(session: Session, account_id: UUID, day: date) -> int:
    """Sum the tokens that a person read and wrote on a day."""
    tokens = func.coalesce(func.sum(TokenUsage.prompt_tokens + TokenUsage.output_tokens), 0)
    return int(session.exec(select(tokens).where(TokenUsage.account_id == account_id, TokenUsage.day == day)).one())


def usage_of(session: Session, account_id: UUID, first: date, last: date) -> Sequence[TokenUsage]:
    """List what a person took from the `first` day to the `last`, in the order of days and models."""
    query = select(TokenUsage).where(
        TokenUsage.account_id == account_id, TokenUsage.day >= first, TokenUsage.day <= last
    )
    return session.exec(query.order_by(col(TokenUsage.day), col(TokenUsage.model))).all()


def usage_between(session: Session, first: date, last: date) -> Sequence[tuple[TokenUsage, str, str | None]]:
    """List what was taken from one day to another, by whom, and their group; by days, names and models."""
    query = (
        select(TokenUsage, Account.name, Group.name)
        .join(Account, col(Account.id) == col(TokenUsage.account_id))
        .outerjoin(Group, col(Group.id) == col(Account.group_id))
        .where(TokenUsage.day >= first, TokenUsage.day <= last)
    )
    return session.exec(query.order_by(col(TokenUsage.day), col(Account.name), col(TokenUsage.model))).all()
