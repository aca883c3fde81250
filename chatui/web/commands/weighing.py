"""The meter below the box: how full the model's context is before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping

from chatui.conversations.rooms import Rooms
from chatui.domain.messages import ConversationId, ModelName
from chatui.web.commands.command import Command
from chatui.web.commands.mannering import manner_in
from chatui.web.frames import Frame, model_in, uuid_in
from chatui.web.tab import Tab


class Weigh:
    """Weights. The page adds what is being typed."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def commands(self) -> Mapping[str, Command]:
        """`weigh` a conversation for a model, or, without one, what would begin in a `manner`."""
        return {"weigh": self._weigh}

    async def _weigh(self, tab: Tab, frame: Frame) -> None:
        named = uuid_in(frame, "conversation")
        model = model_in(frame) or ModelName("")  # of which nobody knows anything: a careful guess
        if named is None:
            weight = self._rooms.kept.weighing.fresh(tab.user, model, manner_in(frame))
        else:
            conversation = ConversationId(named)
            weight = await self._rooms.of(conversation).weighing.of(tab.user, conversation, model)
        tab.post(
            {
                "t": "weight",
                "conversation": str(named) if named else None,
                "context": weight.context,
                "room": weight.room,
                "system": weight.system,
                "exchanges": [[exchange.tokens, exchange.messages] for exchange in weight.exchanges],
            }
        )
