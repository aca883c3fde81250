"""One tab on the line: what it shows, what it has, and the frames that wait to go out."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chatui.conversations.shelf import View
from chatui.domain.errors import Refused
from chatui.domain.messages import ConversationId, ShareId, UserId
from chatui.domain.people import Principal, User
from chatui.web.live_answer import Cursor
from chatui.web.wording import Wording

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_OUTBOX = 512  # frames; a tab that does not take them is cut off and comes back for a fresh snapshot


LIST_STEP = 100
"""So many of a person's conversations are listed, and as many more each time they ask."""


class TabTooSlow(Exception):
    """The tab does not take what it is sent."""


class TabEnded(Exception):
    """The session that the tab belongs to is over."""


@dataclass(frozen=True, slots=True)
class Lent:
    """By which link a tab shows what somebody else shares, who, and the message that the shown branch ends with."""

    share: ShareId
    owner: UserId
    leaf: UUID | None


@dataclass(slots=True)
class Watched:
    """What a tab has of an answer under way: of its text, and of its line."""

    cursor: Cursor | None = None
    line: dict[str, Any] | None = None
    line_due: float = 0.0
    told: int = 0


class Tab:
    """What the server knows of a tab. Frames go out in order, and nobody waits for a slow line.

    `away` says that its page is hidden: what ends there is not seen. `lent` is there when it shows a conversation of
    somebody else, of which it gets what readers get.
    """

    def __init__(self, by: Principal, words: Wording) -> None:
        self.by = by
        self.words = words
        self.conversation: ConversationId | None = None
        self.lent: Lent | None = None
        self._watched: defaultdict[UUID, Watched] = defaultdict(Watched)
        self.view = View.DESK
        self.list_limit = LIST_STEP
        self.list: dict[str, Any] | None = None
        self.away = False
        self._outbox: deque[str] = deque()
        self._waiting = asyncio.Event()
        self._taken = asyncio.Event()
        self._taken.set()
        self._ended = False

    @property
    def user(self) -> User:
        """The person at the tab."""
        return self.by.user

    @property
    def address(self) -> UUID | None:
        """By what the page knows that which it shows: a reader's by the link alone."""
        return self.lent.share if self.lent else self.conversation

    def show(self, conversation: ConversationId | None, lent: Lent | None = None) -> None:
        """Note which conversation the tab shows from now on; it has nothing yet of answers under way there."""
        self.conversation = conversation
        self.lent = lent
        self.start_answers()

    def start_answers(self) -> None:
        """Note that the tab has nothing yet of the answers under way."""
        self._watched.clear()

    def watched(self, message: UUID) -> Watched:
        """What the tab has of an answer under way."""
        return self._watched[message]

    def shows(self, message: UUID) -> bool:
        """Whether an answer under way is for this tab: a reader gets the one that the shown branch ends with."""
        return self.lent is None or self.lent.leaf == message

    def post(self, frame: dict[str, Any]) -> None:
        """Put a frame into the outbox."""
        self._outbox.append(_as_json(frame))
        self._taken.clear()
        self._waiting.set()

    def refuse(self, refusal: Refused, key: str | None = None) -> None:
        """Say why something was not done; `key` is the ask's own."""
        after = getattr(refusal, "retry_after", None)
        seconds = after.total_seconds() if after else None
        self.post({"t": "refused", "key": key, "sentence": self.words.refused(refusal), "retry_after_s": seconds})

    def end(self) -> None:
        """Send the tab nothing more: whoever sits there is nobody any longer."""
        self._ended = True
        self._waiting.set()

    async def taken(self) -> None:
        """Wait until everything that was posted has been sent."""
        await self._taken.wait()

    async def next_frame(self) -> str:
        """Wait for the next frame to go out; raises `TabTooSlow` when too many have piled up, and `TabEnded`."""
        while not self._outbox and not self._ended:
            self._taken.set()
            self._waiting.clear()
            await self._waiting.wait()
        if self._ended:
            raise TabEnded
        if len(self._outbox) > _OUTBOX:
            raise TabTooSlow
        return self._outbox.popleft()
