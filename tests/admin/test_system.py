"""The system page: health, log, and a file for somebody who helps."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from chatui.domain.people import AccountRole
from tests.support.app import tab
from tests.support.house import PASSWORD, Guest, House, house
from tests.support.ollama_server import OllamaServer

TOKEN = "a token for monitoring"


@pytest_asyncio.fixture
async def guarded(ollama: OllamaServer, tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, ollama.url, metrics_token=TOKEN) as served:
        yield served


async def test_the_page_shows_the_log_from_a_level_on(home: House, ana: Guest) -> None:
    logging.getLogger("chatui.test").warning("something <b>odd</b>")
    async with ana.client() as http:
        page = (await http.get("/admin/system?level=warning")).text
        assert "something &lt;b&gt;odd&lt;/b&gt;" in page
        assert "something" not in (await http.get("/admin/system?level=error")).text
        assert (await http.get("/admin/system?level=nothing")).status_code == 200


async def test_the_file_for_who_helps_holds_no_secret_and_nothing_that_was_said(
    guarded: House, ollama: OllamaServer, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await guarded.guest("Anastasia", AccountRole.ADMIN)
    caplog.set_level(logging.INFO)
    ollama.fail_loads(1)
    async with tab(ana) as client:
        await client.ask("what nobody else should read tokens=20")
        answer = await client.answer()
        # A server that sends back what it was asked.
        ollama.broken_answers.append('cannot go on with "nobody else should read tokens=20"')
        await client.ask("what nobody else should read tokens=20", client.conversation)
        await client.answer()
    await guarded.core.recorder.look()
    async with ana.client() as http:
        got = await http.get("/admin/system/diagnostics")
        export = (await http.get("/admin/failures/export")).content.decode("utf-8-sig")
        assert "[…]" in export
        for page in ("/admin/failures", "/admin/system", "/admin/queue/failures"):
            assert "nobody else" not in (await http.get(page)).text
    archive = zipfile.ZipFile(io.BytesIO(got.content))
    told = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "cannot go on with" in told["log.jsonl"]
    told["export"] = export.replace("Anastasia", "")  # the file for the admins says whose it was
    for secret in (TOKEN, PASSWORD, ana.cookie, "nobody else", answer["text"], "Anastasia", str(ana.user.id)):
        assert not any(secret in text for text in told.values()), secret
    assert json.loads(told["settings.json"])["metrics_token"] is None
    assert [row["code"] for row in json.loads(told["failures.json"])] == ["interrupted", "model_load"]
    assert json.loads(told["servers.json"])[0]["ok"]
    assert json.loads(told["database.json"])["rows"]["account"] == 1
