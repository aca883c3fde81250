"""The whole app in the test's own process, on a real socket: what it is made of can be looked at while it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi import APIRouter
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from chatui.accounts.changes import Visit
from chatui.application import work_of
from chatui.core import Core, start_core
from chatui.domain.people import AccountRole, User
from chatui.settings import Settings
from chatui.site import Site, put_up
from chatui.web.lean_gradio import import_lean
from chatui.web.listener import bind, url_of
from tests.support.accounts import CountingHasher
from tests.support.app import COOKIE
from tests.support.fresh import furnish

PASSWORD = "a samovar for everybody"


@dataclass(frozen=True)
class Guest:
    """Somebody who is signed in."""

    url: str
    user: User
    cookie: str

    @property
    def cookies(self) -> Mapping[str, str]:
        return {COOKIE: self.cookie}

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, cookies=dict(self.cookies), timeout=60)


@dataclass(frozen=True)
class House:
    """A served app: its parts, and where it is."""

    url: str
    core: Core
    site: Site

    async def guest(self, name: str, role: AccountRole = AccountRole.MEMBER) -> Guest:
        """Make somebody an account and sign them in."""
        service = self.core.accounts.service
        user = await service.create_account(name, PASSWORD, role)
        return Guest(self.url, user, (await service.sign_in(name, PASSWORD, Visit("127.0.0.1"))).token)

    async def again(self, guest: Guest) -> Guest:
        """Sign somebody in once more."""
        signed_in = await self.core.accounts.service.sign_in(guest.user.name, PASSWORD, Visit("127.0.0.1"))
        return Guest(self.url, signed_in.user, signed_in.token)

    def routes(self) -> list[tuple[str, str]]:
        """Every method and path that the running app knows, Gradio's included; a WebSocket's method is `WS`."""
        return sorted(set(_walk(cast("Any", self.site.app).app.app.routes)))


def _walk(routes: list[BaseRoute], before: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, WebSocketRoute):
            yield "WS", before + route.path
        elif isinstance(route, Route):
            for method in route.methods or ():
                yield method, before + route.path
        elif isinstance(route, Mount):
            yield "MOUNT", before + route.path
        elif isinstance(router := getattr(route, "original_router", None), APIRouter):
            yield from _walk(router.routes, before)
        else:
            raise TypeError(f"a kind of route that nobody looked at: {route!r}")


@asynccontextmanager
async def house(data: Path, *backends: str, **settings: Any) -> AsyncIterator[House]:
    """Serve the app for the length of a block."""
    await asyncio.to_thread(furnish, data)
    chosen = Settings(port=0, data=data, backend=backends, backup_hours=0, **settings)
    async with AsyncExitStack() as stack:
        listener = bind(chosen.host, chosen.port)
        stack.callback(listener.close)
        with pytest.MonkeyPatch.context() as patch:  # passwords are hashed as quickly as can be
            patch.setattr("chatui.accounts.passwords.Argon2Hasher", CountingHasher)
            core = await start_core(chosen, stack)
        site = put_up(chosen, core, import_lean("chatui.web.server"))
        work = [asyncio.create_task(part) for part in work_of(core, site, listener)]
        up = asyncio.Event()
        serving = asyncio.create_task(site.server.serve_on(listener, up.set))
        await up.wait()
        try:
            yield House(url_of(listener), core, site)
        finally:
            site.server.should_exit = True
            await serving
            for task in work:
                task.cancel()
            await asyncio.wait(work)
