"""The model servers: what each is and has, and the forms that add, test, pause and remove one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui.backends.registry import BackendStatus
from chatui.domain.errors import AddressRefused
from chatui.domain.people import Principal
from chatui.operations.backend_list import BackendsService
from chatui.web.acting import acting
from chatui.web.pages import Pages, form_of, language_of, turn_to
from chatui.web.statuses import status_of
from chatui.web.wording import wording_for

BACKENDS: Final = "/admin/backends"
_MODELS_NAMED: Final = 5
Probe = Callable[[Principal, str], Awaitable[BackendStatus]]


@dataclass(frozen=True, slots=True)
class BackendsPage:
    """Draws the page and takes its forms. Whoever does not run the app finds nothing here."""

    backends: BackendsService
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw it as the last look saw the servers."""
        return self.pages.show(request, "backends", self._facts(request))

    async def test(self, request: Request) -> Response:
        """Look what answers at an address, and say so."""
        return await self._probed(request, self.backends.probe, added=False)

    async def add(self, request: Request) -> Response:
        """Take in a server, and say what answers there."""
        return await self._probed(request, self.backends.add, added=True)

    async def look(self, request: Request) -> Response:
        """Look at a server now."""
        seen = await self.backends.look(acting(request), (await form_of(request)).get("name", ""))
        return self.pages.show(request, "backends", {**self._facts(request), "seen": seen})

    def turning(self, work: Callable[[Principal, str], Awaitable[None]]) -> Callable[[Request], Awaitable[Response]]:
        """Make the handler of a button beside a server."""

        async def turn(request: Request) -> Response:
            await work(acting(request), (await form_of(request)).get("name", ""))
            return turn_to(f"{BACKENDS}?done=1")

        return turn

    async def _probed(self, request: Request, probe: Probe, *, added: bool) -> Response:
        typed = (await form_of(request)).get("url", "")
        try:
            seen = await probe(acting(request), typed)
        except AddressRefused as refusal:
            sentence = wording_for(language_of(request)).refused(refusal)
            facts = {**self._facts(request), "typed": typed, "flaw": sentence}
            return self.pages.show(request, "backends", facts, status_of(refusal))
        facts = {**self._facts(request), "seen": seen, "added": added, "typed": "" if added else typed}
        return self.pages.show(request, "backends", facts)

    def _facts(self, request: Request) -> dict[str, Any]:
        return {
            "backends": self.backends.backends(acting(request)),
            "named": _MODELS_NAMED,
            "seen": None,
            "added": False,
            "typed": "",
            "flaw": "",
            "done": "done" in request.query_params,
        }


def backends_routes(backends: BackendsService, pages: Pages) -> APIRouter:
    """The page and its forms."""
    page = BackendsPage(backends, pages)
    routes = APIRouter(prefix=BACKENDS, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/test", page.test, methods=["POST"])
    routes.add_api_route("/add", page.add, methods=["POST"])
    routes.add_api_route("/look", page.look, methods=["POST"])
    routes.add_api_route("/pause", page.turning(backends.pause), methods=["POST"])
    routes.add_api_route("/resume", page.turning(backends.resume), methods=["POST"])
    routes.add_api_route("/remove", page.turning(backends.remove), methods=["POST"])
    return routes
