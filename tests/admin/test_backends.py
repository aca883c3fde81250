"""Model servers that admins add, pause and remove: at once, over a restart, and told to who waits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatui.domain.errors import Forbidden, NotFound
from chatui.domain.people import AccountRole, Principal
from chatui.web.admin.backends import BACKENDS
from tests.acceptance.test_account_commands import command
from tests.support.app import tab
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer

INSIDE: dict[str, Any] = {"backend_zone": ("loopback",), "workers": 1}


def by(guest: Guest) -> Principal:
    return Principal(guest.user, "127.0.0.1")


def names(home: House) -> set[str]:
    return {status.name for status in home.core.fleet.statuses()}


def name_of(server: OllamaServer) -> str:
    return server.url.removeprefix("http://")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.02)


async def test_a_server_is_tested_added_paused_and_removed(tmp_path: Path) -> None:
    async with OllamaServer() as first, OllamaServer() as second:
        async with house(tmp_path, first.url, **INSIDE) as home:
            ana = await home.guest("Ana", AccountRole.ADMIN)
            async with ana.client() as http:
                tested = await http.post(f"{BACKENDS}/test", data={"url": second.url})
                assert "answers: Ollama" in tested.text
                assert names(home) == {name_of(first)}
                added = await http.post(f"{BACKENDS}/add", data={"url": second.url})
                assert "Added." in added.text
                assert names(home) == {name_of(first), name_of(second)}
                again = await http.post(f"{BACKENDS}/add", data={"url": second.url})
                assert "This server is there already." in again.text
                await http.post(f"{BACKENDS}/pause", data={"name": name_of(second)})
                assert home.core.scheduler.backends()[name_of(second)].paused
                await http.post(f"{BACKENDS}/remove", data={"name": name_of(first)})
                assert names(home) == {name_of(second)}
        async with house(tmp_path, first.url, **INSIDE) as home:
            assert names(home) == {name_of(second)}, "also after a restart"
            assert home.core.scheduler.backends()[name_of(second)].paused
            async with (await home.again(ana)).client() as http:
                await http.post(f"{BACKENDS}/resume", data={"name": name_of(second)})
                assert not home.core.scheduler.backends()[name_of(second)].paused
                removed = (await home.core.settings.history(by(ana), 10))[1]
                await http.post("/admin/settings/undo", data={"change": str(removed.id)})
                await home.core.backends.in_force.settle()
                assert names(home) == {name_of(first), name_of(second)}
                await http.post(f"{BACKENDS}/remove", data={"name": name_of(second)})
                assert names(home) == {name_of(first)}
        async with house(tmp_path, first.url, **INSIDE) as home:
            assert names(home) == {name_of(first)}


async def test_who_waits_for_a_removed_server_is_told_and_goes_on_when_it_is_back(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, house(tmp_path, ollama.url, **INSIDE) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        ollama.gate.clear()
        async with tab(ana) as first, tab(ana) as second:
            await first.ask("one")
            await first.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
            await second.ask("two")
            await second.until(lambda frame: frame["t"] == "asked")
            await home.core.backends.remove(by(ana), name_of(ollama))
            told = await second.until(lambda frame: "server" in str(frame.get("line") or ""))
            assert told["t"] == "live"
            ollama.gate.set()
            (change,) = await home.core.settings.history(by(ana), 1)
            await home.core.settings.undo(by(ana), change.id or 0)
            await home.core.backends.in_force.settle()
            assert names(home) == {name_of(ollama)}
            assert (await second.answer())["state"] == "complete"


@pytest.mark.parametrize(
    "url",
    ["", "kettle", "ftp://host", "http://169.254.169.254", "http://127.0.0.1:1", "http://2130706433", "gpu=http://h"],
)
async def test_a_wrong_address_gets_a_sentence_and_changes_nothing(url: str, home: House, ana: Guest) -> None:
    before = names(home)
    async with ana.client() as http:
        for verb in ("test", "add"):
            page = await http.post(f"{BACKENDS}/{verb}", data={"url": url})
            assert page.status_code == httpx.codes.UNPROCESSABLE_ENTITY
            assert len(re.findall(r'id="url-flaw"', page.text)) == 1
    assert names(home) == before
    assert await home.core.settings.history(by(ana), 10) == []


async def test_a_server_that_is_not_there_yet_is_told_as_such_and_added(tmp_path: Path, ollama: OllamaServer) -> None:
    async with house(tmp_path, ollama.url, **INSIDE) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        async with ana.client() as http:
            page = await http.post(f"{BACKENDS}/add", data={"url": "http://127.0.0.1:9"})
            assert "127.0.0.1:9 does not answer. Nobody answers there" in page.text
            looked = await http.post(f"{BACKENDS}/look", data={"name": "127.0.0.1:9"})
            assert "127.0.0.1:9 does not answer. Nobody answers there" in looked.text
            # What the machine said is there for whoever opens it.
            for shown in (looked.text, (await http.get(BACKENDS)).text, (await http.get("/admin/models")).text):
                raw = re.findall(r'<details class="raw"[^>]*><summary>What was said</summary><p[^>]*>([^<]*)', shown)
                assert raw
                assert all("ConnectError" in text for text in raw)
                assert "ConnectError" not in re.sub(r"<details.*?</details>", "", shown, flags=re.DOTALL)
        assert "127.0.0.1:9" in names(home)


async def test_a_server_is_added_and_removed_at_the_console(tmp_path: Path) -> None:
    async with OllamaServer() as first, OllamaServer() as second, house(tmp_path, first.url, workers=1) as home:
        await home.guest("Ana", AccountRole.ADMIN)
        status, said = await command(tmp_path, "backend", "test", second.url)
        assert (status, said.partition(":")[0]) == (0, "127.0.0.1")
        assert (await command(tmp_path, "backend", "test", "http://127.0.0.1:9"))[0] == 1
        status, said = await command(tmp_path, "backend", "add", second.url)
        assert (status, said.partition(" ")[0]) == (0, "Added.")
        await until(lambda: names(home) == {name_of(first), name_of(second)})
        status, listed = await command(tmp_path, "backend", "list")
        assert listed.startswith(f"{name_of(second)}\ton\t")
        assert (await command(tmp_path, "backend", "remove", name_of(second)))[0] == 0
        await until(lambda: names(home) == {name_of(first)})
        assert (await command(tmp_path, "backend", "remove", "kettle"))[0] == 1


async def test_a_pause_is_one_whether_made_beside_the_queue_or_beside_the_servers(tmp_path: Path) -> None:
    async with OllamaServer() as ollama:
        name = name_of(ollama)
        async with house(tmp_path, ollama.url, **INSIDE) as home:
            ana = await home.guest("Ana", AccountRole.ADMIN)
            async with ana.client() as http:
                await http.post("/admin/queue/pause", json={"backend": name})
                assert "paused" in (await http.get(BACKENDS)).text
                await http.post(f"{BACKENDS}/resume", data={"name": name})
                assert not (await http.get("/admin/queue")).json()["backends"][0]["paused"]
                await http.post(f"{BACKENDS}/pause", data={"name": name})
                assert (await http.post("/admin/queue/resume", json={"backend": name})).status_code == httpx.codes.OK
                assert f'action="{BACKENDS}/pause"' in (await http.get(BACKENDS)).text
                async with tab(ana) as line:
                    await line.send(t="admin.pause", backend=name)
                    await line.send(t="admin.watch")
                    seen = await line.until(lambda frame: frame["t"] == "admin.queue")
                assert seen["backends"][0]["paused"]
        async with house(tmp_path, ollama.url, **INSIDE) as home:
            assert home.core.scheduler.backends()[name].paused, "also after a restart"
            assert not home.core.scheduler.paused
            async with (await home.again(ana)).client() as http:
                await http.post(f"{BACKENDS}/resume", data={"name": name})
                assert not (await http.get("/admin/queue")).json()["backends"][0]["paused"]


async def test_a_server_of_the_start_that_is_removed_at_the_console_stays_away(tmp_path: Path) -> None:
    async with OllamaServer() as first, OllamaServer() as second:
        async with house(tmp_path, first.url, second.url, workers=1) as home:
            ana = await home.guest("Ana", AccountRole.ADMIN)
            await home.core.backends.pause(by(ana), name_of(second))
            assert (await command(tmp_path, "backend", "remove", name_of(second)))[0] == 0
            await until(lambda: names(home) == {name_of(first)})
            assert (await command(tmp_path, "backend", "remove", name_of(second)))[0] == 1, "it is gone already"
        async with house(tmp_path, first.url, second.url, workers=1) as home:
            assert names(home) == {name_of(first)}
            assert (await command(tmp_path, "backend", "add", second.url))[0] == 0
            await until(lambda: names(home) == {name_of(first), name_of(second)})


async def test_a_member_changes_no_server(home: House, eve: Guest, ana: Guest) -> None:
    service, (name,) = home.core.backends, names(home)
    for attempt in (service.add, service.probe, service.remove, service.pause, service.resume, service.look):
        with pytest.raises(Forbidden):
            await attempt(by(eve), name)
    with pytest.raises(Forbidden):
        service.backends(by(eve))
    for absent in (service.remove, service.pause, service.resume, service.look):
        with pytest.raises(NotFound):
            await absent(by(ana), "kettle")
