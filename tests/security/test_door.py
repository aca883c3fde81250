"""The pages for getting in, over real sockets: cookies, links, and what a stranger may try how often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx
import pytest
import pytest_asyncio

from chatui.accounts.rules import SignUpMode
from chatui.domain.people import AccountRole, Principal
from tests.support.house import PASSWORD, Guest, House, house
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with OllamaServer() as ollama, house(tmp_path_factory.mktemp("data"), ollama.url) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ana(home: House) -> Guest:
    return await home.guest("Ana", AccountRole.ADMIN)


@pytest_asyncio.fixture(loop_scope="module")
async def nobody(home: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=home.url, timeout=60) as http:
        yield http


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(ana: Guest, nobody: httpx.AsyncClient) -> None:
    entered = await nobody.post("/sign-in", data={"name": ana.user.name, "password": PASSWORD})
    cookie = SimpleCookie(entered.headers["set-cookie"])["samovar"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "lax", "/", "")
    assert cookie["secure"] == ""
    assert cookie["expires"]


async def test_behind_https_the_cookie_is_the_hosts_own(home: House, ana: Guest, nobody: httpx.AsyncClient) -> None:
    home.site.hosts.secure.add("tea.example")
    form = {"name": ana.user.name, "password": PASSWORD}
    entered = await nobody.post("/sign-in", data=form, headers={"host": "tea.example"})
    cookie = SimpleCookie(entered.headers["set-cookie"])["__Host-samovar"]
    assert (cookie["httponly"], cookie["secure"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
    assert "max-age" in entered.headers["strict-transport-security"]
    nobody.cookies.clear()
    plain = {"host": "tea.example", "cookie": f"samovar={cookie.value}"}
    assert (await nobody.get("/session", headers=plain)).status_code == 401
    own = {"host": "tea.example", "cookie": f"__Host-samovar={cookie.value}"}
    assert (await nobody.get("/session", headers=own)).status_code == 200


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_signing_in_leads_nowhere_else(ana: Guest, nobody: httpx.AsyncClient, wanted: str) -> None:
    form = {"name": ana.user.name, "password": PASSWORD, "next": wanted}
    assert (await nobody.post("/sign-in", data=form)).headers["location"] == "/"


async def test_five_wrong_passwords_and_one_has_to_wait(home: House, nobody: httpx.AsyncClient) -> None:
    await home.guest("Cat")
    statuses = []
    for _ in range(7):
        tried = await nobody.post("/sign-in", data={"name": "Cat", "password": "wrong wrong"})
        statuses.append(tried.status_code)
    assert statuses == [401] * 5 + [429] * 2
    assert int(tried.headers["retry-after"]) > 0
    assert "Cat" in tried.text
    assert "wrong wrong" not in tried.text


async def test_names_are_shown_as_text(home: House, ana: Guest) -> None:
    await home.guest('<img src=x onerror="alert(1)">')
    async with ana.client() as http:
        page = (await http.get("/admin/people")).text
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


async def test_an_invitation_lets_one_person_in(ana: Guest, nobody: httpx.AsyncClient) -> None:
    async with ana.client() as http:
        made = await http.post("/admin/people/invite", data={"role": "member", "group": ""})
    code = made.text.partition("/invitation?code=")[2].partition("<")[0]
    form = {"code": code, "name": "Dan", "password": "a cup for everybody"}
    assert (await nobody.post("/invitation", data=form)).status_code == 303
    assert (await nobody.get("/session")).json() == {"name": "Dan", "role": "member"}
    nobody.cookies.clear()
    assert (await nobody.post("/invitation", data={**form, "name": "Eli"})).status_code == 404


async def test_sign_up_is_as_the_admin_wants_it(home: House, ana: Guest, nobody: httpx.AsyncClient) -> None:
    by = await home.core.accounts.service.principal_for(ana.cookie, "127.0.0.1")
    assert isinstance(by, Principal)
    form = {"name": "Fay", "password": "a cup for everybody"}
    assert (await nobody.post("/sign-up", data=form)).status_code == 403
    await home.core.accounts.admin.set_sign_up(by, SignUpMode.APPROVAL)
    assert (await nobody.post("/sign-up", data=form)).status_code == 200
    assert (await nobody.post("/sign-in", data=form)).status_code == 403
    fay = next(person for person in await home.core.accounts.admin.people(by) if person.name == "Fay")
    async with ana.client() as http:
        await http.post("/admin/people/approve", data={"person": str(fay.id)})
    assert (await nobody.post("/sign-in", data=form)).status_code == 303
    await home.core.accounts.admin.set_sign_up(by, SignUpMode.CLOSED)


async def test_a_changed_password_ends_every_other_session(home: House) -> None:
    guest = await home.guest("Gus")
    elsewhere = await home.again(guest)
    async with guest.client() as http, elsewhere.client() as other:
        form = {"old": PASSWORD, "password": "another cup of tea"}
        changed = await http.post("/account/password", data=form)
        assert changed.status_code == 303
        assert (await http.get("/session", headers={"cookie": f"samovar={guest.cookie}"})).status_code == 401
        http.cookies = changed.cookies
        assert (await http.get("/session")).status_code == 200
        assert (await other.get("/session")).status_code == 401


async def test_an_account_is_exported_and_deleted_by_its_person(home: House, ana: Guest) -> None:
    guest = await home.guest("Hal")
    async with guest.client() as http:
        exported = (await http.get("/account/export")).json()
        assert exported["account"]["name"] == "Hal"
        assert "password_hash" not in exported["account"]
        assert (await http.post("/account/delete", data={"old": "not it, sorry"})).status_code == 401
        assert (await http.post("/account/delete", data={"old": PASSWORD})).status_code == 303
        assert (await http.get("/session")).status_code == 401


async def test_groups_are_made_changed_and_deleted(ana: Guest) -> None:
    async with ana.client() as http:
        wrong = await http.post("/admin/groups/create", data={"name": "Night", "weight": "heavy"})
        assert wrong.status_code == 422
        assert 'value="heavy"' in wrong.text
        assert (await http.post("/admin/groups/create", data={"name": "Night", "weight": "0.5"})).status_code == 303
        page = (await http.get("/admin/groups")).text
        group = page.partition('name="group" value="')[2].partition('"')[0]
        assert (await http.post("/admin/groups/change", data={"group": group, "name": "Day"})).status_code == 303
        assert (await http.post("/admin/groups/delete", data={"group": group})).status_code == 303
        assert (await http.post("/admin/groups/delete", data={"group": group})).status_code == 404


async def test_what_happened_is_told_to_admins(ana: Guest) -> None:
    async with ana.client() as http:
        page = await http.get("/admin/people/audit")
    assert page.status_code == 200
    assert "signed in" in page.text
