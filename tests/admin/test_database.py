"""The page of the database: its health, backups that are made and taken, and a restore at the next start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from chatui.domain.people import AccountRole
from chatui.operations import upkeep
from chatui.web.admin.database import age_said
from chatui.web.pages import Say
from storage.audit import list_entries
from storage.backup import list_backups
from storage.engines import sqlite_module
from storage.errors import DiskFull
from storage.health import damage_of, health_of
from storage.restoring import prepared
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer

PAGE = "/admin/database"


def newest(home: House) -> Path:
    return list_backups(home.core.database.directory)[0].path


async def done(home: House) -> list[str]:
    entries = await home.core.database.read(lambda session: list_entries(session, 50))
    return [entry.action for entry in entries if entry.action not in {"signed_in", "account_made"}]


async def test_the_page_tells_how_the_database_is(home: House, ana: Guest) -> None:
    async with ana.client() as http:
        assert "There is no backup yet." in (await http.get(PAGE)).text
        assert "The database is whole." in (await http.post(f"{PAGE}/check")).text
    health = await health_of(home.core.database)
    assert health.rows["account"] == 1
    assert health.file_bytes > 0
    assert await damage_of(home.core.database) == []


async def test_a_backup_is_made_now_and_taken_away(home: House, ana: Guest) -> None:
    async with ana.client() as http:
        page = (await http.post(f"{PAGE}/backup", follow_redirects=True)).text
        assert "The backup is made." in page
        assert "by hand" in page
        assert "just now" in page
        file = newest(home)
        got = await http.get(f"{PAGE}/backup", params={"name": file.name})
        assert got.content == file.read_bytes()
        assert file.name in got.headers["content-disposition"]
        for name in ("", "../samovar.db", "samovar.db", "samovar-20261123T120000.000000Z-hand.db"):
            assert (await http.get(f"{PAGE}/backup", params={"name": name})).status_code == 404
    assert await done(home) == ["backup_taken", "backup_made"]


async def test_a_restore_takes_place_at_the_next_start_and_can_be_undone_like_any_other(
    ollama: OllamaServer, tmp_path: Path
) -> None:
    async with house(tmp_path, ollama.url) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        async with ana.client() as http:
            await http.post(f"{PAGE}/backup")
            file = newest(home)
            await home.guest("Bob")
            page = (await http.post(f"{PAGE}/restore", data={"name": file.name}, follow_redirects=True)).text
            assert "was checked and takes the place of the database" in page
            assert "Bob" in (await http.get("/admin/people")).text
    async with house(tmp_path, ollama.url) as home:
        async with replace(ana, url=home.url).client() as http:
            assert (await http.get(PAGE)).status_code == 401, "everybody signs in anew"
        ana = await home.again(ana)
        async with ana.client() as http:
            page = (await http.get(PAGE)).text
            assert f"This start restored {file.name}" in page
            assert "what a restore replaced" in page
            assert "Bob" not in (await http.get("/admin/people")).text
            assert await done(home) == ["restored"]
            assert "the database was restored from a backup" in (await http.get("/admin/people/audit")).text
            (replaced,) = [one for one in list_backups(home.core.database.directory) if one.replaced]
            await http.post(f"{PAGE}/restore", data={"name": replaced.path.name})
    async with house(tmp_path, ollama.url) as home:
        ana = await home.again(ana)
        async with ana.client() as http:
            assert "Bob" in (await http.get("/admin/people")).text
        assert await done(home) == ["restored", "restore_prepared", "backup_made"]


async def test_a_restore_is_taken_back_until_then(ollama: OllamaServer, tmp_path: Path) -> None:
    async with house(tmp_path, ollama.url) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        async with ana.client() as http:
            await http.post(f"{PAGE}/backup")
            await home.guest("Bob")
            await http.post(f"{PAGE}/restore", data={"name": newest(home).name})
            page = (await http.post(f"{PAGE}/give-up", follow_redirects=True)).text
            assert "Nothing will be restored." in page
            assert "takes the place" not in page
    async with house(tmp_path, ollama.url) as home:
        assert home.core.backups.restored is None
        async with replace(ana, url=home.url).client() as http:
            assert "Bob" in (await http.get("/admin/people")).text, "and everybody is still signed in"


def damaged(file: Path) -> None:
    # Whole enough to tell its schema, and not whole.
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2 // 4096 * 4096])


def newer(file: Path) -> None:
    driver = sqlite_module().connect(file, isolation_level=None)
    driver.execute("UPDATE alembic_version SET version_num = '9999'")
    driver.close()


@pytest.mark.parametrize(
    ("become", "sentence"), [(damaged, "This file is damaged"), (newer, "from a newer version of the app")]
)
async def test_a_backup_that_cannot_be_used_changes_nothing_and_says_so(
    home: House, ana: Guest, become: Callable[[Path], None], sentence: str
) -> None:
    async with ana.client() as http:
        await http.post(f"{PAGE}/backup")
        become(newest(home))
        got = await http.post(f"{PAGE}/restore", data={"name": newest(home).name})
        assert got.status_code == 409
        assert sentence in got.text
        assert (await http.post(f"{PAGE}/restore", data={"name": "../samovar.db"})).status_code == 404
        assert "takes the place" not in (await http.get(PAGE)).text
    assert prepared(home.core.database.directory) is None


async def test_a_full_disk_is_said_in_words(home: House, ana: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise DiskFull("No space left on device.")

    monkeypatch.setattr("chatui.operations.backups.backup", full)
    async with ana.client() as http:
        got = await http.post(f"{PAGE}/backup")
    assert got.status_code == 409
    assert "The disk is full, so nothing was changed." in got.text
    assert "No space left on device." in got.text
    assert await done(home) == []


async def saved(http: httpx.AsyncClient, values: Mapping[str, str]) -> None:
    assert (await http.post("/admin/settings", data=dict(values))).status_code == 303


async def test_backups_follow_their_interval_at_once_and_after_a_restart(
    ollama: OllamaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SOON", timedelta())
    async with house(tmp_path, ollama.url) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        async with ana.client() as http:
            assert "None is made by the clock." in (await http.get(PAGE)).text
            await saved(http, {"backup_hours": "12"})
            async with asyncio.timeout(60):
                while not list_backups(home.core.database.directory):  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.02)
            page = (await http.get(PAGE)).text
            assert "by the clock" in page
            due = home.core.backups.next_at()
            assert due is not None
            assert f"The next one is made at {due:%Y-%m-%d %H:%M}" in page
            left = due - home.core.database.clocks.now()
            assert timedelta(hours=11) < left <= timedelta(hours=12)
    async with house(tmp_path, ollama.url) as home:
        async with replace(ana, url=home.url).client() as http:
            assert "The next one is made at" in (await http.get(PAGE)).text
            await saved(http, {"backup_hours": "0"})
            assert "None is made by the clock." in (await http.get(PAGE)).text
        assert len(list_backups(home.core.database.directory)) == 1


def test_an_age_is_said_in_a_small_number() -> None:
    say = Say("en")
    ages = [timedelta(seconds=3), timedelta(minutes=119), timedelta(hours=47), timedelta(days=9, hours=5)]
    assert [age_said(age, say) for age in ages] == ["just now", "119 min ago", "47 h ago", "9 days ago"]
