"""Asking, and what can be done with a question until it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from chatui.conversations.manner import PLAIN
from chatui.conversations.question import Asked, Question
from chatui.conversations.rooms import Room, Rooms
from chatui.domain.jobs import Turn
from chatui.domain.messages import ConversationId, MessageId
from chatui.web.commands.command import Command
from chatui.web.commands.drafting import draft_frame
from chatui.web.commands.filing import files_frame
from chatui.web.commands.mannering import manner_frame, manner_in
from chatui.web.commands.showing import Showing
from chatui.web.frames import Frame, message_in, model_in, models_in, required_uuid, text_in, uuid_in, uuids_in
from chatui.web.hub import Hub
from chatui.web.tab import Tab

_OTHERS: Final = 2
"""So many models may answer beside the one: three columns can be read."""


class Asking:
    """Questions on their way into the queue and through it."""

    def __init__(
        self,
        hub: Hub,
        rooms: Rooms,
        showing: Showing,
    ) -> None:
        self._hub = hub
        self._rooms = rooms
        self._showing = showing

    def commands(self) -> Mapping[str, Command]:
        """`ask`, `again` and `stop`; `edit` a question that waits, and `turn`, `pass` or `idle` for when it runs."""
        turns: dict[str, Command] = {str(turn): partial(self._choose_turn, turn) for turn in Turn}
        return {"ask": self._ask, "again": self._again, "stop": self._stop, "edit": self._edit, **turns}

    async def _ask(self, tab: Tab, frame: Frame) -> None:
        conversation = uuid_in(frame, "conversation")
        question = Question(
            key=MessageId(required_uuid(frame, "key")),
            text=text_in(frame, "text") or "",
            conversation=ConversationId(conversation) if conversation else None,
            model=model_in(frame),
            beside=MessageId(beside) if (beside := uuid_in(frame, "beside")) else None,
            manner=PLAIN if conversation else manner_in(frame),
            others=models_in(frame, _OTHERS),
            files=uuids_in(frame, "files"),
        )
        asked = await self._room(question, frame).conversations.ask(tab.user, question)
        tab.post({"t": "asked", "key": str(question.key), "conversation": str(asked.conversation)})
        if conversation is None:
            self._hub.show(tab, asked.conversation)
            tab.post(manner_frame(asked.conversation, question.manner))
        await self._tell(tab, asked)
        if question.beside is None:
            await self._tell_sent(tab, question, frame)
            if conversation is None:
                await self._tell_files(tab, asked.conversation)
        if asked.refusal is not None:
            tab.refuse(asked.refusal)

    async def _tell_sent(self, tab: Tab, question: Question, frame: Frame) -> None:
        """What was typed has left the box, in other tabs, too."""
        if question.conversation is not None or frame.get("temporary") is not True:
            for shown in self._hub.tabs_of(tab.user.id, question.conversation):
                shown.post(draft_frame(question.conversation, "", question.text))
            await self._tell_files(tab, question.conversation)

    async def _tell_files(self, tab: Tab, conversation: ConversationId | None) -> None:
        files = (self._rooms.of(conversation) if conversation else self._rooms.kept).files
        frame = files_frame(conversation, await files.unsent(tab.user, conversation), files.limits)
        for shown in self._hub.tabs_of(tab.user.id, conversation):
            shown.post(frame)

    async def _again(self, tab: Tab, frame: Frame) -> None:
        answer = message_in(frame)
        asked = await self._rooms.of_message(answer).conversations.again(tab.user, answer, model_in(frame))
        await self._showing.show_everywhere(tab, asked.conversation)

    async def _stop(self, tab: Tab, frame: Frame) -> None:
        answer = message_in(frame)
        await self._rooms.of_message(answer).conversations.stop(tab.user, answer)

    async def _edit(self, tab: Tab, frame: Frame) -> None:
        answer = message_in(frame)
        edited = await self._rooms.of_message(answer).waiting.edit(tab.user, answer, text_in(frame, "text") or "")
        tab.post({"t": "edited", "key": text_in(frame, "key"), "conversation": str(edited)})
        self._hub.follow_anew(edited)
        await self._showing.show_everywhere(tab, edited)
        self._hub.list_changed(tab.user.id)

    async def _choose_turn(self, turn: Turn, tab: Tab, frame: Frame) -> None:
        answer = message_in(frame)
        await self._rooms.of_message(answer).waiting.choose_turn(tab.user, answer, turn)

    def _room(self, question: Question, frame: Frame) -> Room:
        """Where a question goes: to its conversation; the first one says whether that is to be temporary."""
        if question.conversation is not None:
            return self._rooms.of(question.conversation)
        return self._rooms.temporary if frame.get("temporary") is True else self._rooms.kept

    async def _tell(self, tab: Tab, asked: Asked) -> None:
        """Show the question and the answer to come in every tab of the person that has the conversation open."""
        tabs = self._hub.tabs_of(tab.user.id, asked.conversation)
        for shown, messages in await self._showing.end_of(asked.conversation, tabs, limit=2):
            for message in messages:
                shown.post({"t": "message", "conversation": str(asked.conversation), "message": message})
            shown.start_answers()
        self._hub.follow()
        self._hub.list_changed(tab.user.id)
        await self._showing.show_readers(asked.conversation)
