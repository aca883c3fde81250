"""Statements that change one row or none."""

from __future__ import annotations

from sqlalchemy import UpdateBase
from sqlmodel import Session


def changed_one(session: Session, statement: UpdateBase) -> bool:
    """Run `statement`, which names a row by its key, and tell whether the row was there."""
    return session.exec(statement).rowcount == 1
