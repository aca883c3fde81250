"""The live line's endpoint: reads what a tab says, has it done, and sends what the hub brings."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta

from starlette.websockets import WebSocket, WebSocketDisconnect

from chatui import __version__
from chatui.accounts.preferences import Preferences
from chatui.conversations.shelf import View
from chatui.domain.errors import Refused
from chatui.domain.messages import ConversationId, UserId
from chatui.domain.people import AccountRole, Principal
from chatui.web.commands.command import Command, Theme
from chatui.web.commands.showing import Showing
from chatui.web.frames import BadFrame, Frame, frame_from, text_in, uuid_in
from chatui.web.hub import Hub
from chatui.web.pace import Pace
from chatui.web.tab import Tab, TabEnded, TabTooSlow
from chatui.web.wording import wording_for

log = logging.getLogger(__name__)
_TOO_BIG, _BAD_FRAME, _TOO_MANY = 1009, 1008, 1013
MOST_TABS = 500
"""Of one person, on all their devices."""
HELLO_WITHIN = timedelta(seconds=15)
FRAMES_PER_SECOND, FRAMES_AT_ONCE = 20, 60
"""No hand is faster; a page that comes back says a few words at once."""
SESSION_OVER = 4401
"""The code with which a line is closed whose session is over: the page does not try again, but asks to sign in."""

AskAgain = Callable[[], Awaitable[Principal | None]]


class LiveLine:
    """Serves the tabs. `standing_frames` gives the frames that stand over every page now."""

    def __init__(
        self,
        hub: Hub,
        showing: Showing,
        preferences: Preferences,
        themes: Sequence[Theme],
        standing_frames: Callable[[Tab], list[Frame]],
        message_characters: Callable[[], int],
    ) -> None:
        self._hub = hub
        self._showing = showing
        self._preferences = preferences
        self._commands: dict[str, Command] = {"ping": _pong}
        for theme in themes:
            self._commands |= theme.commands()
        self._standing_frames = standing_frames
        self._message_characters = message_characters
        self._open: Counter[UserId] = Counter()

    @property
    def words(self) -> Collection[str]:
        """Everything that a page can say."""
        return self._commands.keys()

    async def serve(self, socket: WebSocket, by: Principal, ask_again: AskAgain) -> None:
        """Serve one tab of a person until it goes, or their session does. `ask_again` tells who they are now."""
        await socket.accept()
        person = by.user.id
        if self._open[person] >= MOST_TABS:
            await socket.close(_TOO_MANY)
            return
        self._open[person] += 1
        try:
            await self._serve(socket, by, ask_again)
        finally:
            self._open[person] -= 1
            self._open = +self._open

    async def _serve(self, socket: WebSocket, by: Principal, ask_again: AskAgain) -> None:
        sender: asyncio.Task[None] | None = None
        tab: Tab | None = None
        try:
            hello = await _hello(socket)
            tab = await self._tab(by, hello)
            sender = asyncio.create_task(_send(socket, tab))
            await self._welcome(tab, hello, ask_again)
            pace = Pace(FRAMES_PER_SECOND, FRAMES_AT_ONCE, _now())
            while True:
                frame = await _heard(socket)
                # Nothing is read meanwhile, so that who talks too fast is held up by their own network.
                await asyncio.sleep(pace.step(_now()))
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

    async def _tab(self, by: Principal, hello: Frame) -> Tab:
        """The tab of a page, in the language that its person chose, else in the one of the browser."""
        try:
            chosen = await self._preferences.of(by.user)
        except Refused:
            chosen = {}
        tab = Tab(by, wording_for(chosen.get("language") or text_in(hello, "language") or "en"))
        tab.away = bool(hello.get("away"))
        if by.user.role is AccountRole.VIEWER:
            tab.view = View.SHARED  # what there is for them
        tab.post({"t": "preferences", "chosen": chosen})
        return tab

    async def _welcome(self, tab: Tab, hello: Frame, ask_again: AskAgain) -> None:
        limits = {"characters": self._message_characters()}
        person = {"name": tab.user.name, "role": tab.user.role.value}
        tab.post({"t": "welcome", "version": __version__, "person": person, "limits": limits})
        for frame in self._standing_frames(tab):
            tab.post(frame)
        self._hub.join(tab)
        # Who joined hears of a session that ends; one that ended just before is found here.
        tab.by = await _still(ask_again)
        try:
            await self._hub.send_list(tab)
        except Refused as refusal:
            tab.refuse(refusal)
        wanted, left = uuid_in(hello, "conversation"), uuid_in(hello, "resume")
        if wanted is None and left is not None and not self._hub.watched(ConversationId(left)):
            wanted = left
        await self._showing.show(tab, wanted)

    async def _take(self, tab: Tab, frame: Frame) -> None:
        """Do what was asked, or say why not."""
        command = self._commands.get(str(frame.get("t")))
        if command is None:
            raise BadFrame(f"no such word: {frame.get('t')!r}")
        try:
            await command(tab, frame)
        except Refused as refusal:
            tab.refuse(refusal, text_in(frame, "key"))


async def _hello(socket: WebSocket) -> Frame:
    try:
        async with asyncio.timeout(HELLO_WITHIN.total_seconds()):
            return await _heard(socket)
    except TimeoutError as error:
        raise BadFrame("not a word") from error


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _heard(socket: WebSocket) -> Frame:
    try:
        return frame_from(await socket.receive_text())
    except KeyError as error:
        raise BadFrame("no text") from error
    except RuntimeError as error:  # what was to be sent ended the line meanwhile
        raise WebSocketDisconnect from error


async def _still(ask_again: AskAgain) -> Principal:
    by = await ask_again()
    if by is None:
        raise TabEnded
    return by


async def _pong(tab: Tab, _: Frame) -> None:
    tab.post({"t": "pong"})


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
