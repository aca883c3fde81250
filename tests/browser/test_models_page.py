"""Every control of the models page, on the real app with a scripted Ollama; and it is no page for members."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from chatui.accounts.limits import GroupLimits
from chatui.domain.messages import ModelName
from chatui.domain.people import AccountRole, Principal
from tests.browser.test_warm_up_page import page_of
from tests.support.house import house
from tests.support.ollama_disk import NO_SPACE
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QWEN, LLAMA, NEW = "qwen3:8b", "llama3.2:1b", "phi4:14b"
PATH = "/admin/models"


def server() -> OllamaServer:
    return OllamaServer(OllamaScript(models=(ScriptedModel(QWEN), ScriptedModel(LLAMA)), max_loaded=1))


async def test_a_download_is_followed_cancelled_and_resumed(browser: Browser, data: Path) -> None:
    async with server() as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        async with page_of(browser, admin, PATH) as page:
            ollama.disk.gate.clear()
            (server_name,) = (status.name for status in app.core.fleet.statuses())
            await page.get_by_role("textbox", name="Model").fill(NEW)
            await page.get_by_role("combobox", name="Server").select_option(server_name)
            await page.get_by_role("button", name="Download").click()
            pulls = page.locator("#pulls")
            await expect(pulls).to_contain_text("50 B of 100 B", timeout=60_000)
            await expect(page.get_by_role("progressbar")).to_have_attribute("value", "50", timeout=60_000)
            await page.get_by_role("button", name="Cancel").click()
            await expect(pulls).to_contain_text("cancelled; what arrived is kept", timeout=60_000)
            await expect(page.get_by_role("row").filter(has_text=NEW)).to_have_count(0)
            ollama.disk.gate.set()
            await page.get_by_role("button", name="Resume").click()
            await expect(pulls).to_contain_text("downloaded", timeout=60_000)
            await expect(page.get_by_role("row").filter(has_text=NEW)).to_have_count(1, timeout=60_000)
            assert [body["model"] for body in ollama.bodies("/api/pull")] == [NEW, NEW]


async def test_what_is_opened_stays_open_while_the_page_follows_a_download(browser: Browser, data: Path) -> None:
    async with server() as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        async with page_of(browser, admin, PATH) as page:
            ollama.disk.gate.clear()
            await page.get_by_role("textbox", name="Model").fill(NEW)
            await page.get_by_role("button", name="Download").click()
            await expect(page.locator("#pulls")).to_contain_text("50 B of 100 B", timeout=60_000)
            row = page.get_by_role("row").filter(has_text=QWEN)
            await row.get_by_text("Delete", exact=True).click()
            await page.evaluate("document.activeElement.blur()")
            ollama.disk.gate.set()
            await expect(page.get_by_role("row").filter(has_text=NEW)).to_have_count(1, timeout=60_000)
            await row.get_by_role("button", name="Delete it").click()
            await expect(row).to_have_count(0, timeout=60_000)


async def test_a_full_disk_in_mid_download_says_so(browser: Browser, data: Path) -> None:
    async with server() as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        async with page_of(browser, admin, PATH) as page:
            ollama.disk.full = True
            await page.get_by_role("textbox", name="Model").fill(NEW)
            await page.get_by_role("button", name="Download").click()
            await expect(page.locator("#pulls")).to_contain_text(NO_SPACE, timeout=60_000)
            ollama.disk.full = False
            await page.get_by_role("button", name="Resume").click()
            await expect(page.locator("#pulls")).to_contain_text("downloaded", timeout=60_000)


async def test_models_are_loaded_unloaded_shown_and_deleted(browser: Browser, data: Path) -> None:
    async with server() as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        by = Principal(admin.user, "here")
        await app.core.accounts.groups.create(by, "Tea", GroupLimits(models=frozenset({ModelName(QWEN)})))
        async with page_of(browser, admin, PATH) as page:
            row = page.get_by_role("row").filter(has_text=QWEN)
            await expect(row).to_contain_text("on disk")
            await expect(row).to_contain_text("everybody")
            await expect(page.get_by_role("row").filter(has_text=LLAMA)).to_contain_text("people without a group")
            await row.get_by_role("button", name="Load").click()
            await expect(row).to_contain_text("in memory", timeout=60_000)
            assert ollama.stats()["loaded"] == [QWEN]
            await page.reload()
            await row.get_by_role("button", name="Unload").click()
            await expect(row).to_contain_text("on disk", timeout=60_000)
            assert ollama.stats()["loaded"] == []

            await row.get_by_role("link", name=QWEN).click()
            await expect(page.get_by_role("heading", name=QWEN)).to_be_visible()
            await page.get_by_role("link", name="All models").click()

            await row.get_by_text("Delete", exact=True).click()
            await row.get_by_role("button", name="Delete it").click()
            await expect(row).to_have_count(0, timeout=60_000)
            assert QWEN not in ollama.models


async def test_a_model_in_use_is_not_touched(data: Path) -> None:
    async with server() as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        (status,) = app.core.fleet.statuses()
        async with admin.client() as http:
            key = {"server": status.name, "model": QWEN}
            app.core.scheduler.backends()[status.name].unloading = True
            for verb in ("unload", "delete"):
                refused = await http.post(f"{PATH}/{verb}", data=key)
                assert (refused.status_code, "The model is in use" in refused.text) == (409, True)
            assert QWEN in ollama.models
            wrong = await http.post(f"{PATH}/pull", data={"server": status.name, "model": "no name!"})
            assert (wrong.status_code, "Give a name such as" in wrong.text) == (422, True)
            assert ollama.bodies("/api/pull") == []


async def test_members_find_nothing(data: Path) -> None:
    async with server() as ollama, house(data, ollama.url) as app:
        member = await app.guest("Ben")
        async with member.client() as http:
            for path in (PATH, f"{PATH}/details"):
                assert (await http.get(path)).status_code == 404
            for verb in ("pull", "stop", "delete", "load", "unload"):
                assert (await http.post(f"{PATH}/{verb}", data={})).status_code == 404, verb
