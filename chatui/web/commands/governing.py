"""What an admin's page says on the line: watch, and change the queue. For everybody else none of it is there."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from chatui.domain.access import Action, Owned, may, require
from chatui.domain.errors import InvalidInput, NotFound
from chatui.domain.jobs import JobId
from chatui.operations.failure_inbox import FailureInbox
from chatui.operations.queue_control import QueueControl
from chatui.operations.recorder.history import Window
from chatui.scheduler.scheduler import Scheduler
from chatui.web.admin.failures import show_groups
from chatui.web.admin.queue_frame import in_order
from chatui.web.admin.watch import AdminWatch
from chatui.web.commands.command import Command
from chatui.web.frames import Frame, text_in, uuid_in
from chatui.web.pages import Say
from chatui.web.tab import Tab


class Governing:
    """The words begin with `admin.`; after each change all who watch are told at once."""

    def __init__(self, watch: AdminWatch, scheduler: Scheduler, control: QueueControl, inbox: FailureInbox) -> None:
        self._watch = watch
        self._control = control
        self._inbox = inbox
        self._scheduler = scheduler

    def commands(self) -> Mapping[str, Command]:
        """The handlers, each of them for admins alone."""
        changes = {
            "admin.first": self._first,
            "admin.move": self._move,
            "admin.stop": self._stop,
            "admin.pass": self._pass,
            "admin.pause": self._pause,
            "admin.resume": self._resume,
            "admin.drain": self._drain,
        }
        asks = {"admin.watch": self._join, "admin.chart": self._chart, "admin.failures": self._failures}
        found = {word: _for_admins(ask) for word, ask in asks.items()}
        return {**found, **{word: _for_admins(self._telling(change)) for word, change in changes.items()}}

    def _telling(self, change: Command) -> Command:
        async def change_and_tell(tab: Tab, frame: Frame) -> None:
            require(tab.user, Action.ORDER_QUEUE)
            await change(tab, frame)
            await self._watch.told()

        return change_and_tell

    async def _join(self, tab: Tab, _frame: Frame) -> None:
        require(tab.user, Action.READ_METRICS)
        await self._watch.join(tab)

    async def _chart(self, tab: Tab, frame: Frame) -> None:
        require(tab.user, Action.READ_METRICS)
        try:
            window = Window(text_in(frame, "window") or "")
        except ValueError as error:
            raise InvalidInput("window") from error
        tab.post(await self._watch.chart(window))

    async def _failures(self, tab: Tab, _frame: Frame) -> None:
        tab.post(show_groups(await self._inbox.groups(tab.user), Say(tab.words.language), tab.words))

    async def _first(self, _tab: Tab, frame: Frame) -> None:
        await self._control.put_first(_job_in(frame, "job"))

    async def _move(self, _tab: Tab, frame: Frame) -> None:
        """Put a waiting job right before another one: all up to there keep the order that they have."""
        job, before = _job_in(frame, "job"), _job_in(frame, "before")
        order = [each.id for each in in_order(self._scheduler.jobs, self._scheduler.places())]
        if job not in order or before not in order or job == before:
            raise NotFound
        order.remove(job)
        await self._control.put_first(job, *reversed(order[: order.index(before)]))

    async def _stop(self, tab: Tab, frame: Frame) -> None:
        job = self._scheduler.job(_job_in(frame, "job"))
        if job is None:
            raise NotFound
        require(tab.user, Action.STOP_JOB, Owned(job.submission.user))
        await self._scheduler.stop(job.id)

    async def _pass(self, _tab: Tab, frame: Frame) -> None:
        await self._control.let_pass(_job_in(frame, "job"))

    async def _pause(self, tab: Tab, frame: Frame) -> None:
        await self._control.pause(tab.by, text_in(frame, "backend"))

    async def _resume(self, tab: Tab, frame: Frame) -> None:
        await self._control.resume(tab.by, text_in(frame, "backend"))

    async def _drain(self, _tab: Tab, _frame: Frame) -> None:
        self._control.drain()


def _for_admins(command: Command) -> Command:
    async def for_admins(tab: Tab, frame: Frame) -> None:
        if not may(tab.user, Action.ORDER_QUEUE):
            raise NotFound
        await command(tab, frame)

    return for_admins


def _job_in(frame: Frame, name: str) -> JobId:
    found: UUID | None = uuid_in(frame, name)
    if found is None:
        raise NotFound
    return JobId(found)
