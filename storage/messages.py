"""What is asked about messages. They are a tree: an edited question or another answer is one more child.

A message is found by its account; what belongs to somebody else is not. The functions that take no account are for ids
that came from a row which was found so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from sqlalchemy import Select, bindparam, insert, literal, or_
from sqlmodel import Session, col, select, update

from storage.errors import Conflict
from storage.rows import changed_one
from storage.tables import Conversation, Message, MessageState

UNDER_WAY = (MessageState.WAITING, MessageState.STREAMING)


class AnswerFields(TypedDict, total=False):
    """What a worker writes into an answer."""

    content: str
    thinking: str
    state: MessageState
    model: str | None
    job_id: UUID | None
    error_code: str | None
    error_detail: str | None
    prompt_tokens: int | None
    output_tokens: int | None
    left_out: int
    first_token_ms: int | None
    duration_ms: int | None
    timeline: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Said:
    """Of a message what a model reads."""

    id: UUID
    role: str
    content: str = field(repr=False)


def add_message(session: Session, message: Message) -> Message:
    """Keep a new message. Raises Conflict when its parent is not in its conversation."""
    if message.parent_id is not None and not _is_in(session, message.parent_id, message.conversation_id):
        raise Conflict("The parent of the message is not in its conversation.")
    # Not through the session's unit of work, which would double the time that the one writer needs for a message.
    session.connection().execute(insert(Message), {name: getattr(message, name) for name in Message.model_fields})
    return message


def message_of(session: Session, account_id: UUID, message_id: UUID) -> Message | None:
    """Find a message of the account."""
    query = select(Message).join(Conversation, col(Message.conversation_id) == col(Conversation.id))
    theirs = (Conversation.account_id == account_id, col(Conversation.deleted_at).is_(None))
    return session.exec(query.where(Message.id == message_id, *theirs)).one_or_none()


def path_to(session: Session, leaf_id: UUID, limit: int | None = None) -> Sequence[Message]:
    """List the branch that ends at `leaf_id`, root first; with a `limit` only that many of its last messages."""
    if limit is None:
        return session.execute(_WHOLE_PATH, {"leaf": leaf_id}).scalars().all()
    return session.execute(_END_OF_PATH, {"leaf": leaf_id, "most": limit}).scalars().all()


def said_to(session: Session, leaf_id: UUID, limit: int) -> Sequence[Said]:
    """List what is said in the last `limit` messages of the branch that ends at `leaf_id`, root first."""
    return [Said(*row) for row in session.execute(_SAID_ON_PATH, {"leaf": leaf_id, "most": limit})]


def children_of(session: Session, conversation_id: UUID, parent_id: UUID | None) -> Sequence[Message]:
    """List the messages that follow `parent_id`, oldest first; for None the first messages of the conversation."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.parent_id == parent_id)
    return session.exec(query.order_by(*_OLDEST_FIRST)).all()


def siblings_of(session: Session, found: Sequence[Message]) -> dict[UUID, list[UUID]]:
    """Give by its id what stands in the place of each message, itself included, the oldest first.

    `found` are messages of one conversation; what stands alone is not in the result.
    """
    if not found:
        return {}
    parents = [message.parent_id for message in found if message.parent_id is not None]
    places: defaultdict[UUID | None, list[UUID]] = defaultdict(list)
    for message_id, parent_id in session.execute(_BELOW, {"here": found[0].conversation_id, "parents": parents}):
        places[parent_id].append(message_id)
    return {message.id: places[message.parent_id] for message in found if len(places[message.parent_id]) > 1}


def tip_of(session: Session, message: Message) -> UUID:
    """Find the end of the branch that a message is in: below it, the newest child each time."""
    newest = {parent: child for child, parent in outline_of(session, message.conversation_id)}
    tip = message.id
    while tip in newest:
        tip = newest[tip]
    return tip


def is_on_path(session: Session, leaf_id: UUID, message: Message) -> bool:
    """Tell whether a message is in the branch that ends at `leaf_id`."""
    parents: dict[UUID, UUID | None] = dict(outline_of(session, message.conversation_id))
    here: UUID | None = leaf_id
    while here is not None and here != message.id:
        here = parents.get(here)
    return here is not None


def outline_of(session: Session, conversation_id: UUID) -> Sequence[tuple[UUID, UUID | None]]:
    """List the tree of a conversation without its text: each message's id and its parent's, oldest first."""
    query = select(col(Message.id), col(Message.parent_id)).where(Message.conversation_id == conversation_id)
    return session.exec(query.order_by(*_OLDEST_FIRST)).all()


def update_answer(session: Session, message_id: UUID, attempt: int, **fields: Unpack[AnswerFields]) -> bool:
    """Write what attempt number `attempt` knows of its answer.

    False, and nothing is written, when a later attempt has written already, when the answer is over, or when it is
    gone.
    """
    query = update(Message).where(
        col(Message.id) == message_id, col(Message.attempt) <= attempt, col(Message.state).in_(UNDER_WAY)
    )
    return changed_one(session, query.values(attempt=attempt, **fields))


@dataclass(frozen=True, slots=True)
class Growing:
    """What attempt number `attempt` has written of an answer so far."""

    message_id: UUID
    attempt: int
    content: str
    thinking: str


def update_growing(session: Session, answers: Sequence[Growing]) -> None:
    """Write what many answers have so far, each as `update_answer` would."""
    # One statement for all, and past the unit of work: with 200 answers under way this is what is written most.
    rows = [
        {"of": answer.message_id, "number": answer.attempt, "text": answer.content, "thoughts": answer.thinking}
        for answer in answers
    ]
    session.connection().execute(_GROW, rows)


_GROW = (
    update(Message)
    .where(
        col(Message.id) == bindparam("of"),
        col(Message.attempt) <= bindparam("number"),
        or_(*(col(Message.state) == state for state in UNDER_WAY)),
    )
    .values(
        attempt=bindparam("number"),
        content=bindparam("text"),
        thinking=bindparam("thoughts"),
        state=MessageState.STREAMING,
    )
)


def go_on(session: Session, message_id: UUID, job_id: UUID) -> bool:
    """Have an answer wait for a job that goes on with it, from its first attempt on; False when it is gone."""
    query = update(Message).where(col(Message.id) == message_id)
    state = {"state": MessageState.WAITING, "attempt": 0, "error_code": None, "error_detail": None}
    return changed_one(session, query.values(job_id=job_id, **state))


def rate(session: Session, message_id: UUID, rating: int | None) -> bool:
    """Note what its person thinks of an answer: 1, -1, or None for nothing; False when it is gone."""
    return changed_one(session, update(Message).where(col(Message.id) == message_id).values(rating=rating))


def rewrite_question(session: Session, message_id: UUID, content: str) -> bool:
    """Put another text in the place of a question's; False when it is gone."""
    return changed_one(session, update(Message).where(col(Message.id) == message_id).values(content=content))


_OLDEST_FIRST: Final = (col(Message.created_at), col(Message.id))


def _path(*wanted: Any, limited: bool) -> Select[Any]:
    """The branch that ends at `leaf`, root first; where it is `limited`, `most` of its last messages."""
    leaf = select(col(Message.id), col(Message.parent_id), literal(0).label("height"))
    path = leaf.where(col(Message.id) == bindparam("leaf")).cte("path", recursive=True)
    parent = select(col(Message.id), col(Message.parent_id), path.c.height + 1)
    parent = parent.join(path, col(Message.id) == path.c.parent_id)
    if limited:
        parent = parent.where(path.c.height + 1 < bindparam("most"))
    path = path.union_all(parent)
    query: Select[Any] = select(*wanted).join(path, col(Message.id) == path.c.id)
    return query.order_by(path.c.height.desc())


# Built once: to build one takes longer than to read what is seen at first of a conversation.
_WHOLE_PATH: Final = _path(Message, limited=False)
_END_OF_PATH: Final = _path(Message, limited=True)
_SAID_ON_PATH: Final = _path(col(Message.id), col(Message.role), col(Message.content), limited=True)
_BELOW: Final = (
    select(col(Message.id), col(Message.parent_id))
    .where(
        col(Message.conversation_id) == bindparam("here"),
        # The first messages always: they are few.
        or_(col(Message.parent_id).in_(bindparam("parents", expanding=True)), col(Message.parent_id).is_(None)),
    )
    .order_by(*_OLDEST_FIRST)
)


def _is_in(session: Session, message_id: UUID, conversation_id: UUID) -> bool:
    query = select(col(Message.id)).where(Message.id == message_id, Message.conversation_id == conversation_id)
    return session.exec(query).first() is not None
