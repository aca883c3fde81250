"""Brings what changes to the tabs that show it, at most 15 times a second and only when something did."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from chatui.accounts.events import AccountClosed, AccountEvent, SessionsRevoked
from chatui.conversations.rooms import Rooms
from chatui.conversations.shelf import Shelf
from chatui.domain.errors import Refused
from chatui.domain.jobs import JobId, JobState
from chatui.domain.messages import ConversationId, MessageId, UserId
from chatui.scheduler.decision import Place
from chatui.scheduler.scheduler import Scheduler
from chatui.web.followed import EVERY_S, FollowedAnswer
from chatui.web.listing import show_list
from chatui.web.markdown import Markdown
from chatui.web.tab import Lent, Tab
from chatui.web.transcript import Standing

log = logging.getLogger(__name__)
_IDLE_TICK_S = 1.0
_LIST_EVERY_S = 0.25
_AT_ONCE_S = 0.01
"""So long answers are brought on before others have their turn: hundreds that end at a time take a second."""


class Hub:
    """Holds the tabs.

    Each answer is brought on by itself when something was written, so that it does not wait for the others. What else
    changes is looked up for all of them at a time, and their seconds are brought up to date.
    """

    def __init__(
        self,
        rooms: Rooms,
        shelf: Shelf,
        scheduler: Scheduler,
        markdown: Markdown,
        clock: Callable[[], float],
    ) -> None:
        self._rooms = rooms
        self._shelf = shelf
        self._scheduler = scheduler
        self._markdown = markdown
        self._clock = clock
        self._tabs: set[Tab] = set()
        self._showing: defaultdict[ConversationId, set[Tab]] = defaultdict(set)
        self._followed: dict[MessageId, FollowedAnswer] = {}
        self._ended_unseen: set[ConversationId] = set()
        self._states: Mapping[UserId, Mapping[ConversationId, JobState]] = {}
        self._places: dict[JobId, Place] = {}
        self._places_due = 0.0
        self._lists_due: dict[UserId, float] = {}
        self._changed = asyncio.Event()
        scheduler.subscribe(self._queue_changed)

    def join(self, tab: Tab) -> None:
        """Take in a tab."""
        self._tabs.add(tab)

    def leave(self, tab: Tab) -> None:
        """Let a tab go."""
        self._tabs.discard(tab)
        self._turn(tab, None)

    def holds(self, tab: Tab) -> bool:
        """Whether a tab is still there."""
        return tab in self._tabs

    def heard(self, event: AccountEvent) -> None:
        """End the tabs of sessions that are over, and take from readers what belongs to an account that is closed."""
        match event:
            case SessionsRevoked(sessions=sessions):
                for tab in self._tabs:
                    if tab.by.session in sessions:
                        tab.end()
            case AccountClosed(user=user):
                for tab in [tab for tab in self._tabs if tab.lent and tab.lent.owner == user]:
                    self.withdraw(tab)
                self.lists_changed()
            case _:
                return

    def watched(self, conversation: ConversationId) -> bool:
        """Whether any tab of its person shows the conversation."""
        return any(tab.lent is None for tab in self._showing.get(conversation, ()))

    def tabs_of(self, user: UserId, conversation: ConversationId | None) -> list[Tab]:
        """The person's tabs that show the conversation; for None those that show none."""
        shown = self._tabs if conversation is None else self._showing.get(conversation, ())
        return [tab for tab in shown if tab.user.id == user and tab.conversation == conversation and not tab.lent]

    def owners_tabs(self, conversation: ConversationId) -> list[Tab]:
        """The tabs of its person that show the conversation."""
        return [tab for tab in self._showing.get(conversation, ()) if tab.lent is None]

    def readers_of(self, conversation: ConversationId) -> list[Tab]:
        """The tabs of others that show what is shared with them."""
        return [tab for tab in self._showing.get(conversation, ()) if tab.lent]

    def show(self, tab: Tab, conversation: ConversationId | None, lent: Lent | None = None) -> None:
        """Have a tab follow what happens in a conversation, its person's own or one that is `lent`."""
        self._turn(tab, conversation, lent)
        self.follow()

    def withdraw(self, tab: Tab) -> None:
        """Take from a reader's tab what is shared with it no longer."""
        tab.post({"t": "withdrawn", "conversation": str(tab.address)})
        self.show(tab, None)

    def follow(self) -> None:
        """Follow the answers under way in the conversations that are shown, and no others.

        To be called in the same turn of the loop in which an answer under way was shown: a quick one would be over
        before the next tick, and its end never told.
        """
        self._changed.set()
        self._follow()

    def _follow(self) -> None:
        for message, followed in [*self._followed.items()]:
            if followed.place.conversation not in self._showing or self._dropped(followed):
                self._followed.pop(message).close()
        for place, job in self._rooms.live():
            if place.conversation in self._showing and place.message not in self._followed:
                self._followed[place.message] = FollowedAnswer(
                    place, job, self._markdown, self._changed.set, self._bring
                )

    def follow_anew(self, conversation: ConversationId) -> None:
        """Follow the answers under way from their beginning, since their question was changed."""
        for message, followed in [*self._followed.items()]:
            if followed.place.conversation == conversation:
                self._followed.pop(message).close()
        self.follow()

    def list_changed(self, user: UserId) -> None:
        """Send a person's conversations anew to their tabs, soon."""
        self._lists_due.setdefault(user, self._clock() + _LIST_EVERY_S)
        self._changed.set()

    def lists_changed(self) -> None:
        """Send everybody's conversations anew, soon: what is shared has changed."""
        for user in {tab.user.id for tab in self._tabs}:
            self.list_changed(user)

    def post_all(self, frame: Callable[[Tab], dict[str, Any]]) -> None:
        """Send every tab a frame, made for its person and language."""
        for tab in self._tabs:
            tab.post(frame(tab))

    def post_to(self, user: UserId, frame: dict[str, Any]) -> None:
        """Send every tab of a person a frame."""
        for tab in [tab for tab in self._tabs if tab.user.id == user]:
            tab.post(frame)

    async def run(self) -> None:
        """Bring changes to tabs until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_TICK_S):
                    await self._changed.wait()
            self._changed.clear()
            due = asyncio.get_running_loop().time() + EVERY_S
            try:
                await self._tick()
            except Refused as error:
                log.warning("tabs were not told: %s", error)
            except Exception:  # one answer that cannot be shown must not end the line of everybody
                log.exception("tabs were not told")
            await asyncio.sleep(due - asyncio.get_running_loop().time())

    async def tell_ends(self, within: timedelta) -> None:
        """Have tabs sent what has happened so far, before their lines are closed; who takes nothing is not waited for.

        Else an answer that ends as the app does would look cut off until its page is back.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(within.total_seconds()):
                await self._tick()
                for tab in tuple(self._tabs):
                    await tab.taken()

    async def send_list(self, tab: Tab) -> None:
        """Send a tab the person's conversations, when they differ from what it has."""
        contents = await self._shelf.contents(tab.user, tab.view, tab.list_limit)
        today, states = datetime.now().astimezone().date(), self._list_states(tab.user.id)
        shown = show_list(contents, tab.user.id, states, tab.words, today)
        if shown != tab.list:
            tab.list = shown
            tab.post(shown)

    async def _tick(self) -> None:
        now = self._clock()
        self._note_states()
        self._follow()
        if self._followed:
            self._look_at_places(now)
            loop = asyncio.get_running_loop()
            begun = loop.time()
            for followed in tuple(self._followed.values()):
                if followed.place.message in self._followed:  # not let go of meanwhile
                    self._advance(followed, now)
                if loop.time() - begun > _AT_ONCE_S:
                    await asyncio.sleep(0)
                    begun = loop.time()
        await self._keep_unseen()
        await self._send_lists(now)

    def _turn(self, tab: Tab, conversation: ConversationId | None, lent: Lent | None = None) -> None:
        if tab.conversation is not None:
            self._showing[tab.conversation].discard(tab)
            if not self._showing[tab.conversation]:
                del self._showing[tab.conversation]
        if conversation is not None:
            self._showing[conversation].add(tab)
        tab.show(conversation, lent)

    def _queue_changed(self) -> None:
        self._places_due = 0.0
        self._changed.set()

    def _look_at_places(self, now: float) -> None:
        if now >= self._places_due:
            self._places = self._scheduler.places()
            self._places_due = now + _IDLE_TICK_S

    def _bring(self, followed: FollowedAnswer) -> None:
        if followed.over is not None:
            return  # its end is told with the others': to show the whole takes a while
        try:
            self._advance(followed, self._clock())
        except Exception:  # as in `run`
            log.exception("tabs were not told")

    def _advance(self, followed: FollowedAnswer, now: float) -> None:
        followed.advance(now, len(self._followed))
        job, end = followed.job, followed.over
        standing = Standing(self._places.get(job.id), self._scheduler.loading(job.request.model))
        for tab in self._showing.get(followed.place.conversation, ()):
            if not tab.shows(followed.place.message):
                continue
            frame = followed.ending_for(tab, end) if end else followed.frame_for(tab, standing, now)
            if frame is not None:
                tab.post(frame)
        if end is not None:
            self._followed.pop(followed.place.message).close()

    def _note_states(self) -> None:
        """See which conversations changed their state, so that the lists say so; what nobody saw end is unseen."""
        states = self._rooms.states()
        for user in states.keys() | self._states.keys():
            now, before = states.get(user, {}), self._states.get(user, {})
            if now != before:
                self._ended_unseen |= {ended for ended in before.keys() - now.keys() if not self._seen(ended)}
                self.list_changed(user)
        self._states = states

    def _dropped(self, followed: FollowedAnswer) -> bool:
        """Whether its question could not be kept: such a job has no end, and would hide the next one for ever."""
        return followed.over is None and self._scheduler.job(followed.job.id) is None

    def _seen(self, conversation: ConversationId) -> bool:
        return any(not tab.away and not tab.lent for tab in self._showing.get(conversation, ()))

    async def _keep_unseen(self) -> None:
        if self._ended_unseen:
            ended, self._ended_unseen = self._ended_unseen, set()
            await self._shelf.mark_unread(ended)

    def _list_states(self, user: UserId) -> dict[str, str]:
        states = self._states.get(user, {}).items()
        return {str(found): "waiting" if state is JobState.QUEUED else "writing" for found, state in states}

    async def _send_lists(self, now: float) -> None:
        for user in [user for user, due in self._lists_due.items() if due <= now]:
            self._lists_due.pop(user, None)  # at the end of the app it is looked twice at a time
            for tab in [tab for tab in self._tabs if tab.user.id == user]:
                await self.send_list(tab)
        if self._lists_due:
            self._changed.set()
