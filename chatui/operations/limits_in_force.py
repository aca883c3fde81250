"""Keeps the queue to what holds for each person, from the start and at every change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from chatui.accounts.allowances import Allowances
from chatui.accounts.events import AccountClosed, AccountEvent, LimitsChanged
from chatui.accounts.limits import Limits
from chatui.domain.errors import Forbidden, ModelForbidden, NotFound, NotWaiting, Refused
from chatui.domain.jobs import Priority, StopReason
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.decision import PersonLimits
from chatui.scheduler.job import Job
from chatui.scheduler.scheduler import Scheduler
from chatui.scheduler.tasks import Tasks

log = logging.getLogger(__name__)


class LimitsInForce:
    """Tells the scheduler everybody's limits, and stops what somebody may not have answered any more.

    What has begun to write goes on to its end, unless the account is closed.
    """

    def __init__(self, allowances: Allowances, scheduler: Scheduler) -> None:
        self._allowances = allowances
        self._scheduler = scheduler
        self._limits: dict[UserId, Limits] = {}
        self._due = asyncio.Event()
        self._stops = Tasks()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have `changed` called when other limits hold for somebody."""
        self._listeners.append(changed)

    def models_of(self, user: UserId) -> frozenset[ModelName] | None:
        """Tell which models a person may use; None: every one."""
        return self._limits.get(user, Limits()).models

    def heard(self, event: AccountEvent) -> None:
        """Act on what happened to accounts, at once."""
        match event:
            case AccountClosed(user):
                self._stops.spawn(self._scheduler.stop_all_of(user))
                self._due.set()
            case LimitsChanged():
                self._due.set()
            case _:
                pass

    async def run(self, every: timedelta) -> None:
        """Follow changes until cancelled; those that were made at the console are found after `every` at most."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every.total_seconds()):
                    await self._due.wait()
            self._due.clear()
            try:
                await self.refresh()
            except Refused as error:
                log.warning("limits are as they were: %s", error)

    async def refresh(self) -> None:
        """Have in force what holds now."""
        found = await self._allowances.limits_of_all()
        people = found.keys() | self._limits.keys()
        changed = {user for user in people if found.get(user) != self._limits.get(user)}
        before, self._limits = self._limits, found
        for user in changed:
            self._scheduler.limit_person(user, _in_queue(found.get(user, Limits())))
        if changed:
            for told in self._listeners:
                told()
        for job in tuple(self._scheduler.jobs):
            user = job.submission.user
            if user in changed or user not in found:
                await self._look_at(job)
            if user in changed and user in found:
                self._reclass(job, before.get(user, Limits()).priority, found[user].priority)

    def _reclass(self, job: Job, before: Priority, now: Priority) -> None:
        """Have a job wait in the class of its person, unless it was asked for in a lower one by a key."""
        if job.submission.priority == before or job.restored:
            with suppress(NotWaiting):
                self._scheduler.set_class(job.id, now)

    async def _look_at(self, job: Job) -> None:
        """Stop a job that its person could not ask for now; it may be newer than what was read."""
        try:
            await self._allowances.still_allowed(job.submission.user, job.request.model)
        except NotFound:
            await self._scheduler.stop(job.id)
        except (Forbidden, ModelForbidden) as refusal:
            if not job.has_output:
                why = StopReason.MODEL if isinstance(refusal, ModelForbidden) else StopReason.ROLE
                await self._scheduler.stop(job.id, why)


def _in_queue(limits: Limits) -> PersonLimits:
    return PersonLimits(limits.weight, limits.running, limits.queued)
