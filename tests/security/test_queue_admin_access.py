"""The queue's own routes, tried by those who do not run the app: the list comes from the router."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from chatui.domain.people import AccountRole, Principal
from chatui.operations.queue_control import QueueControl
from chatui.web.acting import note_principal
from chatui.web.queue_admin import QueueAdmin, queue_routes
from tests.support.assembly import Assembly, assembled
from tests.support.faulty_ollama import faulty_ollama

VERBS = ("pause", "resume", "drain", "limit", "first", "stop")


def routes_of(parts: Assembly) -> APIRouter:
    async def nobody() -> dict[object, str]:
        raise AssertionError("names were looked up")

    async def none(*_: object) -> list[object]:
        raise AssertionError("failures were looked up")

    control = QueueControl(parts.watch, parts.scheduler, none, parts.database.clocks.now)  # type: ignore[arg-type]
    admin = QueueAdmin(parts.scheduler, control, nobody, none, parts.conversations.replay, parts.clock)  # type: ignore[arg-type]
    return queue_routes(admin, none)  # type: ignore[arg-type]


def in_the_name_of(person: Principal, app: ASGIApp) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        note_principal(scope, person)
        await app(scope, receive, send)

    return call


def addresses(routes: APIRouter) -> list[tuple[str, str]]:
    """Every method and path, with each verb."""
    job = str(uuid4())
    shapes = [
        (method, route.path) for route in routes.routes if isinstance(route, APIRoute) for method in route.methods or ()
    ]
    return [
        (method, path.replace("{job_id}", job).replace("{verb}", verb)) for method, path in shapes for verb in VERBS
    ]


@pytest.mark.parametrize("role", [AccountRole.MEMBER, AccountRole.VIEWER])
async def test_who_does_not_run_the_app_neither_sees_nor_orders_the_queue(data: Path, role: AccountRole) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        routes = routes_of(parts)
        app = FastAPI()
        app.include_router(routes)
        person = Principal(await parts.person("eve", role), "192.0.2.1")
        transport = httpx.ASGITransport(in_the_name_of(person, app))
        async with httpx.AsyncClient(transport=transport, base_url="http://samovar") as client:
            refused = set()
            for method, path in addresses(routes):
                answer = await client.request(method, path, content="{}")
                if answer.status_code == 404:
                    refused.add(path.rpartition("/")[2])
                else:
                    assert answer.json() == {"error": "There is no such verb."}
            assert refused == {"queue", "failures", "replay", *VERBS}
        assert not parts.scheduler.paused
        assert not parts.scheduler.draining


async def test_a_route_that_nobody_guards_fails_closed(data: Path) -> None:
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        app = FastAPI()
        app.include_router(routes_of(parts))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://samovar") as client:
            assert (await client.post("/admin/queue/pause")).status_code == 500
        assert not parts.scheduler.paused
