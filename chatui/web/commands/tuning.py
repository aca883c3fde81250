"""What the tuning page says on the line: watch a measurement, stop it, apply what it found. For admins alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from chatui.domain.access import Action, may
from chatui.domain.errors import NotFound, Refused
from chatui.operations.tuning.desk import TuningDesk
from chatui.operations.tuning.keeper import Tunings
from chatui.web.admin.tuning import show_tunings
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, uuid_in
from chatui.web.hub import Hub
from chatui.web.tab import Tab

log = logging.getLogger(__name__)
_TICK_S = 0.2


class Tuning:
    """Holds the tabs that watch, and costs nothing while none does."""

    def __init__(self, hub: Hub, desk: TuningDesk, tunings: Tunings) -> None:
        self._hub = hub
        self._desk = desk
        self._tunings = tunings
        self._tabs: set[Tab] = set()
        self._due = asyncio.Event()
        tunings.subscribe(self._due.set)
        desk.settings.in_force.subscribe(lambda *_: self._due.set())

    def commands(self) -> Mapping[str, Command]:
        """The handlers, each of them for admins alone."""
        found = {"admin.tuning": self._watch, "admin.tuning_stop": self._stop, "admin.tuning_apply": self._apply}
        return {word: _for_admins(command) for word, command in found.items()}

    async def run(self) -> None:
        """Tell the tabs what is new, a few times a second at most, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            self._tabs = {tab for tab in self._tabs if self._hub.holds(tab)}
            for tab in tuple(self._tabs):
                try:
                    tab.post(await self._frame(tab))
                except Refused as refusal:
                    log.info("a tab was not told of a measurement: %s", refusal)
                    self._tabs.discard(tab)
            await asyncio.sleep(_TICK_S)

    async def _watch(self, tab: Tab, _frame: Frame) -> None:
        tab.post(await self._frame(tab))
        self._tabs.add(tab)

    async def _stop(self, tab: Tab, _frame: Frame) -> None:
        await self._desk.stop(tab.by)
        await self._tunings.look()

    async def _apply(self, tab: Tab, frame: Frame) -> None:
        run_id = uuid_in(frame, "run")
        if run_id is None:
            raise NotFound
        await self._desk.apply(tab.by, run_id)
        self._due.set()

    async def _frame(self, tab: Tab) -> Frame:
        runs = await self._desk.runs(tab.by)
        return show_tunings(runs, self._tunings.step, self._desk.settings.in_force.now.workers)


def _for_admins(command: Command) -> Command:
    async def for_admins(tab: Tab, frame: Frame) -> None:
        if not may(tab.user, Action.CHANGE_SETTINGS):
            raise NotFound
        await command(tab, frame)

    return for_admins
