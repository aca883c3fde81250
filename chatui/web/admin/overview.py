"""The overview: is it healthy, who waits, what is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.domain.access import Action, require
from chatui.domain.jobs import JobState
from chatui.operations.advice import Memory
from chatui.operations.fleet import Fleet
from chatui.scheduler.scheduler import Scheduler
from chatui.web.acting import acting
from chatui.web.pages import Pages


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Draws the overview. Whoever does not run the app finds nothing here."""

    scheduler: Scheduler
    fleet: Fleet
    memory: Callable[[], Memory]
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw it as things are now."""
        require(acting(request).user, Action.READ_METRICS)
        states = [job.state for job in self.scheduler.jobs]
        statuses = self.fleet.statuses()
        facts = {
            "waiting": states.count(JobState.QUEUED),
            "running": states.count(JobState.RUNNING),
            "backends": statuses,
            "answering": sum(status.ok for status in statuses),
            "loaded": [(status.name, model) for status in statuses for model in status.loaded],
            "memory": self.memory(),
        }
        return self.pages.show(request, "overview", facts)


def overview_routes(scheduler: Scheduler, fleet: Fleet, memory: Callable[[], Memory], pages: Pages) -> APIRouter:
    """The page."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/admin", OverviewPage(scheduler, fleet, memory, pages).show, methods=["GET"])
    return routes
