"""What is asked about conversations that are shared inside the team.

What was deleted is not found, nor what belongs to an account that is disabled: their people cannot see to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlmodel import Session, col, delete, func, select

from storage import attachments, messages
from storage.messages import UNDER_WAY
from storage.tables import Account, Attachment, Conversation, Message, Share

_COPIED: Final = ("role", "state", "model", "error_code", "error_detail", "prompt_tokens", "output_tokens", "left_out")
_COPIED_TOO: Final = ("first_token_ms", "duration_ms", "created_at", "content", "thinking", "timeline")
"""Everything of a message but where it stands, what it was judged to be, and the job that wrote it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A conversation that is shared: as what, whose it is, and what they are called."""

    share: UUID
    conversation: Conversation
    owner: UUID
    name: str


def link_of(session: Session, share_id: UUID) -> Link | None:
    """Find what a link leads to."""
    return next(_links(session, Share.id == share_id), None)


def links(session: Session, limit: int) -> Sequence[Link]:
    """List what is shared, the last used first."""
    return list(_links(session, limit=limit))


def links_of(session: Session, account_id: UUID) -> Sequence[Link]:
    """List what an account shares."""
    return list(_links(session, Conversation.account_id == account_id))


def count_links(session: Session) -> int:
    """Count what is shared."""
    query = select(func.count()).select_from(Share).join(Conversation).join(Account)
    return session.exec(query.where(*_THERE)).one()


def share_of(session: Session, account_id: UUID, conversation_id: UUID) -> UUID | None:
    """Tell as what the account shares a conversation."""
    query = select(Share.id).join(Conversation).where(Conversation.account_id == account_id)
    return session.exec(query.where(Share.conversation_id == conversation_id)).one_or_none()


def shared_file(session: Session, attachment_id: UUID) -> Attachment | None:
    """Find a file that stands beside a message of the branch that is shared."""
    found = session.get(Attachment, attachment_id)
    if found is None or found.conversation_id is None:
        return None
    link = next(_links(session, Share.conversation_id == found.conversation_id), None)
    if link is None or link.conversation.leaf_id is None:
        return None
    branch = {message.id for message in messages.path_to(session, link.conversation.leaf_id)}
    return found if branch.intersection(attachments.messages_beside(session, attachment_id)) else None


def add_share(session: Session, conversation_id: UUID, at: datetime) -> UUID:
    """Share a conversation that was found by its account."""
    share = Share(conversation_id=conversation_id, created_at=at)
    session.add(share)
    session.flush()
    return share.id


def delete_share(session: Session, share_id: UUID) -> None:
    """Share it no longer."""
    session.exec(delete(Share).where(col(Share.id) == share_id))


def shares_of(session: Session, account_id: UUID) -> Sequence[Share]:
    """List the shares of an account, the oldest first, also of what is deleted for the moment."""
    query = select(Share).join(Conversation).where(Conversation.account_id == account_id)
    return session.exec(query.order_by(col(Share.created_at), col(Share.id))).all()


def copy_branch(session: Session, branch: Sequence[Message], conversation_id: UUID) -> Mapping[UUID, UUID]:
    """Write a branch once more, into an empty conversation, up to an answer that is still to come.

    Tells which message became which, in their order.
    """
    rows = list[dict[str, Any]]()
    for message in branch:
        if message.state in UNDER_WAY:
            break
        kept = {name: getattr(message, name) for name in _COPIED + _COPIED_TOO}
        parent = rows[-1]["id"] if rows else None
        rows.append({"id": uuid4(), "conversation_id": conversation_id, "parent_id": parent, "attempt": 0, **kept})
    if rows:
        session.connection().execute(insert(Message), rows)
    return {message.id: row["id"] for message, row in zip(branch, rows, strict=False)}


_THERE: Final = (col(Conversation.deleted_at).is_(None), col(Account.state) == "active")


def _links(session: Session, *conditions: Any, limit: int | None = None) -> Any:
    query = select(Share.id, Conversation, Account.name).join(Conversation, _SHARED).join(Account, _OWNED)
    query = query.where(*_THERE, *conditions)
    newest = query.order_by(col(Conversation.updated_at).desc(), col(Conversation.id).desc())
    for share, conversation, name in session.exec(newest.limit(limit)):
        yield Link(share, conversation, conversation.account_id, name)


_SHARED: Final = col(Share.conversation_id) == col(Conversation.id)
_OWNED: Final = col(Conversation.account_id) == col(Account.id)
