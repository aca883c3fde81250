"""Brings the queue and the figures to the tabs of admins that watch them, and costs nothing while none does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from chatui.accounts.allowances import Allowances
from chatui.domain.errors import Refused
from chatui.domain.messages import UserId
from chatui.operations.fleet import Fleet
from chatui.operations.recorder.history import LOOK_EVERY, Window
from chatui.operations.recorder.recorder import Recorder
from chatui.operations.recorder.sample import Sample
from chatui.scheduler.scheduler import Scheduler
from chatui.web.admin.points import COLUMNS, show_people, show_point
from chatui.web.admin.queue_frame import show_queue, show_servers
from chatui.web.hub import Hub
from chatui.web.tab import Tab

log = logging.getLogger(__name__)
_TICK_S: Final = 1.0
_NAMES_FOR_S: Final = 30.0
Frame = dict[str, Any]
Names = Mapping[UserId, str]


class AdminWatch:
    """Holds the tabs that watch. Frames are made once for all of them: what is said in words is said by the page."""

    def __init__(
        self,
        hub: Hub,
        scheduler: Scheduler,
        fleet: Fleet,
        recorder: Recorder,
        allowances: Allowances,
        find_names: Callable[[], Awaitable[Names]],
        clock: Callable[[], float],
    ) -> None:
        self._hub = hub
        self._scheduler = scheduler
        self._fleet = fleet
        self._recorder = recorder
        self._allowances = allowances
        self._find_names = find_names
        self._clock = clock
        self._names: Names = {}
        self._names_due = 0.0
        self._tabs: set[Tab] = set()
        self._last: Frame = {}
        self._due = asyncio.Event()
        recorder.subscribe(self._taken)

    async def join(self, tab: Tab) -> None:
        """Let a tab watch from now on."""
        tab.post(await self.queue())
        self._tabs.add(tab)
        self._due.set()

    async def told(self) -> None:
        """Tell everybody at once, after something was changed by hand."""
        self._tell(await self.queue())

    async def chart(self, window: Window) -> Frame:
        """The points of a window, and who had which share of it."""
        samples = await self._recorder.history.points(window)
        seconds = max(window.step, LOOK_EVERY).total_seconds()
        limits = await self._allowances.limits_of_all()
        weights = {person: held.weight for person, held in limits.items()}
        return {
            "t": "admin.chart",
            "window": window,
            "step_ms": round(seconds * 1000),
            "to": round(self._recorder.history.now().timestamp() * 1000),
            "columns": list(COLUMNS),
            "points": [show_point(sample, seconds) for sample in samples],
            "people": show_people(samples, await self._known_names(), weights),
        }

    async def queue(self) -> Frame:
        """Everything that is so at this moment."""
        names, now = await self._known_names(), self._clock()
        return {
            "t": "admin.queue",
            "paused": self._scheduler.paused,
            "draining": self._scheduler.draining,
            **show_queue(self._scheduler.jobs, self._scheduler.places(), names, now),
            **show_servers(self._scheduler.backends().values(), self._fleet.statuses(), now),
        }

    async def run(self) -> None:
        """Tell the tabs what changed, once a second, until cancelled."""
        while True:
            await self._due.wait()
            await asyncio.sleep(_TICK_S)
            self._tabs = {tab for tab in self._tabs if self._hub.holds(tab)}
            if not self._tabs:
                self._due.clear()
                continue
            try:
                frame = await self.queue()
            except Refused as error:
                log.warning("the admins' pages were not told: %s", error)
                continue
            if frame != self._last:
                self._tell(frame)

    def _tell(self, frame: Frame) -> None:
        self._last = frame
        for tab in self._tabs:
            tab.post(frame)

    def _taken(self, sample: Sample) -> None:
        if self._tabs:
            point = show_point(sample, LOOK_EVERY.total_seconds())
            for tab in self._tabs:
                tab.post({"t": "admin.point", "point": point})

    async def _known_names(self) -> Names:
        """People's names: looked up again when somebody is new, and now and then."""
        new = any(job.submission.user not in self._names for job in self._scheduler.jobs)
        if new or self._clock() >= self._names_due:
            self._names = await self._find_names()
            self._names_due = self._clock() + _NAMES_FOR_S
        return self._names
