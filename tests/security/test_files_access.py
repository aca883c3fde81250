"""Files beside questions, asked for by everybody who must not have them, and served so that they can do nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from chatui.domain.people import AccountRole
from tests.support.app import COOKIE, tab
from tests.support.brought import pdf, picture
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer
from tests.support.rows import every_row

TEXT = "text/plain; charset=utf-8"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with OllamaServer() as ollama, house(tmp_path_factory.mktemp("data"), ollama.url) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ana(home: House) -> Guest:
    """Who runs the app: that alone opens nobody's files."""
    return await home.guest("Ana", AccountRole.ADMIN)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def eve(home: House, ana: Guest) -> Guest:
    """A member like the others."""
    return await home.guest("Eve")


async def put(guest: Guest, name: str, data: bytes, **headers: str) -> httpx.Response:
    async with guest.client() as http:
        return await http.post("/attachments", content=data, headers={"x-file-name": quote(name), **headers})


async def test_only_its_person_opens_or_removes_a_file(home: House, ana: Guest, eve: Guest) -> None:
    kept = (await put(eve, "tea.txt", b"tea at five")).json()["id"]
    passing = (await put(eve, "cake.txt", b"cake at six", **{"x-temporary": "1"})).json()["id"]
    async with tab(eve) as hers:
        await hers.ask("When?", files=[kept])
        await hers.answer()
    waiting = (await put(eve, "more.txt", b"more")).json()["id"]
    before = await home.core.database.read(lambda session: every_row(session, but={"used_at", "unread"}))
    async with ana.client() as http:
        for file in (kept, passing, waiting, str(uuid4()), "nothing", "../conversations"):
            for method in ("GET", "DELETE"):
                answer = await http.request(method, f"/attachments/{file}")
                assert answer.status_code == 404, (method, file)
                assert "tea" not in answer.text
    async with eve.client() as http:
        assert (await http.get(f"/attachments/{passing}")).content == b"cake at six"
        assert (await http.delete(f"/attachments/{passing}")).status_code == 204
        assert (await http.get(f"/attachments/{passing}")).status_code == 404
        assert (await http.delete(f"/attachments/{kept}")).status_code == 404
        assert (await http.get(f"/attachments/{kept}")).content == b"tea at five"
    assert await home.core.database.read(lambda session: every_row(session, but={"used_at", "unread"})) == before


async def test_a_session_that_is_over_opens_nothing(home: House, eve: Guest) -> None:
    file = (await put(eve, "tea.txt", b"tea at five")).json()["id"]
    over = await home.again(eve)
    await home.core.accounts.service.sign_out(over.cookie, "127.0.0.1")
    for cookies in ({}, {COOKIE: over.cookie}):
        async with httpx.AsyncClient(base_url=home.url, cookies=cookies, timeout=60) as http:
            assert (await http.get(f"/attachments/{file}")).status_code == 401
            assert (await http.delete(f"/attachments/{file}")).status_code == 401
            assert (await http.post("/attachments", content=b"tea")).status_code == 401


async def test_a_file_is_put_beside_ones_own_conversations_alone(home: House, ana: Guest, eve: Guest) -> None:
    async with tab(eve) as hers:
        await hers.ask("When?")
        await hers.answer()
        refused = await put(ana, "mine.txt", b"mine", **{"x-conversation": str(hers.conversation)})
        assert refused.status_code == 404
        assert (await put(ana, "mine.txt", b"mine", **{"x-conversation": str(uuid4())})).status_code == 404
        assert (await put(eve, "hers.txt", b"hers", **{"x-conversation": str(hers.conversation)})).status_code == 201


async def test_who_only_reads_puts_nothing(home: House, ana: Guest) -> None:
    viewer = await home.guest("Vera", AccountRole.VIEWER)
    assert (await put(viewer, "tea.txt", b"tea")).status_code == 404


async def test_another_sites_page_puts_nothing(ana: Guest) -> None:
    assert (await put(ana, "tea.txt", b"tea", origin="https://evil.example")).status_code == 403


@pytest.mark.parametrize(
    ("name", "data", "media_type", "shown"),
    [
        ("pot.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", TEXT, "attachment"),
        ("page.html", b"<script>alert(1)</script>", TEXT, "attachment"),
        ("tea.pdf", pdf("tea"), "application/pdf", "attachment"),
        ("pot.html", picture("GIF"), "image/png", "inline"),
        ('pot.png\r\nx: y"; filename=evil.exe', picture("JPEG"), "image/jpeg", "inline"),
    ],
)
async def test_what_was_brought_is_served_so_that_it_can_do_nothing(
    eve: Guest, name: str, data: bytes, media_type: str, shown: str
) -> None:
    told = (await put(eve, name, data)).json()
    async with eve.client() as http:
        answer = await http.get(f"/attachments/{told['id']}")
        await http.delete(f"/attachments/{told['id']}")
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == f"{shown}; filename*=UTF-8''{quote(told['name'], safe='')}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        (b"PK\x03\x04\x00", 422, "tea.bin cannot be read"),
        (pdf(""), 422, "tea.bin has no text in it"),
        (pdf("tea", password="tea"), 422, "tea.bin is locked with a password"),
        (b"t" * (10 * 1024 * 1024 + 1), 422, "tea.bin is too large: a file may have 10 MB."),
        (b"t" * (64 * 1024 * 1024 + 1), 413, "more than is taken"),
    ],
    ids=["binary", "scanned", "locked", "large", "huge"],
)
async def test_what_is_not_taken_is_refused_with_a_sentence(
    eve: Guest, data: bytes, status: int, sentence: str
) -> None:
    refused = await put(eve, "tea.bin", data)
    assert (refused.status_code, sentence in refused.text) == (status, True), refused.text
