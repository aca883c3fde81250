"""Warm-up: when models are to be in memory, what the last weeks suggest, and what it was worth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.domain.access import Action, require
from chatui.domain.errors import NotFound, Refused
from chatui.domain.people import Principal
from chatui.operations.fleet import Fleet
from chatui.operations.schedules import local_zone
from chatui.operations.warm_up.habits import Suggestion
from chatui.operations.warm_up.keeper import WarmUps
from chatui.operations.warm_up.plans import Plan, PlanId, WarmUpPlans, benefits
from chatui.operations.warm_up.window import Window, WindowRefused
from chatui.web.acting import acting
from chatui.web.pages import Facts, Pages, Say, form_of, language_of, turn_to

WARM_UP: Final = "/admin/warm-up"
_RUNS_SHOWN: Final = 60
_FLAWED: Final = 422
_WEEK: Final = "0123456"
_WORK_DAYS: Final = "01234"
Form = Mapping[str, str]
Work = Callable[[Principal, Form], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class WarmUpPage:
    """Draws the page and takes its forms. Whoever does not run the app finds nothing here."""

    plans: WarmUpPlans
    warm_ups: WarmUps
    fleet: Fleet
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the plans, the suggestions, and how the last warm-ups went."""
        require(acting(request).user, Action.MANAGE_MODELS)
        return self.pages.show(request, "warmup", await self._facts(request))

    def taking(self, work: Work) -> Callable[[Request], Awaitable[Response]]:
        """Make the handler of a form: do the work, or draw the page with what is wrong beside each field."""

        async def take(request: Request) -> Response:
            form = await form_of(request)
            try:
                await work(acting(request), form)
            except WindowRefused as refusal:
                typed = {"model": "", "plan": "", **form, **_hours(form)}
                problem = Say(language_of(request))("warmup_flawed")
                facts = {**await self._facts(request), "typed": typed, "flaws": refusal.flaws, "problem": problem}
                return self.pages.show(request, "warmup", facts, _FLAWED)
            except NotFound:
                raise
            except Refused as refusal:
                return self.pages.refuse(request, "warmup", await self._facts(request), refusal)
            return turn_to(f"{WARM_UP}?done=1")

        return take

    async def add(self, by: Principal, form: Form) -> None:
        """Plan a warm-up, and begin it when its hours have begun."""
        await self.plans.add(by, form.get("model", ""), _hours(form))
        await self.warm_ups.look()

    async def change(self, by: Principal, form: Form) -> None:
        """Give a plan another model or other hours."""
        await self.plans.change(by, _plan(form), form.get("model", ""), _hours(form))
        await self.warm_ups.look()

    async def remove(self, by: Principal, form: Form) -> None:
        """Delete a plan."""
        await self.plans.remove(by, _plan(form))

    async def run(self, by: Principal, form: Form) -> None:
        """Begin the warm-up of a plan."""
        await self.warm_ups.run_now(by, _plan(form))

    async def _facts(self, request: Request) -> dict[str, object]:
        by = acting(request)
        plans = await self.plans.plans(by)
        zone = plans[0].window.zone if plans else ZoneInfo(local_zone())
        runs = await self.plans.history(by)
        loaded = {model.name for status in self.fleet.statuses() for model in status.loaded}
        return {
            "path": WARM_UP,
            "plans": [_plan_facts(plan, self.warm_ups, loaded) for plan in plans],
            "suggestions": [_suggestion_facts(one) for one in await self.plans.suggestions(by, zone)],
            "models": self.fleet.loadable(),
            "benefits": benefits(runs),
            "runs": runs[:_RUNS_SHOWN],
            "zone": zone,
            "done": "done" in request.query_params,
            "fresh": {"model": "", "days": _WORK_DAYS, "begins": "08:00", "ends": "10:00", "zone": zone.key},
            "typed": {},
            "flaws": {},
        }


def warm_up_routes(plans: WarmUpPlans, warm_ups: WarmUps, fleet: Fleet, pages: Pages) -> APIRouter:
    """The page and its forms."""
    page = WarmUpPage(plans, warm_ups, fleet, pages)
    routes = APIRouter(prefix=WARM_UP, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    for path, work in (("/add", page.add), ("/change", page.change), ("/remove", page.remove), ("/run", page.run)):
        routes.add_api_route(path, page.taking(work), methods=["POST"])
    return routes


def _plan(form: Form) -> PlanId:
    try:
        return PlanId(UUID(form.get("plan", "")))
    except ValueError as error:
        raise NotFound("no such plan") from error


def _hours(form: Form) -> dict[str, str]:
    """The hours of a form, whose days are ticked one by one."""
    days = "".join(day for day in _WEEK if form.get(f"day_{day}"))
    return {"days": days, **{name: form.get(name, "") for name in ("begins", "ends", "zone")}}


def _plan_facts(plan: Plan, warm_ups: WarmUps, loaded: Collection[str]) -> Facts:
    state = "loaded" if plan.model in loaded else "not_loaded"
    return {
        **_window_facts(plan.window),
        "id": str(plan.id),
        "model": plan.model,
        "state": "under_way" if plan.model in warm_ups.under_way else state,
        "due_at": plan.due_at.astimezone(plan.window.zone),
    }


def _suggestion_facts(one: Suggestion) -> Facts:
    window = _window_facts(one.window)
    ticked = {f"day_{day}": "1" for day in str(window["days"])}
    values = {"model": one.model, **ticked, **{name: window[name] for name in ("begins", "ends", "zone")}}
    first = f"{one.first:%H:%M}"
    return {**window, "model": one.model, "asked_on": one.asked_on, "of": one.of, "first": first, "values": values}


def _window_facts(window: Window) -> Facts:
    return {
        "days": "".join(map(str, sorted(window.days))),
        "begins": f"{window.begins:%H:%M}",
        "ends": f"{window.ends:%H:%M}",
        "zone": window.zone.key,
    }
