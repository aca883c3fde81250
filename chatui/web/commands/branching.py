"""What is done with messages that are there: other branches, going on, older ones, and what somebody thinks of them."""

from __future__ import annotations

from collections.abc import Mapping

from chatui.conversations.branches import Rating
from chatui.conversations.rooms import Rooms
from chatui.web.commands.command import Command
from chatui.web.commands.showing import Showing
from chatui.web.frames import BadFrame, Frame, message_in, number_in
from chatui.web.hub import Hub
from chatui.web.tab import Tab


class Branching:
    """Branches and answers."""

    def __init__(self, hub: Hub, rooms: Rooms, showing: Showing) -> None:
        self._hub = hub
        self._rooms = rooms
        self._showing = showing

    def commands(self) -> Mapping[str, Command]:
        """`branch` shows the one that a message is in, `continue` goes on with an answer, `rate` judges it."""
        return {"branch": self._branch, "continue": self._continue, "rate": self._rate}

    async def _branch(self, tab: Tab, frame: Frame) -> None:
        message = message_in(frame)
        turned = await self._rooms.of_message(message).branches.turn_to(tab.user, message)
        await self._showing.show_everywhere(tab, turned)

    async def _continue(self, tab: Tab, frame: Frame) -> None:
        message = message_in(frame)
        asked = await self._rooms.of_message(message).continuing.go_on(tab.user, message)
        self._hub.follow_anew(asked.conversation)
        await self._showing.show_everywhere(tab, asked.conversation)

    async def _rate(self, tab: Tab, frame: Frame) -> None:
        message, value = message_in(frame), number_in(frame, "rating")
        try:
            rating = None if value is None else Rating(value)
        except ValueError as error:
            raise BadFrame("no such rating") from error
        conversation = await self._rooms.of_message(message).branches.rate(tab.user, message, rating)
        for shown in self._hub.tabs_of(tab.user.id, conversation):
            shown.post({"t": "rated", "message": str(message), "rating": rating})
