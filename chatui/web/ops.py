"""What machines ask: is the process up, can it serve."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from chatui import __version__
from chatui.operations.fleet import Fleet
from chatui.web.acting import visitor
from storage.database import Database
from storage.errors import StorageError

_UNREADY = 503


def health_routes(database: Database, fleet: Fleet) -> APIRouter:
    """`/healthz` answers as long as the process does; `/readyz` when it can take a question.

    Strangers hear no more than that; who is signed in also hears which part is missing.
    """
    routes = APIRouter()

    @routes.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @routes.get("/readyz", include_in_schema=False)
    async def readyz(request: Request) -> JSONResponse:
        backends = [
            {
                "name": status.name,
                "kind": status.kind,
                "ok": status.ok,
                "models": [model.name for model in status.models],
            }
            for status in fleet.statuses()
        ]
        writable = await _writable(database)
        ready = writable and any(backend["ok"] for backend in backends)
        body: dict[str, object] = {"status": "ready" if ready else "unready"}
        if visitor(request) is not None:
            body |= {"version": __version__, "database": writable, "backends": backends}
        return JSONResponse(body, 200 if ready else _UNREADY)

    return routes


async def _writable(database: Database) -> bool:
    try:
        await database.probe()
    except StorageError:
        return False
    return True
