"""Reading conversations: the branch that is shown, its end first, and what stands beside each of its messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound
from chatui.domain.messages import ConversationId, MessageId, Role
from chatui.domain.people import User
from storage import attachments, conversations, messages, own_data
from storage.attachments import Heads
from storage.tables import Attachment, Conversation, Message

AROUND: Final = 6
"""So many messages are read before one that was asked for."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Messages of a branch, in their order; `older` ones may be before them.

    `beside` gives by id what stands in the place of a message, itself included, where it does not stand alone.
    `together` are the answers that the last message stands side by side with, itself included; empty where it does not.
    `files` are what was put beside messages, by their ids.
    """

    messages: Sequence[Message]
    beside: Mapping[UUID, Sequence[UUID]]
    older: bool
    together: Sequence[Message] = ()
    files: Heads = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation, and the end of the branch that is shown."""

    conversation: Conversation
    piece: Piece


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation with every message of it, oldest first, the whole of the branch that is shown, and all files."""

    conversation: Conversation
    messages: Sequence[Message]
    branch: Sequence[Message]
    files: Mapping[UUID, Sequence[Attachment]] = field(default_factory=dict)


class Reading:
    """Conversations of everybody, each for its own person."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def open(self, by: User, conversation_id: ConversationId, limit: int, at: MessageId | None = None) -> Opened:
        """Read a conversation and the last `limit` messages of its branch, or more, so that `at` is among them."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))

        def read(session: Session) -> Opened:
            conversation = conversations.conversation_of(session, by.id, conversation_id)
            if conversation is None:
                raise NotFound
            enough = max(limit, _distance(session, conversation, at) + AROUND) if at else limit
            piece = piece_before(session, conversation.leaf_id, enough)
            return Opened(conversation, replace(piece, together=_together(session, piece)))

        return await self._store.read(read)

    async def whole(self, by: User, conversation_id: ConversationId) -> Whole:
        """Read all of a conversation, to take it along."""
        require(by, Action.EXPORT_CONVERSATION, Owned(by.id))

        def read(session: Session) -> Whole:
            conversation = conversations.conversation_of(session, by.id, conversation_id)
            if conversation is None:
                raise NotFound
            branch = messages.path_to(session, conversation.leaf_id) if conversation.leaf_id else []
            files = attachments.whole_beside(session, conversation.id)
            return Whole(conversation, own_data.messages_in(session, conversation.id), branch, files)

        return await self._store.read(read)

    async def older(self, by: User, before: MessageId, limit: int) -> Piece:
        """Read the last `limit` messages that come before one."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))

        def read(session: Session) -> Piece:
            message = messages.message_of(session, by.id, before)
            if message is None:
                raise NotFound
            return piece_before(session, message.parent_id, limit)

        return await self._store.read(read)


def piece_before(session: Session, leaf: UUID | None, limit: int) -> Piece:
    """Read the last `limit` messages of the branch that ends at `leaf`."""
    found = messages.path_to(session, leaf, limit + 1) if leaf else []
    shown = found[-limit:]
    files = attachments.heads_of(session, [message.id for message in shown])
    return Piece(shown, messages.siblings_of(session, shown), older=len(found) > limit, files=files)


def _together(session: Session, piece: Piece) -> Sequence[Message]:
    """The answers of other models that were asked for in one moment with the one that a branch ends with, in order."""
    last = piece.messages[-1] if piece.messages else None
    if last is None or last.role != Role.ASSISTANT or last.id not in piece.beside:
        return ()
    answers = messages.children_of(session, last.conversation_id, last.parent_id)
    found = [answer for answer in answers if answer.created_at == last.created_at]
    return found if 1 < len(found) == len({answer.model for answer in found}) else ()


def _distance(session: Session, conversation: Conversation, at: MessageId) -> int:
    """How many messages of the branch that is shown come from `at` on; 0 when it is not in it."""
    parents = dict(messages.outline_of(session, conversation.id))
    here, steps = conversation.leaf_id, 1
    while here is not None and here != at:
        here, steps = parents.get(here), steps + 1
    return steps if here == at else 0
