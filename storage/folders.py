"""What is asked about folders. Whoever asks names the account: what belongs to somebody else is not found."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, delete, func, select, update

from storage.rows import changed_one
from storage.tables import Folder


def add_folder(session: Session, folder: Folder) -> Folder:
    """Keep a new folder."""
    session.add(folder)
    session.flush()
    return folder


def folder_of(session: Session, account_id: UUID, folder_id: UUID) -> Folder | None:
    """Find a folder of the account."""
    return session.exec(select(Folder).where(Folder.id == folder_id, Folder.account_id == account_id)).one_or_none()


def list_folders(session: Session, account_id: UUID) -> Sequence[Folder]:
    """List the folders of the account by name."""
    query = select(Folder).where(Folder.account_id == account_id)
    return session.exec(query.order_by(func.lower(col(Folder.name)), col(Folder.id))).all()


def rename_folder(session: Session, account_id: UUID, folder_id: UUID, name: str) -> bool:
    """Give a folder of the account another name; False when there is none."""
    query = update(Folder).where(col(Folder.id) == folder_id, col(Folder.account_id) == account_id)
    return changed_one(session, query.values(name=name))


def delete_folder(session: Session, account_id: UUID, folder_id: UUID) -> bool:
    """Delete a folder of the account; its conversations stay, in no folder. False when there is none."""
    query = delete(Folder).where(col(Folder.id) == folder_id, col(Folder.account_id) == account_id)
    return changed_one(session, query)
