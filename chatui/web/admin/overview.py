"""The pages that are drawn by their scripts, the overview and the queue: what they show comes over the live line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.domain.access import Action, require
from chatui.web.acting import acting
from chatui.web.pages import Pages


def live_page(pages: Pages, template: str) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler of a page that has nothing of its own before its script is there."""

    async def show(request: Request) -> Response:
        require(acting(request).user, Action.READ_METRICS)
        return pages.show(request, template, {})

    return show


def overview_routes(pages: Pages) -> APIRouter:
    """The overview."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/admin", live_page(pages, "overview"), methods=["GET"])
    return routes
