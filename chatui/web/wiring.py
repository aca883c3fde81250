"""The live line with every theme of commands that a page has."""

from __future__ import annotations

from collections.abc import Callable

from chatui.conversations.services import Services
from chatui.web.commands.asking import Asking
from chatui.web.commands.branching import Branching
from chatui.web.commands.command import Theme
from chatui.web.commands.drafting import Drafting
from chatui.web.commands.governing import Governing
from chatui.web.commands.mannering import Mannering
from chatui.web.commands.passing import Passing
from chatui.web.commands.preferring import Preferring
from chatui.web.commands.prompting import Prompting
from chatui.web.commands.searching import Searching
from chatui.web.commands.sharing import Sharing
from chatui.web.commands.shelving import Shelving
from chatui.web.commands.showing import Showing
from chatui.web.commands.weighing import Weigh
from chatui.web.frames import Frame
from chatui.web.hub import Hub
from chatui.web.live import LiveLine
from chatui.web.tab import Tab


def live_line(
    hub: Hub,
    services: Services,
    governing: Governing,
    tuning: Theme,
    showing: Showing,
    standing_frames: Callable[[Tab], list[Frame]],
    message_characters: Callable[[], int],
) -> LiveLine:
    """Put the line together."""
    services.title_writer.changed = hub.list_changed
    services.imports.changed = hub.list_changed
    themes: list[Theme] = [
        showing,
        Asking(hub, services.rooms, showing),
        Branching(hub, services.rooms, showing),
        Drafting(hub, services.rooms),
        Mannering(hub, services.rooms, services.presets),
        Prompting(hub, services.prompts),
        Weigh(services.rooms),
        Passing(services.temporary, showing),
        Shelving(hub, services.shelf, services.sharing, showing),
        Sharing(hub, services.sharing),
        Searching(services.finding),
        Preferring(hub, services.preferences),
        governing,
        tuning,
    ]
    return LiveLine(hub, showing, services.preferences, themes, standing_frames, message_characters)
