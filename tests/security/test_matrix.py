"""Everything that is served, tried by everybody who must not have it. The list comes from the running app."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
import websockets

from chatui.conversations.manner import Manner
from chatui.conversations.prompt import PromptDraft
from chatui.domain.people import AccountRole
from chatui.web.live import SESSION_OVER
from chatui.web.paths import OPEN_PATHS, Need, need_of
from tests.security.served import GRADIOS, RULES
from tests.support.app import COOKIE, TabClient, tab
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer
from tests.support.rows import Rows, every_row

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def home(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("data"), ollama.url) as served:
        yield served


@contextmanager
def held(ollama: OllamaServer) -> Iterator[None]:
    """Answers stand still after their first token: however quick the machine is, one is still under way."""
    ollama.gate.clear()
    try:
        yield
    finally:
        ollama.gate.set()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ana(home: House) -> Guest:
    """Who runs the app."""
    return await home.guest("Ana", AccountRole.ADMIN)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def eve(home: House, ana: Guest) -> Guest:
    """A member like the others."""
    return await home.guest("Eve")


def written_out(home: House) -> list[tuple[str, str]]:
    """Every method and path of the app as it can be asked for, beside Gradio's own."""
    routes = [(method, path) for method, path in home.routes() if method not in {"MOUNT", "WS"}]
    routes += [("GET", "/ui/app.js"), ("GET", "/config"), ("GET", "/theme.css")]
    out = [(method, fill(path)) for method, path in routes]
    return out + [("PUT", path) for _, path in out] + [("DELETE", path) for _, path in out] + GRADIOS


def fill(path: str) -> str:
    path = path.replace("{conversation}", str(uuid4())).replace("{attachment}", str(uuid4()))
    return path.replace("{job_id}", str(uuid4())).replace("{verb}", "stop").replace("{name:path}", "llama3.2:1b")


def is_open(path: str) -> bool:
    return path in OPEN_PATHS


async def kept(home: House) -> Rows:
    """Everything in the database once nothing is under way, but when a session was used and what was looked at."""
    async with asyncio.timeout(60):
        while home.core.scheduler.jobs:  # noqa: ASYNC110 - nobody tells when there is nothing left to do
            await asyncio.sleep(0.01)
    await home.core.journal.settle()
    rows = await home.core.database.read(lambda session: every_row(session, but={"used_at", "unread"}))
    return {**rows, "setting": [row for row in rows["setting"] if row["key"] != "scheduler.learned"]}


async def test_every_route_of_the_running_app_has_a_rule(home: House) -> None:
    assert {path for _, path in home.routes()} == set(RULES)


async def test_strangers_get_no_further_than_the_door(home: House, ana: Guest) -> None:
    over = await home.again(ana)
    await home.core.accounts.service.sign_out(over.cookie, "127.0.0.1")
    before = await kept(home)
    for cookies in ({}, {COOKIE: "no such token"}, {COOKIE: over.cookie}, {f"__Host-{COOKIE}": ana.cookie}):
        async with httpx.AsyncClient(base_url=home.url, cookies=cookies, timeout=60) as http:
            for method, path in written_out(home):
                if is_open(path) and method == "POST":
                    continue  # a form that anybody may send
                answer = await http.request(method, path)
                if need_of(path) is Need.KEY:
                    assert answer.status_code in {401, 404, 405}, (method, path, answer.status_code)
                elif not is_open(path):
                    assert answer.status_code in {401, 404}, (method, path, answer.status_code)
                    assert len(answer.content) < 100, (method, path, answer.text)
                elif method in {"PUT", "DELETE"}:
                    assert answer.status_code in {404, 405}
            pages = await http.get("/", headers={"accept": "text/html"})
            assert (pages.status_code, pages.headers["location"]) == (303, "/sign-in?next=%2F")
    assert await kept(home) == before


@pytest.mark.parametrize("role", [AccountRole.MEMBER, AccountRole.VIEWER])
async def test_who_does_not_run_the_app_finds_nothing_under_admin(home: House, ana: Guest, role: AccountRole) -> None:
    somebody = await home.guest(f"Some {role}", role)
    before = await kept(home)
    form = {"person": str(ana.user.id), "role": "admin", "group": "", "mode": "open", "name": "x"}
    async with somebody.client() as http:
        for method, path in written_out(home):
            if path.startswith("/admin"):
                for accept in ("*/*", "text/html"):
                    sent = form if method == "POST" else None
                    answer = await http.request(method, path, data=sent, headers={"accept": accept})
                    assert answer.status_code == 404, (method, path, answer.status_code)
    assert await kept(home) == before


async def test_nothing_of_gradio_is_served_to_anybody_but_what_the_page_needs(ana: Guest) -> None:
    async with ana.client() as http:
        for method, path in GRADIOS:
            assert (await http.request(method, path)).status_code in {400, 403, 404}, (method, path)
        config = (await http.get("/config")).json()
        assert config["dependencies"] == []


@pytest.mark.parametrize("cookie", ["", "no such token"])
async def test_the_line_is_refused_to_strangers(home: House, cookie: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with tab(Guest(home.url, None, cookie)):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 401


ABOUT_NOTHING = {"ping", "new", "away", "back", "view", "more", "prefer", "search", "presets", "prompts"}
"""Words that name no conversation, message or folder."""


async def test_every_word_on_the_line_is_for_ones_own_alone(home: House, ana: Guest, eve: Guest) -> None:
    async with AsyncExitStack() as stack:
        hers: TabClient = await stack.enter_async_context(tab(ana))
        await hers.ask("a secret of Ana, tokens=5")
        answer = await hers.answer()
        folder = await home.core.services.shelf.add_folder(ana.user, "Secrets")
        await home.core.services.presets.save(ana.user, "Secrets", Manner(system="a secret of Ana"))
        (preset,) = await home.core.services.presets.of(ana.user)
        principal = await home.core.accounts.service.principal_for(ana.cookie, "127.0.0.1")
        assert principal is not None
        prompt = await home.core.services.prompts.add(
            principal, PromptDraft("Secrets", "a secret of Ana", shared=False)
        )
        other = await stack.enter_async_context(tab(eve))
        before = await kept(home)
        named = {"conversation": hers.conversation, "message": answer["id"], "folder": str(folder.id)}
        named |= {"preset": str(preset.id), "prompt": str(prompt)}
        for word in set(home.site.line.words) - ABOUT_NOTHING:
            await other.send(**named, t=word, key=str(uuid4()), text="mine now", title="mine now", model=None)
            said = await other.until(lambda frame: frame["t"] in {"refused", "conversation"})
            assert said.get("messages", []) == [], word
        # What she asked herself has a key that is hers.
        question = next(message for message in hers.messages.values() if message["role"] == "user")
        await other.send(t="ask", key=question["id"], conversation=None, text="mine now", model=None)
        await other.until(lambda frame: frame["t"] == "refused")
        await other.send(t="ping")
        await other.until(lambda frame: frame["t"] == "pong")
        assert "secret" not in json.dumps(other.frames)
        assert await kept(home) == before


async def test_an_answer_under_way_is_stopped_by_its_owner_alone(ana: Guest, eve: Guest, ollama: OllamaServer) -> None:
    async with tab(ana) as hers, tab(eve) as other:
        with held(ollama):
            await hers.ask("tokens=400")
            begun = await hers.until(lambda frame: frame["t"] == "live")
            await other.send(t="stop", message=begun["message"])
            await other.until(lambda frame: frame["t"] == "refused")
        assert (await hers.answer())["state"] == "complete"


async def test_sessions_of_others_cannot_be_ended(home: House, ana: Guest, eve: Guest) -> None:
    by = await home.core.accounts.service.principal_for(ana.cookie, "127.0.0.1")
    assert by is not None
    before = await kept(home)
    async with eve.client() as http:
        refused = await http.post("/account/sessions/revoke", data={"session": str(by.session)})
    assert refused.status_code == 404
    assert await kept(home) == before


@pytest.mark.parametrize("how", ["revoked", "signed out", "role", "password", "disabled", "deleted"])
async def test_an_open_line_ends_with_its_session(home: House, ana: Guest, ollama: OllamaServer, how: str) -> None:
    guest = await home.guest(f"Ivy {how}")
    runs = await home.core.accounts.service.principal_for(ana.cookie, "127.0.0.1")
    assert runs is not None
    with held(ollama):
        async with tab(guest) as client, guest.client() as http:
            await client.ask("tokens=2000")
            await client.until(lambda frame: frame["t"] == "live")
            match how:
                case "revoked":
                    own = await home.core.accounts.service.principal_for(guest.cookie, "127.0.0.1")
                    assert own is not None
                    assert own.session is not None
                    await http.post("/account/sessions/revoke", data={"session": str(own.session)})
                case "signed out":
                    await http.post("/sign-out")
                case "role":
                    await home.core.accounts.admin.set_role(runs, guest.user.id, AccountRole.VIEWER)
                case "password":
                    await home.core.accounts.admin.reset_password(runs, guest.user.id)
                case "disabled":
                    await home.core.accounts.admin.disable(runs, guest.user.id)
                case _:
                    await home.core.accounts.admin.delete(runs, guest.user.id)
            async with asyncio.timeout(60):
                with suppress(websockets.ConnectionClosed):
                    while True:
                        await client.read()
            assert client.socket.close_code == SESSION_OVER
            assert (await http.get("/session")).status_code == 401


@pytest.mark.parametrize("path", ["/", "/sign-in", "/session", "/nothing", "/ui/app.js"])
async def test_every_answer_carries_the_headers_of_the_house(home: House, ana: Guest, path: str) -> None:
    async with ana.client() as http, httpx.AsyncClient(base_url=home.url, timeout=60) as nobody:
        for answer in (await http.get(path), await nobody.get(path)):
            assert "script-src 'self';" in answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] in {"no-store", "no-cache"}


async def test_what_comes_from_another_site_is_refused(home: House, ana: Guest) -> None:
    before = await kept(home)
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        async with ana.client() as http:
            for method, path in written_out(home):
                if method not in {"GET", "HEAD"}:
                    assert (await http.request(method, path, headers=headers)).status_code == 403
    with pytest.raises(websockets.InvalidStatus):
        async with websockets.connect(
            f"{home.url.replace('http', 'ws')}/live",
            origin=websockets.Origin("https://evil.example"),
            additional_headers={"cookie": f"{COOKIE}={ana.cookie}"},
        ):
            pass
    assert await kept(home) == before


async def test_large_bodies_are_refused_whether_announced_or_not(ana: Guest) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 1024

    async with ana.client() as http:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert (await http.post("/account/password", content=b"x" * 200_000, headers=headers)).status_code == 413
        assert (await http.post("/account/password", content=pieces(), headers=headers)).status_code == 413
