"""How much of a model's context a conversation takes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.conversations.context import MOST_MESSAGES, Weight
from chatui.conversations.footing import Footing
from chatui.conversations.manner import Manner
from chatui.conversations.manners import manner_in
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound
from chatui.domain.messages import ConversationId, ModelName
from chatui.domain.people import User
from storage import attachments, conversations, messages
from storage.attachments import Contents
from storage.messages import Said


class Weighing:
    """Weighs the conversations of a room before anything is asked in them."""

    def __init__(self, on: Footing) -> None:
        self._store: Store = on.store
        self._composer = on.composer

    def fresh(self, by: User, model: ModelName, manner: Manner) -> Weight:
        """What a conversation weighs that is not begun."""
        require(by, Action.ASK)
        return self._composer.weigh([], model, manner)

    async def of(self, by: User, conversation: ConversationId, model: ModelName) -> Weight:
        """What the branch that is shown weighs; raises `NotFound`."""
        require(by, Action.READ_CONVERSATION, Owned(by.id))

        def read(session: Session) -> tuple[Sequence[Said], Manner, Contents]:
            found = conversations.conversation_of(session, by.id, conversation)
            if found is None:
                raise NotFound
            branch = messages.said_to(session, found.leaf_id, MOST_MESSAGES) if found.leaf_id else []
            files = attachments.texts_of(session, [message.id for message in branch])
            return branch, manner_in(session, conversation), files

        branch, manner, files = await self._store.read(read)
        return self._composer.weigh(branch, model, manner, files)
