"""Every control of the tuning page, on the real app with a scripted Ollama; and it is no page for members."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from chatui.domain.people import AccountRole
from tests.admin.test_tuning import held_at
from tests.browser.test_warm_up_page import page_of
from tests.support.house import house
from tests.support.ollama_server import OllamaScript, OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MODEL, PATH = "llama3.2:1b", "/admin/tuning"
SCRIPT = OllamaScript(parallel=3, answer_tokens=400)


async def start(page: Page, maximum: str) -> None:
    await page.get_by_label("Model").select_option(MODEL)
    await page.get_by_label("Most at the same time").fill(maximum)
    await page.get_by_role("button", name="Start the measurement").click()


async def test_a_measurement_is_watched_stopped_made_anew_applied_and_undone(browser: Browser, data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        async with page_of(browser, admin, PATH) as page:
            await expect(page.get_by_text("Nothing was measured yet.")).to_be_visible()
            await expect(page.get_by_text("Answers at the same time are set to auto now")).to_be_visible()
            held_at(app, ollama, 2)
            await start(page, "2")
            await expect(page.get_by_text("Measuring 2 at the same time, round 1.")).to_be_visible(timeout=60_000)
            await expect(page.get_by_role("progressbar")).to_be_visible()
            await expect(page.locator("#chart-by_rate circle")).to_have_count(1)
            await expect(page.get_by_role("button", name="Start the measurement")).to_be_disabled()
            await page.get_by_role("button", name="Stop").click()
            await expect(page.get_by_text("It was stopped by hand.")).to_be_visible(timeout=60_000)
            await expect(page.get_by_role("button", name="Stop")).to_be_hidden()

            ollama.gate.set()
            await start(page, "1")
            await expect(page.get_by_text("1 at the same time is best.")).to_be_visible(timeout=60_000)
            await expect(page.locator("#figures").get_by_text("recommended")).to_be_visible()
            await expect(page.locator("#earlier")).to_contain_text("stopped by hand")
            await page.get_by_role("button", name="Set it to 1").click()
            await expect(page.get_by_text("set to 1, as recommended.")).to_be_visible(timeout=60_000)
            assert app.core.settings.in_force.now.workers == 1
    async with (
        OllamaServer(SCRIPT) as ollama,
        house(data, ollama.url) as app,
        page_of(browser, await app.again(admin), PATH) as page,
    ):
        await expect(page.get_by_text("set to 1, as recommended.")).to_be_visible(timeout=60_000)
        await page.get_by_role("link", name="Undo it in Settings").click()
        await page.get_by_role("button", name="Undo").first.click()
        await page.goto(f"{app.url}{PATH}")
        await expect(page.get_by_role("button", name="Set it to 1")).to_be_visible(timeout=60_000)
        assert app.core.settings.in_force.now.workers == "auto"


async def test_wrong_input_stands_beside_its_field_and_begins_nothing(browser: Browser, data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        async with page_of(browser, admin, PATH) as page:
            await start(page, "33")
            field = page.get_by_label("Most at the same time")
            await expect(field).to_have_attribute("aria-invalid", "true")
            await expect(field).to_have_value("33")
            await expect(page.locator("#maximum-flaw")).to_contain_text("32")
            await expect(page.get_by_text("Nothing was measured yet.")).to_be_visible(timeout=60_000)


async def test_members_find_nothing(data: Path) -> None:
    async with OllamaServer() as ollama, house(data, ollama.url) as app:
        member = await app.guest("Ben")
        async with member.client() as http:
            assert (await http.get(PATH)).status_code == 404
            assert (await http.post(f"{PATH}/start", data={"model": MODEL, "maximum": "2"})).status_code == 404
        assert not app.core.scheduler.jobs
