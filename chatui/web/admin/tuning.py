"""Tuning: the form that begins a measurement. How it goes, and what it found, comes over the live line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.domain.access import Action, require
from chatui.domain.errors import Refused
from chatui.operations.fleet import Fleet
from chatui.operations.tuning.desk import AUTO, TuningDesk, TuningRefused
from chatui.operations.tuning.keeper import Tunings
from chatui.operations.tuning.measurement import Step
from chatui.operations.tuning.states import OPEN
from chatui.web.acting import acting
from chatui.web.admin.setting_fields import flaw_sentence
from chatui.web.pages import Pages, Say, form_of, language_of, turn_to
from storage.tables import TuningRun

TUNING: Final = "/admin/tuning"
_SHOWN: Final = 10
_FLAWED: Final = 422


@dataclass(frozen=True, slots=True)
class TuningPage:
    """Draws the page and takes its form. Whoever does not run the app finds nothing here."""

    desk: TuningDesk
    tunings: Tunings
    fleet: Fleet
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw the form."""
        require(acting(request).user, Action.CHANGE_SETTINGS)
        return self.pages.show(request, "tuning", self._facts())

    async def start(self, request: Request) -> Response:
        """Begin a measurement, or draw the page with what is wrong beside each field."""
        form = await form_of(request)
        by = acting(request)
        require(by.user, Action.CHANGE_SETTINGS)
        try:
            await self.desk.ask(by, form.get("model", ""), form.get("maximum", ""))
            await self.tunings.look()
        except TuningRefused as refused:
            facts = {**self._facts(), "typed": {"model": "", "maximum": "", **form}}
            facts["flaws"] = _flaws(refused, Say(language_of(request)))
            return self.pages.show(request, "tuning", facts, _FLAWED)
        except Refused as refusal:
            return self.pages.refuse(request, "tuning", self._facts(), refusal)
        return turn_to(TUNING)

    def _facts(self) -> dict[str, object]:
        return {
            "path": TUNING,
            "models": [model.name for model in self.fleet.models()],
            "typed": {"model": self.fleet.default() or "", "maximum": AUTO},
            "flaws": {},
        }


def tuning_routes(desk: TuningDesk, tunings: Tunings, fleet: Fleet, pages: Pages) -> APIRouter:
    """The page and its form."""
    page = TuningPage(desk, tunings, fleet, pages)
    routes = APIRouter(prefix=TUNING, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/start", page.start, methods=["POST"])
    return routes


def show_tunings(runs: Sequence[TuningRun], step: Step | None, workers: int | str) -> dict[str, Any]:
    """The newest measurement in full, what it does now, how the ones before went, and what is set."""
    newest = runs[0] if runs else None
    return {
        "t": "admin.tuning",
        "workers": workers,
        "run": None if newest is None else _show_run(newest),
        "step": None if step is None or newest is None or newest.state not in OPEN else _show_step(step),
        "earlier": [_show_run(run) for run in runs[1 : 1 + _SHOWN]],
    }


def _show_step(step: Step) -> dict[str, Any]:
    return {"phase": step.phase, "workers": step.workers, "round": step.round}


def _show_run(run: TuningRun) -> dict[str, Any]:
    return {
        "id": str(run.id),
        "model": run.model,
        "backend": run.backend,
        "maximum": run.maximum,
        "state": run.state,
        "reason": run.reason,
        "detail": run.detail,
        "points": run.points,
        "knee": run.knee,
        "at": round((run.finished_at or run.asked_at).timestamp() * 1000),
    }


def _flaws(refused: TuningRefused, say: Say) -> Mapping[str, str]:
    model = say("tuning_flaw_model") if refused.no_model else ""
    return {"model": model, "maximum": flaw_sentence(say, refused.maximum)}
