"""What people typed and did not send: kept with the conversation, so that it is there on every device.

Every method names who acts; what is not theirs is not found.
"""

from __future__ import annotations

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.conversations.footing import Footing
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import MessageTooLong, NotFound
from chatui.domain.messages import ConversationId
from chatui.domain.people import User
from storage import conversations, unsent


class Unsent:
    """Texts of everybody in a room. A conversation of None is one that is not begun."""

    def __init__(self, on: Footing) -> None:
        self._store: Store = on.store
        self._clocks = on.clocks
        self._message_characters = on.message_characters

    async def of(self, by: User, conversation: ConversationId | None) -> str:
        """What a person typed for a conversation, on whatever device; empty where it is nothing."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))
        return await self._store.read(lambda session: unsent.unsent_text(session, by.id, conversation))

    async def keep(self, by: User, conversation: ConversationId | None, text: str) -> None:
        """Keep what is typed, in the place of what was; an empty text is forgotten. Raises a `Refused`."""
        require(by, Action.CONTINUE_CONVERSATION, Owned(by.id))
        if len(text) > (most := self._message_characters()):
            raise MessageTooLong(len(text), most)

        def write(session: Session) -> None:
            if conversation and conversations.conversation_of(session, by.id, conversation) is None:
                raise NotFound
            if text:
                unsent.keep_unsent(session, by.id, conversation, text, self._clocks.now())
            else:
                unsent.forget_unsent(session, by.id, conversation)

        await self._store.write(write)
