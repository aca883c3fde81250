"""What every theme of commands offers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from chatui.web.frames import Frame
from chatui.web.tab import Tab

Command = Callable[[Tab, Frame], Awaitable[None]]
"""Does what a frame asks. Raises a `Refused`, of which the tab is told, or `BadFrame`."""


class Theme(Protocol):
    """Commands that belong together."""

    def commands(self) -> Mapping[str, Command]:
        """The handlers, by the word in the frame's `t`."""
