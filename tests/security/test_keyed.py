"""Everything that programs can ask for, tried with every key that must not open it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from chatui.accounts.keys import KeyWish, MadeKey
from chatui.domain.people import AccountRole, KeyScope, Principal
from tests.security.keyed import KEYED_PATHS, Keyed
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel
from tests.support.rows import Rows, every_row

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_SCOPE = frozenset(KeyScope)


@dataclass(frozen=True)
class Cast:
    """The app, the server behind it, and the people of these tests."""

    home: House
    server: OllamaServer
    ana: Guest
    eve: Guest

    async def key(self, guest: Guest, scopes: frozenset[KeyScope] = EVERY_SCOPE) -> MadeKey:
        by = Principal(guest.user, "127.0.0.1")
        return await self.home.core.accounts.keys.create(by, KeyWish("test", scopes))

    async def over(self, guest: Guest) -> str:
        """A key that was revoked."""
        made = await self.key(guest)
        await self.home.core.accounts.keys.revoke(Principal(guest.user, "127.0.0.1"), made.card.id)
        return made.token

    async def kept(self) -> Rows:
        await self.home.core.journal.settle()
        rows = await self.home.core.database.read(lambda session: every_row(session, but={"used_at"}))
        return {**rows, "setting": []}

    async def ask(self, path: str, how: Keyed, headers: Mapping[str, str], **also: str) -> httpx.Response:
        filled = path.replace("{job_id}", str(uuid4())).replace("{name:path}", "llama3.2:1b")
        async with httpx.AsyncClient(base_url=self.home.url, timeout=60, cookies=also) as http:
            return await http.request(how.method, filled, headers=dict(headers), json=how.body)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def cast(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cast]:
    script = OllamaScript((ScriptedModel("llama3.2:1b", capabilities=("completion", "embedding")),))
    async with OllamaServer(script) as server, house(tmp_path_factory.mktemp("data"), server.url) as home:
        yield Cast(home, server, await home.guest("Ana", AccountRole.ADMIN), await home.guest("Eve"))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_nothing_opens_to_who_has_no_key_that_works(cast: Cast) -> None:
    gone = await cast.home.guest("Gone")
    closed = (await cast.key(gone)).token
    runs = Principal(cast.ana.user, "127.0.0.1")
    await cast.home.core.accounts.admin.disable(runs, gone.user.id)
    over = await cast.over(cast.ana)
    before, asked = await cast.kept(), len(cast.server.requests)
    basic = b64encode(f"ana:{over}".encode()).decode()
    for path, how in KEYED_PATHS.items():
        for headers in (
            {},
            {"authorization": "Bearer"},
            bearer("sam_nobody"),
            bearer(over),
            bearer(closed),
            bearer(cast.ana.cookie),
            {"x-api-key": over},
            {"authorization": f"Basic {basic}"},
            {"authorization": "Basic %%%"},
        ):
            answer = await cast.ask(path, how, headers)
            assert answer.status_code == 401, (path, headers)
            error = answer.json()["error"]
            assert error["code"] == "invalid_api_key" if path.startswith("/v1/") else "key" in error
    assert await cast.kept() == before
    looked = {"/api/version", "/api/tags", "/api/ps"}  # the app's own looks at its server
    assert {request.path for request in cast.server.requests[asked:]} <= looked


async def test_a_sessions_cookie_opens_nothing_but_ones_own_queue_and_the_document_to_pages_of_ours(cast: Cast) -> None:
    session = {"samovar": cast.ana.cookie}
    for path, how in KEYED_PATHS.items():
        answer = await cast.ask(path, how, {}, **session)
        assert answer.status_code == (200 if path in {"/api/queue", "/api/openapi.json"} else 401), path
        foreign = await cast.ask(
            path, how, {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, **session
        )
        assert foreign.status_code == (401 if how.method == "GET" else 403), path


async def test_a_key_opens_what_its_scope_is_for_and_nothing_else(cast: Cast) -> None:
    for path, how in KEYED_PATHS.items():
        if how.scope is None:
            continue
        without = (await cast.key(cast.ana, EVERY_SCOPE - {how.scope})).token
        assert (await cast.ask(path, how, bearer(without))).status_code == 403, path


async def test_a_members_key_never_changes_models(cast: Cast) -> None:
    token, before = (await cast.key(cast.eve)).token, set(cast.server.models)
    for path, how in KEYED_PATHS.items():
        if how.scope is KeyScope.MODELS:
            assert (await cast.ask(path, how, bearer(token))).status_code == 403, path
    unload = Keyed("POST", None, {"model": "llama3.2:1b", "messages": [], "keep_alive": 0})
    assert (await cast.ask("/api/chat", unload, bearer(token))).status_code == 403
    assert set(cast.server.models) == before


async def test_a_viewers_key_asks_nothing(cast: Cast) -> None:
    vic = await cast.home.guest("Vic", AccountRole.VIEWER)
    token = (await cast.key(vic)).token
    for path, how in KEYED_PATHS.items():
        if how.scope is KeyScope.ASK:
            assert (await cast.ask(path, how, bearer(token))).status_code == 403, path


@pytest.mark.parametrize("way", ["bearer", "x-api-key", "basic"])
async def test_a_key_is_taken_in_three_ways(cast: Cast, way: str) -> None:
    token = (await cast.key(cast.eve)).token
    basic = b64encode(f"whoever:{token}".encode()).decode()
    headers = {"bearer": bearer(token), "x-api-key": {"x-api-key": token}, "basic": {"authorization": f"Basic {basic}"}}
    for path, how in KEYED_PATHS.items():
        if how.scope is KeyScope.ASK:
            assert (await cast.ask(path, how, headers[way])).status_code == 200, path


async def test_who_brings_a_key_may_come_from_any_origin(cast: Cast) -> None:
    token = (await cast.key(cast.eve)).token
    editor = {"origin": "vscode-webview://1234", "sec-fetch-site": "cross-site"}
    how = KEYED_PATHS["/api/chat"]
    assert (await cast.ask("/api/chat", how, {**bearer(token), **editor})).status_code == 200
    basic = b64encode(f"eve:{token}".encode()).decode()  # which a browser may send by itself
    assert (await cast.ask("/api/chat", how, {"authorization": f"Basic {basic}", **editor})).status_code == 403


async def test_other_peoples_jobs_are_not_there(cast: Cast) -> None:
    ana, eve = (await cast.key(cast.ana)).token, (await cast.key(cast.eve)).token
    cast.server.gate.clear()
    try:
        async with (
            httpx.AsyncClient(base_url=cast.home.url, timeout=60, headers=bearer(ana)) as hers,
            httpx.AsyncClient(base_url=cast.home.url, timeout=60, headers=bearer(eve)) as other,
            hers.stream("POST", "/api/chat", json=KEYED_PATHS["/api/chat"].body) as answer,
        ):
            job = answer.headers["x-queue-id"]
            assert [one["id"] for one in (await hers.get("/api/queue")).json()["jobs"]] == [job]
            assert (await other.get("/api/queue")).json() == {"jobs": []}
            assert (await other.delete(f"/api/queue/{job}")).status_code == 404
            assert (await hers.delete(f"/api/queue/{job}")).status_code == 204
            last = (await answer.aread()).decode().splitlines()[-1]
            assert "canceled" in last
            assert (await hers.delete(f"/api/queue/{job}")).status_code == 404
            assert (await hers.delete("/api/queue/x")).status_code == 404
    finally:
        cast.server.gate.set()


async def test_large_bodies_are_refused_in_the_apis_shape(cast: Cast) -> None:
    token = (await cast.key(cast.eve)).token

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(33):
            yield b" " * (1 << 20)

    host, port = cast.home.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST /v1/completions HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {1 << 30}\r\n\r\n".encode())
    announced = await reader.readuntil(b"}}")
    writer.close()
    await writer.wait_closed()
    assert announced.startswith(b"HTTP/1.1 413 ")
    assert b"invalid_request_error" in announced
    async with httpx.AsyncClient(base_url=cast.home.url, timeout=60, headers=bearer(token)) as http:
        grown = await http.post("/api/chat", content=pieces())
        assert (grown.status_code, grown.json()) == (413, {"error": "request body too large"})
