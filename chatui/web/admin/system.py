"""The system page: is the database whole, is there room, what does the log say; and a file for somebody who helps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chatui import __version__
from chatui.backends.registry import BackendStatus
from chatui.domain.access import Action, require
from chatui.operations.diagnostics import bundle, show_failures, versions
from chatui.operations.fleet import Fleet
from chatui.operations.log_ring import LogRing
from chatui.operations.recorder.recorder import Recorder
from chatui.operations.recorder.sample import Sample, as_json
from chatui.web.acting import acting
from chatui.web.pages import Pages
from storage import failures
from storage.database import Database
from storage.health import health_of

SYSTEM: Final = "/admin/system"
LEVELS: Final = ("info", "warning", "error")
_LINES: Final = 200
_FAILURES: Final = 200


@dataclass(frozen=True, slots=True)
class SystemPage:
    """Draws the page. `machine` reads the machine's figures; `settings` are the start values without secrets."""

    database: Database
    fleet: Fleet
    recorder: Recorder
    log: LogRing
    machine: Callable[[], Mapping[str, float]]
    settings: Mapping[str, object]
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Draw it; `level` in the address says which lines of the log."""
        require(acting(request).user, Action.READ_METRICS)
        return self.pages.show(request, "system", await self._facts(request))

    async def diagnostics(self, request: Request) -> Response:
        """Give everything that helps to find a fault, as a file."""
        require(acting(request).user, Action.READ_METRICS)
        packed = bundle(await self._parts(), self.log.newest("info", len(self.log.lines)))
        headers = {"content-disposition": 'attachment; filename="samovar-diagnostics.zip"'}
        return Response(packed, media_type="application/zip", headers=headers)

    async def _facts(self, request: Request) -> dict[str, Any]:
        wanted = request.query_params.get("level", "")
        level = wanted if wanted in LEVELS else LEVELS[0]
        return {
            "machine": await asyncio.to_thread(self.machine),
            "versions": {"samovar": __version__, **versions()},
            "level": level,
            "levels": LEVELS,
            "lines": self.log.newest(level, _LINES),
        }

    async def _parts(self) -> dict[str, object]:
        recent = await self.database.read(lambda session: failures.recent_failures(session, _FAILURES))
        return {
            "versions": {"samovar": __version__, **versions()},
            "settings": dict(self.settings),
            "database": asdict(await health_of(self.database)),
            "machine": await asyncio.to_thread(self.machine),
            "servers": [_server(status) for status in self.fleet.statuses()],
            "figures": [_figures(sample) for sample in self.recorder.history.recent],
            "failures": show_failures(recent),
        }


def system_routes(page: SystemPage) -> APIRouter:
    """The page and its file."""
    routes = APIRouter(prefix=SYSTEM, include_in_schema=False)
    routes.add_api_route("", page.show, methods=["GET"])
    routes.add_api_route("/diagnostics", page.diagnostics, methods=["GET"])
    return routes


def _server(status: BackendStatus) -> dict[str, object]:
    known: Sequence[str] = [model.name for model in status.models]
    loaded = [model.name for model in status.loaded]
    about = {"name": status.name, "kind": status.kind, "ok": status.ok, "error": status.error}
    return {**about, "version": status.version, "models": known, "loaded": loaded}


def _figures(sample: Sample) -> dict[str, object]:
    """A sample without whose computing it was."""
    return {"at": sample.at, **{name: value for name, value in as_json(sample).items() if name != "p"}}
