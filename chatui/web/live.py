"""The live line's endpoint: reads what a tab says, answers, and sends what the hub brings."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from starlette.websockets import WebSocket, WebSocketDisconnect

from chatui import __version__
from chatui.conversations.question import Asked, Question
from chatui.conversations.service import ConversationService
from chatui.conversations.waiting import WaitingQuestions
from chatui.domain.errors import NotFound, Refused
from chatui.domain.jobs import Turn
from chatui.domain.messages import ConversationId, MessageId, ModelName
from chatui.domain.people import Principal, User
from chatui.web.hub import Hub
from chatui.web.markdown import Markdown
from chatui.web.tab import Tab, TabEnded, TabTooSlow
from chatui.web.transcript import UNDER_WAY, show_message
from chatui.web.wording import wording_for
from storage.tables import Conversation, Message

log = logging.getLogger(__name__)
_SHOWN_MESSAGES = 50
_FRAME_LIMIT = 4_000_000  # characters; a message that is too long is refused with a sentence, not by a closed line
# JSON can carry halves of surrogate pairs and NUL; neither can be written as UTF-8 text everywhere.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_TOO_BIG, _BAD_FRAME = 1009, 1008
SESSION_OVER = 4401
"""The code with which a line is closed whose session is over: the page does not try again, but asks to sign in."""

Frame = dict[str, Any]
AskAgain = Callable[[], Awaitable[Principal | None]]


class BadFrame(Exception):
    """A frame that no page of ours sends."""


class LiveLine:
    """Serves the tabs. `notices` gives the frames that stand over every page now."""

    def __init__(
        self,
        hub: Hub,
        conversations: ConversationService,
        waiting: WaitingQuestions,
        markdown: Markdown,
        standing_frames: Callable[[Tab], list[Frame]],
        message_characters: int,
    ) -> None:
        self._hub = hub
        self._conversations = conversations
        self._waiting = waiting
        self._markdown = markdown
        self._standing_frames = standing_frames
        self._message_characters = message_characters

    async def serve(self, socket: WebSocket, by: Principal, ask_again: AskAgain) -> None:
        """Serve one tab of a person until it goes, or their session does. `ask_again` tells who they are now."""
        await socket.accept()
        sender: asyncio.Task[None] | None = None
        tab: Tab | None = None
        try:
            hello = await _receive(socket)
            tab = Tab(by, wording_for(_text(hello, "language") or "en"))
            sender = asyncio.create_task(_send(socket, tab))
            await self._welcome(tab, hello, ask_again)
            while True:
                frame = await _receive(socket)
                # Also a session that another process ended must not be good for one more word.
                tab.by = await _still(ask_again)
                await self._take(tab, frame)
        except WebSocketDisconnect:
            return
        except TabEnded:
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(SESSION_OVER)
        except BadFrame as error:
            log.info("a tab was cut off: %s", error)
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(_BAD_FRAME)
        finally:
            if tab is not None:
                self._hub.leave(tab)
            if sender is not None:
                sender.cancel()

    async def _welcome(self, tab: Tab, hello: Frame, ask_again: AskAgain) -> None:
        limits = {"characters": self._message_characters}
        person = {"name": tab.by.user.name, "role": tab.by.user.role.value}
        tab.post({"t": "welcome", "version": __version__, "person": person, "limits": limits})
        for frame in self._standing_frames(tab):
            tab.post(frame)
        self._hub.join(tab)
        # Who joined hears of a session that ends; one that ended just before is found here.
        tab.by = await _still(ask_again)
        await self._answering(tab, None, lambda: self._hub.send_list(tab))
        wanted, left = _uuid(hello, "conversation"), _uuid(hello, "resume")
        if wanted is None and left is not None and not self._hub.watched(ConversationId(left)):
            wanted = left
        await self._show(tab, wanted)

    async def _take(self, tab: Tab, frame: Frame) -> None:
        match frame.get("t"):
            case "open":
                await self._show(tab, _uuid(frame, "conversation"))
            case "new":
                self._hub.show(tab, None)
            case "ask":
                await self._answering(tab, _text(frame, "key"), lambda: self._ask(tab, frame))
            case "stop":
                await self._answering(tab, None, lambda: self._stop(tab, _message(frame)))
            case "again":
                await self._answering(tab, None, lambda: self._again(tab, _message(frame), _model(frame)))
            case "edit":
                await self._answering(tab, _text(frame, "key"), lambda: self._edit(tab, frame))
            case "turn" | "pass" | "idle" as turn:
                await self._answering(tab, None, lambda: self._choose_turn(tab, _message(frame), Turn(turn)))
            case "ping":
                tab.post({"t": "pong"})
            case other:
                raise BadFrame(f"no such word: {other!r}")

    async def _answering(self, tab: Tab, key: str | None, work: Callable[[], Awaitable[None]]) -> None:
        """Do what was asked, or say why not."""
        try:
            await work()
        except Refused as refusal:
            after = getattr(refusal, "retry_after", None)
            seconds = after.total_seconds() if after else None
            sentence = tab.words.refused(refusal)
            tab.post({"t": "refused", "key": key, "sentence": sentence, "retry_after_s": seconds})

    async def _show(self, tab: Tab, wanted: UUID | None) -> None:
        """Show a conversation; one that is not there, or not theirs, is the empty page."""
        try:
            frame = await self._conversation(tab, wanted)
        except NotFound:
            wanted, frame = None, await self._conversation(tab, None)
        except Refused as refusal:
            tab.post({"t": "refused", "key": None, "sentence": tab.words.refused(refusal), "retry_after_s": None})
            return
        tab.post(frame)
        self._hub.show(tab, ConversationId(wanted) if wanted else None)

    async def _conversation(self, tab: Tab, wanted: UUID | None) -> Frame:
        if wanted is None:
            return {"t": "conversation", "id": None, "title": "", "model": None, "messages": []}
        conversation, rows = await self._read(tab.user, ConversationId(wanted), _SHOWN_MESSAGES)
        messages = [show_message(row, self._markdown, tab.words) for row in rows]
        return {
            "t": "conversation",
            "id": str(conversation.id),
            "title": conversation.title,
            "model": conversation.model,
            "messages": messages,
        }

    async def _ask(self, tab: Tab, frame: Frame) -> None:
        conversation = _uuid(frame, "conversation")
        question = Question(
            key=MessageId(_required_uuid(frame, "key")),
            text=_text(frame, "text") or "",
            conversation=ConversationId(conversation) if conversation else None,
            model=_model(frame),
        )
        asked = await self._conversations.ask(tab.user, question)
        tab.post({"t": "asked", "key": str(question.key), "conversation": str(asked.conversation)})
        if conversation is None:
            self._hub.show(tab, asked.conversation)
        await self._tell(tab.user, asked)

    async def _again(self, tab: Tab, answer: MessageId, model: ModelName | None) -> None:
        asked = await self._conversations.again(tab.user, answer, model)
        for shown in self._hub.tabs_of(tab.user.id, asked.conversation):
            await self._show(shown, asked.conversation)

    async def _stop(self, tab: Tab, answer: MessageId) -> None:
        await self._conversations.stop(tab.user, answer)

    async def _edit(self, tab: Tab, frame: Frame) -> None:
        edited = await self._waiting.edit(tab.user, _message(frame), _text(frame, "text") or "")
        tab.post({"t": "edited", "key": _text(frame, "key"), "conversation": str(edited)})
        self._hub.follow_anew(edited)
        for shown in self._hub.tabs_of(tab.user.id, edited):
            await self._show(shown, edited)
        self._hub.list_changed(tab.user.id)

    async def _choose_turn(self, tab: Tab, answer: MessageId, turn: Turn) -> None:
        await self._waiting.choose_turn(tab.user, answer, turn)

    async def _tell(self, user: User, asked: Asked) -> None:
        """Show the question and the answer to come in every tab of the person that has the conversation open."""
        _, rows = await self._read(user, asked.conversation, limit=2)
        for tab in self._hub.tabs_of(user.id, asked.conversation):
            for row in rows:
                shown = show_message(row, self._markdown, tab.words)
                tab.post({"t": "message", "conversation": str(asked.conversation), "message": shown})
            tab.start_answer()
        self._hub.follow()
        self._hub.list_changed(user.id)

    async def _read(
        self, user: User, conversation: ConversationId, limit: int
    ) -> tuple[Conversation, Sequence[Message]]:
        """Read a conversation so that an answer under way in it can be followed: it may end while it is read."""
        found, rows = await self._conversations.open(user, conversation, limit)
        if any(row.state in UNDER_WAY for row in rows) and self._conversations.live(conversation) is None:
            found, rows = await self._conversations.open(user, conversation, limit)
        return found, rows


async def _still(ask_again: AskAgain) -> Principal:
    by = await ask_again()
    if by is None:
        raise TabEnded
    return by


async def _send(socket: WebSocket, tab: Tab) -> None:
    """Send the tab's frames in order; a tab that takes too few is closed and comes back."""
    try:
        while True:
            await socket.send_text(await tab.next_frame())
    except TabTooSlow:
        await socket.close(_TOO_BIG)
    except TabEnded:
        await socket.close(SESSION_OVER)
    except (WebSocketDisconnect, RuntimeError):
        return  # the reading side sees the same and ends the tab


async def _receive(socket: WebSocket) -> Frame:
    text = await socket.receive_text()
    if len(text) > _FRAME_LIMIT:
        raise BadFrame(f"{len(text)} characters")
    try:
        frame = json.loads(text)
    except ValueError as error:
        raise BadFrame("not JSON") from error
    if not isinstance(frame, dict):
        raise BadFrame("not an object")
    return frame


def _text(frame: Frame, name: str) -> str | None:
    value = frame.get(name)
    if value is not None and not isinstance(value, str):
        raise BadFrame(f"{name} is no text")
    return _UNWRITABLE.sub("\ufffd", value) if value else value


def _uuid(frame: Frame, name: str) -> UUID | None:
    value = _text(frame, name)
    try:
        return UUID(value) if value else None
    except ValueError:
        return None  # an address that somebody typed: there is no such thing


def _required_uuid(frame: Frame, name: str) -> UUID:
    value = _uuid(frame, name)
    if value is None:
        raise BadFrame(f"{name} is missing")
    return value


def _model(frame: Frame) -> ModelName | None:
    name = _text(frame, "model")
    return ModelName(name) if name else None


def _message(frame: Frame) -> MessageId:
    return MessageId(_required_uuid(frame, "message"))
