"""One answer under way that tabs follow: rendered once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chatui.conversations.endings import answer_fields
from chatui.conversations.journal import AnswerPlace
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobState
from chatui.domain.messages import Role
from chatui.scheduler.job import Job
from chatui.web.live_answer import LiveAnswer
from chatui.web.markdown import Markdown
from chatui.web.tab import Tab
from chatui.web.transcript import Standing, for_reader, show_course, show_line, show_message
from storage.tables import Message

EVERY_S = 1 / 15
"""So often at most a page is told of what is written."""
_EARLY_S = EVERY_S / 2
"""So much earlier it may be told, if the next time is so much later for it: what is read 14 times a second, a little
unevenly, does not wait here once more."""
_LINE_EVERY_S = 1.0
_CORE_SHARE = 0.08
"""So much of a core may go into the rendering of answers under way, all together."""
_ANSWER_SHARE = 0.05
"""And so much into that of one."""
_NEWS = ("stage", "position", "turn")


class FollowedAnswer:
    """Follows one job for the tabs that show its conversation.

    `entered` is called when it comes to another stage, and `bring` when something was written: at once after a pause,
    and every `EVERY_S` while more comes.
    """

    def __init__(
        self,
        place: AnswerPlace,
        job: Job,
        markdown: Markdown,
        entered: Callable[[], None],
        bring: Callable[[FollowedAnswer], None],
    ) -> None:
        self.place = place
        self.job = job
        self._markdown = markdown
        self._live = LiveAnswer(markdown)
        self._entered = entered
        self._bring = bring
        self._stages = len(job.timeline)
        self._next = 0.0
        self._brought: asyncio.Handle | None = None
        self._unsubscribe = job.subscribe(self._heard)

    @property
    def over(self) -> JobFinished | None:
        """How the job ended; None while it is under way."""
        return self.job.outcome

    def close(self) -> None:
        """Follow no longer."""
        self._unsubscribe()
        self._let_be()

    def _heard(self) -> None:
        if len(self.job.timeline) != self._stages:
            self._stages = len(self.job.timeline)
            self._entered()
        elif self._brought is None:
            loop = asyncio.get_running_loop()
            due = self._next - _EARLY_S
            at_once = loop.time() >= due
            self._brought = loop.call_soon(self._bring, self) if at_once else loop.call_at(due, self._bring, self)

    def _let_be(self) -> None:
        if self._brought is not None:
            self._brought.cancel()
            self._brought = None

    def advance(self, now: float, among: int) -> None:
        """Take in what was written since the last time, once for all tabs; `among` answers share the time for it."""
        self._let_be()
        loop_time = asyncio.get_running_loop().time()
        self._next = min(max(self._next, loop_time), loop_time + _EARLY_S) + EVERY_S
        took = self._live.follow(self.place.text(self.job), self.place.thinking(self.job), now)
        if took:
            self._live.rest_until(now + took / min(_ANSWER_SHARE, _CORE_SHARE / among))

    def frame_for(self, tab: Tab, standing: Standing, now: float) -> dict[str, Any] | None:
        """What this tab lacks; None when it has everything."""
        watched = tab.watched(self.place.message)
        piece = self._live.since(watched.cursor)
        line = self._line_for(tab, standing, now)
        if not piece.reset and piece.empty and line is None:
            return None
        frame: dict[str, Any] = {"t": "live", "message": str(self.place.message), "blocks": piece.blocks}
        frame |= {"reset": True} if piece.reset else {"at": piece.at}
        optional = {
            "append": piece.append or None,
            "thinking": piece.thinking or None,
            "tail": piece.tail,
            "line": line,
        }
        watched.cursor = piece.cursor
        return frame | {name: value for name, value in optional.items() if value is not None}

    def _line_for(self, tab: Tab, standing: Standing, now: float) -> dict[str, Any] | None:
        """The waiting line when it changed: a new stage or place at once, running figures once a second."""
        watched, told = tab.watched(self.place.message), len(self.job.timeline)
        if self.job.state is JobState.RUNNING and told == watched.told and now < watched.line_due:
            return None  # only its figures could differ
        line = show_line(self.job, standing, tab.words, now)
        if line is None:
            return None
        if tab.lent:
            line |= {"turn": None}  # when it runs is not for readers to choose
        known = watched.line or {}
        news = told != watched.told or any(line[key] != known.get(key) for key in _NEWS)
        if not news and (line == watched.line or now < watched.line_due):
            return None
        watched.line = line
        watched.line_due = now + _LINE_EVERY_S
        if told == watched.told:
            return line
        watched.told = told
        return line | show_course(self.job, tab.words, now)

    def ending_for(self, tab: Tab, end: JobFinished) -> dict[str, Any]:
        """The finished answer, as the database has it."""
        message = Message(
            id=self.place.message,
            conversation_id=self.place.conversation,
            role=Role.ASSISTANT,
            created_at=datetime.now(UTC),
            **(
                answer_fields(self.job, end, self.place.before)
                | {"model": self.job.request.model, "left_out": self.place.left_out}
            ),
        )
        shown = show_message(message, self._markdown, tab.words)
        return {
            "t": "message",
            "conversation": str(tab.address),
            "message": for_reader(shown) if tab.lent else shown,
        }
