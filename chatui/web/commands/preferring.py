"""What a person chooses for themselves."""

from __future__ import annotations

from collections.abc import Mapping

from chatui.accounts.preferences import Preferences
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, text_in
from chatui.web.hub import Hub
from chatui.web.tab import Tab


class Preferring:
    """Choices, told to every page of the person."""

    def __init__(self, hub: Hub, preferences: Preferences) -> None:
        self._hub = hub
        self._preferences = preferences

    def commands(self) -> Mapping[str, Command]:
        """`prefer` something."""
        return {"prefer": self._prefer}

    async def _prefer(self, tab: Tab, frame: Frame) -> None:
        chosen = await self._preferences.choose(tab.user, text_in(frame, "name") or "", text_in(frame, "value"))
        self._hub.post_to(tab.user.id, {"t": "preferences", "chosen": chosen})
