"""What is asked about files beside questions.

A file is found by its account alone. The functions that take no account are for ids of messages that were found so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Insert, Select, bindparam, case, exists, func, insert, literal, or_, select
from sqlmodel import Session, col, delete, update

from storage.attachment_tables import Attachment, MessageAttachment
from storage.rows import changed_one
from storage.tables import Conversation

PICTURE: Final = "image"
"""The kind of which a model gets the bytes and not the text."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a list shows of a file."""

    id: UUID
    conversation_id: UUID | None
    name: str
    kind: str
    media_type: str
    size: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Content:
    """What a model gets of a file: the text, or the bytes of a picture."""

    head: Head
    text: str = field(repr=False)
    picture: bytes = field(repr=False)


Heads = Mapping[UUID, Sequence[Head]]
Contents = Mapping[UUID, Sequence[Content]]
"""By the message, in their order."""


def add_attachment(session: Session, attachment: Attachment) -> None:
    """Keep a file of an account, beside the next question of a conversation that was found by it."""
    session.add(attachment)
    session.flush()


def head_of(row: Attachment) -> Head:
    """Tell of a row what a list shows."""
    return Head(row.id, row.conversation_id, row.name, row.kind, row.media_type, row.size, row.tokens)


def attachment_of(session: Session, account_id: UUID, attachment_id: UUID) -> Attachment | None:
    """Find a file of the account, with all that is in it."""
    query = select(Attachment).where(col(Attachment.id) == attachment_id, *_theirs(account_id))
    return session.execute(query).scalar_one_or_none()


def unsent_of(session: Session, account_id: UUID, conversation_id: UUID | None) -> Sequence[Head]:
    """List the files beside the next question of a conversation, None for one that is not begun."""
    here = (col(Attachment.conversation_id) == conversation_id, *_theirs(account_id), ~_is_sent())
    rows = session.execute(select(*_HEAD).where(*here).order_by(*_OLDEST_FIRST))
    return [Head(*row) for row in rows]


def count_unsent(session: Session, account_id: UUID, conversation_id: UUID | None) -> int:
    """Count the files beside the next question of a conversation."""
    here = (col(Attachment.conversation_id) == conversation_id, *_theirs(account_id), ~_is_sent())
    return int(session.execute(select(func.count()).select_from(Attachment).where(*here)).scalar_one())


def bytes_of(session: Session, account_id: UUID) -> int:
    """Sum up what the files of an account take."""
    query = select(func.coalesce(func.sum(Attachment.size), 0)).where(col(Attachment.account_id) == account_id)
    return int(session.execute(query).scalar_one())


def find_for(
    session: Session, account_id: UUID, conversation_id: UUID | None, attachment_ids: Sequence[UUID]
) -> Sequence[Content] | None:
    """Give files of the account that lie in that conversation, in the order of the ids; None where one does not."""
    query = _contents(_PICTURE).where(col(Attachment.id).in_(attachment_ids), *_theirs(account_id))
    here = query.where(col(Attachment.conversation_id) == conversation_id)
    rows = session.execute(here.where(~_is_sent()) if conversation_id is None else here).all()
    found = {content.head.id: content for content in map(_content, rows)}
    return [found[one] for one in attachment_ids] if found.keys() == set(attachment_ids) else None


def attach(session: Session, message_id: UUID, conversation_id: UUID, attachment_ids: Sequence[UUID]) -> bool:
    """Put files beside a question, in that order; False where one is gone, or in another conversation by now."""
    if not attachment_ids:
        return True
    free = or_(col(Attachment.conversation_id).is_(None), col(Attachment.conversation_id) == conversation_id)
    moved = update(Attachment).where(col(Attachment.id).in_(attachment_ids), free)
    if session.exec(moved.values(conversation_id=conversation_id)).rowcount != len(attachment_ids):
        return False
    for position, attachment_id in enumerate(attachment_ids):
        session.add(MessageAttachment(message_id=message_id, attachment_id=attachment_id, position=position))
    session.flush()
    return True


def put_beside(session: Session, message_id: UUID, attachment_id: UUID, position: int) -> None:
    """Have a question have a file beside it that lies in its conversation already."""
    session.add(MessageAttachment(message_id=message_id, attachment_id=attachment_id, position=position))
    session.flush()


def heads_of(session: Session, message_ids: Collection[UUID]) -> Heads:
    """List the files of messages."""
    heads: defaultdict[UUID, list[Head]] = defaultdict(list)
    for message_id, *row in session.execute(_HEADS_OF, {"messages": list(message_ids)}):
        heads[message_id].append(Head(*row))
    return heads


def texts_of(session: Session, message_ids: Collection[UUID]) -> Contents:
    """Give what a model reads of messages' files, without the bytes of pictures: to weigh them."""
    return _by_message(session, _TEXTS_OF, message_ids)


def contents_of(session: Session, message_ids: Collection[UUID]) -> Contents:
    """Give what a model gets of messages' files."""
    return _by_message(session, _CONTENTS_OF, message_ids)


def whole_beside(session: Session, conversation_id: UUID) -> Mapping[UUID, Sequence[Attachment]]:
    """List the files of a conversation's messages with all that is in them."""
    query = select(col(MessageAttachment.message_id), Attachment).join(MessageAttachment, _BESIDE)
    here = query.where(col(Attachment.conversation_id) == conversation_id)
    whole: defaultdict[UUID, list[Attachment]] = defaultdict(list)
    for message_id, attachment in session.execute(here.order_by(col(MessageAttachment.position))):
        whole[message_id].append(attachment)
    return whole


def copy_beside(session: Session, copies: Mapping[UUID, UUID], account_id: UUID, conversation_id: UUID) -> None:
    """Write the files of messages once more, for an account, beside what the messages became in a conversation."""
    made: dict[UUID, UUID] = {}
    for message_id, heads in heads_of(session, copies.keys()).items():
        for position, head in enumerate(heads):
            if head.id not in made:
                made[head.id] = uuid4()
                session.execute(_copying(head.id, made[head.id], account_id, conversation_id))
            beside = MessageAttachment(message_id=copies[message_id], attachment_id=made[head.id], position=position)
            session.add(beside)
    session.flush()


def ids_of(session: Session, account_id: UUID) -> Sequence[UUID]:
    """List the files of an account, the oldest first."""
    query = select(col(Attachment.id)).where(*_theirs(account_id)).order_by(*_OLDEST_FIRST)
    return session.execute(query).scalars().all()


def messages_beside(session: Session, attachment_id: UUID) -> Sequence[UUID]:
    """List the messages that a file stands beside."""
    query = select(col(MessageAttachment.message_id)).where(col(MessageAttachment.attachment_id) == attachment_id)
    return session.execute(query.order_by(col(MessageAttachment.message_id))).scalars().all()


def delete_unsent(session: Session, account_id: UUID, attachment_id: UUID) -> bool:
    """Delete a file that was not sent; False where the account has none such."""
    here = (col(Attachment.id) == attachment_id, col(Attachment.account_id) == account_id, ~_is_sent())
    return changed_one(session, delete(Attachment).where(*here))


def forget_loose(session: Session, before: datetime) -> None:
    """Delete what lies beside no conversation, and was put there before that."""
    loose = (col(Attachment.conversation_id).is_(None), col(Attachment.created_at) < before)
    session.execute(delete(Attachment).where(*loose))


_HEAD: Final[tuple[Any, ...]] = (
    col(Attachment.id),
    col(Attachment.conversation_id),
    col(Attachment.name),
    col(Attachment.kind),
    col(Attachment.media_type),
    col(Attachment.size),
    col(Attachment.tokens),
)
_OLDEST_FIRST: Final = (col(Attachment.created_at), col(Attachment.id))
_BESIDE: Final = col(MessageAttachment.attachment_id) == col(Attachment.id)
_PICTURE: Final[ColumnElement[bytes]] = case((col(Attachment.kind) == PICTURE, col(Attachment.data)), else_=b"")


def _theirs(account_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """Of the account, and not in a conversation that was deleted."""
    gone = select(col(Conversation.id)).where(col(Conversation.deleted_at).is_not(None))
    there = or_(col(Attachment.conversation_id).is_(None), col(Attachment.conversation_id).not_in(gone))
    return col(Attachment.account_id) == account_id, there


def _copying(attachment_id: UUID, new: UUID, account_id: UUID, conversation_id: UUID) -> Insert:
    """A row made of another one without its bytes ever leaving the database."""
    owned = {"id": new, "account_id": account_id, "conversation_id": conversation_id}
    kept = [name for name in Attachment.model_fields if name not in owned]
    table = Attachment.__table__  # type: ignore[attr-defined]
    values = [literal(value, table.c[name].type).label(name) for name, value in owned.items()]
    row = select(*values, *(table.c[name] for name in kept)).where(table.c.id == attachment_id)
    return insert(Attachment).from_select([*owned, *kept], row)


def _is_sent() -> ColumnElement[bool]:
    return exists().where(_BESIDE).correlate(Attachment)


def _contents(picture: ColumnElement[bytes]) -> Select[*tuple[Any, ...]]:
    return select(*_HEAD, col(Attachment.text), picture)


def _content(row: Any) -> Content:
    *head, text, picture = row
    return Content(Head(*head), text, picture)


def _by_message(session: Session, query: Select[*tuple[Any, ...]], message_ids: Collection[UUID]) -> Contents:
    contents: defaultdict[UUID, list[Content]] = defaultdict(list)
    for message_id, *row in session.execute(query, {"messages": list(message_ids)}):
        contents[message_id].append(_content(row))
    return contents


def _beside(*wanted: Any) -> Select[*tuple[Any, ...]]:
    """What stands beside `messages`, in its order, behind the id of the message."""
    query = select(col(MessageAttachment.message_id), *wanted).join(MessageAttachment, _BESIDE)
    here = query.where(col(MessageAttachment.message_id).in_(bindparam("messages", expanding=True)))
    return here.order_by(col(MessageAttachment.message_id), col(MessageAttachment.position))


# Built once: they are asked with every conversation that is opened, and to build one takes longer than to answer it.
_HEADS_OF: Final = _beside(*_HEAD)
_TEXTS_OF: Final = _beside(*_HEAD, col(Attachment.text), literal(b""))
_CONTENTS_OF: Final = _beside(*_HEAD, col(Attachment.text), _PICTURE)
