"""When models are to be in memory, as admins decide it, and how it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final, NewType
from uuid import UUID
from zoneinfo import ZoneInfo

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change
from chatui.accounts.desk import Desk
from chatui.domain.access import Action
from chatui.domain.errors import NotFound
from chatui.domain.messages import ModelName
from chatui.domain.people import Principal
from chatui.operations.warm_up.habits import LOOKED_BACK, Suggestion, suggest
from chatui.operations.warm_up.window import Window, WindowRefused, read_window
from storage import warm_ups
from storage.tables import WarmUpPlan, WarmUpRun

PlanId = NewType("PlanId", UUID)

HISTORY: Final = timedelta(days=30)
_MOST_RUNS: Final = 1_000
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """A model, the hours in which it is to be in memory, and when it is looked at next."""

    id: PlanId
    model: ModelName
    window: Window
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Benefit:
    """What warm-ups are worth: medians of the seconds to a first token, with the load and without; None: not seen."""

    model: str
    loads: int
    cold: float | None
    warm: float | None

    @property
    def saved(self) -> float | None:
        """How many seconds sooner a first question is answered."""
        return None if self.cold is None or self.warm is None else max(0.0, self.cold - self.warm)


class WarmUpPlans:
    """Keeps the plans. `models` tells which models can be loaded; None where nobody knows."""

    def __init__(self, desk: Desk, models: Callable[[], Collection[ModelName]] | None = None) -> None:
        self._desk = desk
        self._models = models

    async def plans(self, by: Principal) -> list[Plan]:
        """List the plans, the oldest first."""
        return [plan_from(row) for row in await self._desk.read(by, Action.MANAGE_MODELS, warm_ups.plans)]

    async def add(self, by: Principal, model: str, hours: Mapping[str, str]) -> Plan:
        """Plan a warm-up; an hour that has begun counts. Raises WindowRefused, whose flaws may be the `model`'s."""
        wanted, window = self._read(model, hours)

        def add(change: Change) -> Plan:
            row = _row(wanted, window, change.at)
            change.audit(AuditAction.WARM_UP_PLANNED, model=model)
            return plan_from(warm_ups.add_plan(change.session, row))

        return await self._desk.change(by, Action.MANAGE_MODELS, add)

    async def change(self, by: Principal, plan: PlanId, model: str, hours: Mapping[str, str]) -> None:
        """Give a plan another model or other hours; raises WindowRefused, and NotFound when there is no such plan."""
        wanted, window = self._read(model, hours)

        def change_it(change: Change) -> None:
            row = _row(wanted, window, change.at)
            row.id = plan
            if not warm_ups.change_plan(change.session, row):
                raise NotFound("no such plan")
            change.audit(AuditAction.WARM_UP_CHANGED, model=model)

        await self._desk.change(by, Action.MANAGE_MODELS, change_it)

    async def remove(self, by: Principal, plan: PlanId) -> None:
        """Delete a plan; raises NotFound when there is none. How its warm-ups went is kept."""

        def remove(change: Change) -> None:
            row = warm_ups.plan_by_id(change.session, plan)
            if row is None or not warm_ups.delete_plan(change.session, plan):
                raise NotFound("no such plan")
            change.audit(AuditAction.WARM_UP_REMOVED, model=row.model)

        await self._desk.change(by, Action.MANAGE_MODELS, remove)

    async def history(self, by: Principal) -> Sequence[WarmUpRun]:
        """List how the warm-ups of the last month went, the newest first."""
        since = self._desk.clocks.now() - HISTORY
        return await self._desk.read(
            by, Action.MANAGE_MODELS, lambda session: warm_ups.runs(session, since, _MOST_RUNS)
        )

    async def suggestions(self, by: Principal, zone: ZoneInfo) -> list[Suggestion]:
        """Suggest hours from the last weeks' use, for models that can be loaded and are not planned for."""
        now = self._desk.clocks.now()
        asks = await self._desk.read(
            by, Action.MANAGE_MODELS, lambda session: warm_ups.asked_since(session, now - LOOKED_BACK)
        )
        planned: defaultdict[ModelName, list[Window]] = defaultdict(list)
        for plan in await self.plans(by):
            planned[plan.model].append(plan.window)
        loadable = None if self._models is None else self._models()
        known = [(model, at) for model, at in asks if loadable is None or model in loadable]
        return suggest(known, zone, now, planned)

    def _read(self, model: str, hours: Mapping[str, str]) -> tuple[ModelName, Window]:
        wanted = ModelName(model.strip())
        known = self._models is None or wanted in self._models()
        flaws = {} if known and 0 < len(wanted) <= _LONGEST_NAME else {"model": "no_model"}
        try:
            window = read_window(hours)
        except WindowRefused as refusal:
            raise WindowRefused({**flaws, **refusal.flaws}) from None
        if flaws:
            raise WindowRefused(flaws)
        return wanted, window


def plan_from(row: WarmUpPlan) -> Plan:
    """Read a plan as it is kept."""
    fields = {"days": row.days, "begins": row.begins, "ends": row.ends, "zone": row.zone}
    return Plan(PlanId(row.id), ModelName(row.model), read_window(fields), row.due_at)


def benefits(runs: Sequence[WarmUpRun]) -> list[Benefit]:
    """Reckon what the warm-ups of each model were worth, by model."""
    by_model: defaultdict[str, list[WarmUpRun]] = defaultdict(list)
    for run in runs:
        by_model[run.model].append(run)
    return [_benefit(model, by_model[model]) for model in sorted(by_model)]


def _benefit(model: str, runs: Sequence[WarmUpRun]) -> Benefit:
    cold = [run.cold_ms for run in runs if run.cold_ms is not None]
    warm = [run.warm_ms for run in runs if run.warm_ms is not None]
    return Benefit(model, len(cold), _seconds(cold), _seconds(warm))


def _seconds(times: Sequence[int]) -> float | None:
    return median(times) / 1000 if times else None


def _row(model: ModelName, window: Window, now: datetime) -> WarmUpPlan:
    return WarmUpPlan(
        model=model,
        days="".join(map(str, sorted(window.days))),
        begins=f"{window.begins:%H:%M}",
        ends=f"{window.ends:%H:%M}",
        zone=window.zone.key,
        due_at=(window.closes(now) and window.opened(now)) or window.opens(now),
        created_at=now,
    )
