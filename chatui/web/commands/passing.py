"""Temporary chats: closing one."""

from __future__ import annotations

from collections.abc import Mapping

from chatui.conversations.temporary import TemporaryChats
from chatui.web.commands.command import Command
from chatui.web.commands.showing import Showing
from chatui.web.frames import Frame, conversation_in
from chatui.web.tab import Tab


class Passing:
    """What a page can do with a temporary chat beside asking, which says `temporary` where it begins one."""

    def __init__(self, temporary: TemporaryChats, showing: Showing) -> None:
        self._temporary = temporary
        self._showing = showing

    def commands(self) -> Mapping[str, Command]:
        """`close` a temporary chat: it is gone."""
        return {"close": self._close}

    async def _close(self, tab: Tab, frame: Frame) -> None:
        conversation = conversation_in(frame)
        await self._temporary.close(tab.user, conversation)
        await self._showing.show_everywhere(tab, conversation)
