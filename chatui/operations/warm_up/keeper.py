"""Sees to it that models are in memory when they are planned to be."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chatui.backends.base import BackendKind, LoadedModel
from chatui.domain.access import Action, require
from chatui.domain.errors import NotFound
from chatui.domain.messages import ModelName
from chatui.domain.people import Principal
from chatui.operations.fleet import Fleet
from chatui.operations.schedules import Schedules
from chatui.operations.warm_up.plans import PlanId, plan_from
from chatui.operations.warm_up.room import may_be_loaded
from chatui.operations.warm_up.warmer import Outcome, WarmedUp, Warmer
from chatui.operations.warm_up.window import CHECK_EVERY
from chatui.scheduler.scheduler import Scheduler
from chatui.scheduler.tasks import Tasks
from storage import warm_ups
from storage.database import Database
from storage.errors import StorageError
from storage.tables import WarmUpPlan, WarmUpRun

log = logging.getLogger(__name__)

LOOK_EVERY: Final = timedelta(minutes=1)
"""How often it is looked what is due: by the clock on the wall, so that a machine that slept is late by no more."""

_PATIENCE: Final = timedelta(minutes=15)
_STAYS: Final = (timedelta(minutes=15), timedelta(hours=1))
_RUNS_KEPT: Final = timedelta(days=90)


class Reason(StrEnum):
    """Why a model is warmed up."""

    SCHEDULE = "schedule"  # its hours begin
    KEPT = "kept"  # it left the memory, or is about to, while its hours last
    ASKED = "asked"  # an admin wished it


@dataclass(frozen=True, slots=True)
class _Task:
    """A warm-up to be done: of which model, by which plan if any, why, due since when, and until when it is wanted.

    `backend` is the server where the model is to be loaded, where that was said.
    """

    model: ModelName
    plan: PlanId | None
    reason: Reason
    due_at: datetime
    until: datetime
    backend: str | None = None

    @property
    def what(self) -> tuple[ModelName, str | None]:
        """What is done once at a time."""
        return self.model, self.backend


class WarmUps:
    """Looks at the plans, whose times are in the database, and warms up what is due: each model once at a time.

    A plan that was missed is made up for as long as its hours last, once, however often it was missed.
    """

    def __init__(
        self, database: Database, warmer: Warmer, scheduler: Scheduler, fleet: Fleet, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._warmer = warmer
        self._scheduler = scheduler
        self._fleet = fleet
        self._clock = clock
        self._tasks = Tasks()
        self._under_way: dict[tuple[ModelName, str | None], Reason] = {}
        self._asked_meanwhile: dict[tuple[ModelName, str | None], _Task] = {}

    def put_on(self, schedules: Schedules) -> None:
        """Have it done by the clock."""
        schedules.every(LOOK_EVERY, "the look at what is to be warmed up", self.look)

    @property
    def under_way(self) -> Collection[ModelName]:
        """The models that are being warmed up, or wait for it."""
        return {model for model, _ in self._under_way}

    def is_under_way(self, model: ModelName, backend: str) -> bool:
        """Tell whether a model is being warmed up on a server, or wherever the queue would have it."""
        return not self._under_way.keys().isdisjoint({(model, None), (model, backend)})

    async def look(self) -> None:
        """Begin what is due."""
        now = self._database.clocks.now()
        for row in await self._database.read(lambda session: warm_ups.due_plans(session, now)):
            await self._see_to(row, now)

    async def run_now(self, by: Principal, plan: PlanId) -> None:
        """Begin the warm-up of a plan; raises NotFound when there is none."""
        require(by.user, Action.MANAGE_MODELS)
        row = await self._database.read(lambda session: warm_ups.plan_by_id(session, plan))
        if row is None:
            raise NotFound("no such plan")
        now = self._database.clocks.now()
        self._begin(_Task(ModelName(row.model), plan, Reason.ASKED, now, now + _STAYS[0]))

    def load(self, by: Principal, model: ModelName, backend: str) -> None:
        """Begin the warm-up of a model on one server, without a plan."""
        require(by.user, Action.MANAGE_MODELS)
        now = self._database.clocks.now()
        self._begin(_Task(model, None, Reason.ASKED, now, now + _STAYS[0], backend))

    async def settle(self) -> None:
        """Return when nothing is being warmed up any more."""
        await self._tasks.wait()

    async def close(self) -> None:
        """Give up what is under way."""
        self._asked_meanwhile.clear()
        self._tasks.cancel()
        await self._tasks.wait()

    async def _see_to(self, row: WarmUpPlan, now: datetime) -> None:
        plan = plan_from(row)
        due_next = plan.window.due(now)
        if not await self._database.write(lambda session: warm_ups.put_off(session, row, due_next)):
            return  # somebody changed it meanwhile: it is due anew
        closes, opened = plan.window.closes(now), plan.window.opened(now)
        if closes is not None and opened is not None:
            reason = Reason.SCHEDULE if row.due_at <= opened else Reason.KEPT
            self._begin(_Task(plan.model, plan.id, reason, max(row.due_at, opened), closes))
        elif plan.window.opened(row.due_at) == row.due_at:
            await self._keep(
                _Task(plan.model, plan.id, Reason.SCHEDULE, row.due_at, row.due_at), WarmedUp(Outcome.MISSED)
            )

    def _begin(self, task: _Task) -> None:
        if task.what not in self._under_way:
            self._under_way[task.what] = task.reason
            self._tasks.spawn(self._run(task))
        elif task.reason is Reason.ASKED and self._under_way[task.what] is not Reason.ASKED:
            self._asked_meanwhile[task.what] = task  # what a person asked for is not passed over, nor done twice

    async def _run(self, task: _Task) -> None:
        try:
            if task.reason is Reason.KEPT and self._stays(task):
                return
            done = await self._warmed_up(task)
            if await self._is_news(task, done):
                await self._keep(task, done)
        except StorageError as error:
            log.info("how a warm-up went is not kept: %s", error)
        finally:
            del self._under_way[task.what]
            if (asked := self._asked_meanwhile.pop(task.what, None)) is not None:
                self._begin(asked)

    async def _warmed_up(self, task: _Task) -> WarmedUp:
        model, now = task.model, self._database.clocks.now()
        having = [status.name for status in self._fleet.statuses() if status.ok and status.has(model)]
        if not having or (task.backend and task.backend not in having):
            return WarmedUp(Outcome.FAILED, error="no server that answers has the model")
        kept = await self._others(task, now)
        states = self._scheduler.backends().values()
        if task.reason is not Reason.ASKED and not may_be_loaded(model, states, kept, self._clock()):
            return WarmedUp(Outcome.GAVE_WAY)
        least, most = _STAYS
        return await self._warmer.warm_up(model, min(max(task.until - now, least), most), _PATIENCE, task.backend)

    async def _others(self, task: _Task, now: datetime) -> frozenset[ModelName]:
        """The models that other plans want in memory now: two that do not fit would go to and fro."""
        plans = map(plan_from, await self._database.read(warm_ups.plans))
        open_now = (plan for plan in plans if plan.window.closes(now) is not None)
        return frozenset(plan.model for plan in open_now) - {task.model}

    def _stays(self, task: _Task) -> bool:
        """Whether a model is in memory, and stays there until it is looked at again, or its hours are over."""
        leaves = min(self._database.clocks.now() + 2 * CHECK_EVERY, task.until) - LOOK_EVERY
        return any(
            _remains(loaded, leaves) or status.kind is not BackendKind.OLLAMA
            for status in self._fleet.statuses()
            for loaded in status.loaded
            if status.ok and loaded.name == task.model
        )

    async def _is_news(self, task: _Task, done: WarmedUp) -> bool:
        """Whether it went otherwise than the last time: what fails every few minutes is told once."""
        if task.plan is None or task.reason is not Reason.KEPT or done.outcome in {Outcome.LOADED, Outcome.WARM}:
            return True
        plan = task.plan
        last = await self._database.read(lambda session: warm_ups.last_run(session, plan))
        return last is None or (last.outcome, last.detail) != (done.outcome, done.error)

    async def _keep(self, task: _Task, done: WarmedUp) -> None:
        now = self._database.clocks.now()
        run = WarmUpRun(
            plan_id=task.plan,
            model=task.model,
            reason=task.reason,
            outcome=done.outcome,
            backend=done.backend,
            cold_ms=_milliseconds(done.cold),
            warm_ms=_milliseconds(done.warm),
            detail=done.error,
            due_at=task.due_at,
            finished_at=now,
        )
        log.info("warm-up of %s: %s", task.model, done)
        await self._database.write(lambda session: warm_ups.add_run(session, run, now - _RUNS_KEPT))


def _remains(loaded: LoadedModel, until: datetime) -> bool:
    return loaded.expires_at is None or loaded.expires_at > until


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
