"""What people do with what was said: choose between branches, say what they think of an answer."""

from __future__ import annotations

from enum import IntEnum

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound
from chatui.domain.messages import ConversationId, MessageId, Role
from chatui.domain.people import User
from storage import conversations, messages
from storage.tables import Message


class Rating(IntEnum):
    """What somebody thinks of an answer."""

    GOOD = 1
    BAD = -1


class Branches:
    """Messages of everybody, each for its own person."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def turn_to(self, by: User, message_id: MessageId) -> ConversationId:
        """Show the branch that a message is in, down to its newest end."""
        require(by, Action.CHANGE_CONVERSATION, Owned(by.id))

        def write(session: Session) -> ConversationId:
            message = _message(session, by, message_id)
            tip = messages.tip_of(session, message)
            conversations.set_leaf(session, by.id, message.conversation_id, tip)
            return ConversationId(message.conversation_id)

        return await self._store.write(write)

    async def find(self, by: User, message_id: MessageId) -> ConversationId:
        """Tell the conversation of a message, and show the branch that it is in when another is shown."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))

        def read(session: Session) -> tuple[ConversationId, bool]:
            message = _message(session, by, message_id)
            conversation = conversations.conversation_of(session, by.id, message.conversation_id)
            leaf = conversation.leaf_id if conversation else None
            shown = leaf is not None and messages.is_on_path(session, leaf, message)
            return ConversationId(message.conversation_id), shown

        conversation, shown = await self._store.read(read)
        return conversation if shown else await self.turn_to(by, message_id)

    async def rate(self, by: User, message_id: MessageId, rating: Rating | None) -> ConversationId:
        """Note what somebody thinks of an answer; None takes it back."""
        require(by, Action.CHANGE_CONVERSATION, Owned(by.id))

        def write(session: Session) -> ConversationId:
            message = _message(session, by, message_id)
            if message.role != Role.ASSISTANT:
                raise NotFound
            messages.rate(session, message_id, rating)
            return ConversationId(message.conversation_id)

        return await self._store.write(write)


def _message(session: Session, by: User, message_id: MessageId) -> Message:
    message = messages.message_of(session, by.id, message_id)
    if message is None:
        raise NotFound
    return message
