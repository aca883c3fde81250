"""Searching, while it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from chatui.conversations.finding import Finding
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, number_in, text_in
from chatui.web.tab import Tab
from chatui.web.wording import Wording
from storage.search import Hit

_PAGE: Final = 20
_LONGEST: Final = 200


class Searching:
    """What somebody looks for."""

    def __init__(self, finding: Finding) -> None:
        self._finding = finding

    def commands(self) -> Mapping[str, Command]:
        """`search`: its `n` comes back, since only the answer to the newest is of use."""
        return {"search": self._search}

    async def _search(self, tab: Tab, frame: Frame) -> None:
        typed, before = (text_in(frame, "text") or "")[:_LONGEST], number_in(frame, "before")
        found = await self._finding.find(tab.user, typed, _PAGE, before)
        now = datetime.now().astimezone()
        items = [_show(hit, tab.words, now) for hit in found.hits]
        tab.post({"t": "found", "n": number_in(frame, "n"), "before": before, "items": items, "more": found.more})


def _show(hit: Hit, words: Wording, now: datetime) -> Frame:
    """A hit; every second piece of the excerpt, from the second on, is what was looked for."""
    return {
        "place": hit.place,
        "conversation": str(hit.conversation_id),
        "message": str(hit.message_id) if hit.message_id else None,
        "title": hit.title,
        "excerpt": list(hit.excerpt),
        "at": hit.at.isoformat(),
        "day": words.moment(hit.at.astimezone(), now),
    }
