"""What is asked about groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from storage.rows import changed_one
from storage.tables import Account, Group


class GroupFields(TypedDict):
    """Everything of a group that may change."""

    name: str
    weight: float | None
    priority: int | None
    running: int | None
    queued: int | None
    tokens_per_day: int | None
    models: list[str] | None


def add_group(session: Session, group: Group) -> Group:
    """Keep a new group. Raises Conflict when its name is taken."""
    session.add(group)
    session.flush()
    return group


def get_group(session: Session, group_id: UUID) -> Group | None:
    """Find a group by its id."""
    return session.get(Group, group_id)


def group_named(session: Session, name: str) -> Group | None:
    """Find a group by its name."""
    return session.exec(select(Group).where(Group.name == name)).one_or_none()


def list_groups(session: Session) -> Sequence[Group]:
    """List the groups by name."""
    return session.exec(select(Group).order_by(col(Group.name))).all()


def change_group(session: Session, group_id: UUID, **fields: Unpack[GroupFields]) -> bool:
    """Give a group other values; False when there is none."""
    return changed_one(session, update(Group).where(col(Group.id) == group_id).values(**fields))


def delete_group(session: Session, group_id: UUID) -> bool:
    """Delete a group without members and the invitations to it; False when there is none. Raises Conflict for members.

    Whoever asks looks for members in the same work.
    """
    return changed_one(session, delete(Group).where(col(Group.id) == group_id))


def group_of(session: Session, account_id: UUID) -> tuple[Account, Group | None] | None:
    """Find an account and the group that it is in."""
    query = select(Account, Group).outerjoin(Group, col(Account.group_id) == col(Group.id))
    return session.exec(query.where(Account.id == account_id)).one_or_none()


def accounts_with_groups(session: Session) -> Sequence[tuple[Account, Group | None]]:
    """List everybody with the group that they are in."""
    query = select(Account, Group).outerjoin(Group, col(Account.group_id) == col(Group.id))
    return session.exec(query.order_by(col(Account.name))).all()
