"""Every control of the warm-up page, on the real app with a scripted Ollama; and it is no page for members."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlmodel import Session

from chatui.domain.people import AccountRole
from storage import jobs
from storage.tables import Job
from tests.support.app import COOKIE
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

QWEN, LLAMA = "qwen3:8b", "llama3.2:1b"
PATH = "/admin/warm-up"


@asynccontextmanager
async def page_of(browser: Browser, guest: Guest, path: str) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    await context.add_cookies([{"name": COOKIE, "value": guest.cookie, "url": guest.url, "sameSite": "Lax"}])
    page = await context.new_page()
    page.set_default_timeout(60_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(guest.url + path)
    yield page
    await context.close()
    assert faults == []


async def plans_of(admin: Guest) -> str:
    async with admin.client() as http:
        return (await http.get(PATH)).text


async def test_a_plan_is_made_changed_run_and_removed(browser: Browser, data: Path) -> None:
    script = OllamaScript(models=(ScriptedModel(QWEN), ScriptedModel(LLAMA)), max_loaded=1)
    async with OllamaServer(script) as ollama:
        async with house(data, ollama.url) as app:
            admin = await app.guest("Ana", AccountRole.ADMIN)
            async with page_of(browser, admin, PATH) as page:
                await expect(page.get_by_text("Nothing is planned.")).to_be_visible()
                await plans(page, QWEN)
                row = page.get_by_role("row").filter(has_text="Europe/Berlin")
                await expect(row).to_contain_text("every day")
                await expect(row).to_contain_text("all day")
                # The page follows what happens by itself.
                await expect(page.locator("#history")).to_contain_text("loaded", timeout=60_000)
                await expect(page.locator("#worth")).to_contain_text(QWEN)
                await expect(row).to_contain_text("in memory", timeout=60_000)
                assert ollama.stats()["loaded"] == [QWEN]
                await row.get_by_role("button", name="Run now").click()
                await expect(page.locator("#history")).to_contain_text("run by hand", timeout=60_000)
                await changes(page)
                await expect(page.get_by_role("row").filter(has_text="Asia/Tokyo")).to_contain_text("06:15 to 10:30")
        async with house(data, ollama.url) as app, page_of(browser, await app.again(admin), PATH) as page:
            row = page.get_by_role("row").filter(has_text="Asia/Tokyo")
            await expect(row).to_contain_text(LLAMA)
            await expect(row).to_contain_text("06:15 to 10:30")
            await expect(row).not_to_contain_text("every day")
            await expect(page.locator("#history")).to_contain_text("run by hand")
            await row.get_by_role("button", name="Remove").click()
            await expect(page.get_by_text("Nothing is planned.")).to_be_visible()
        async with house(data, ollama.url) as app, page_of(browser, await app.again(admin), PATH) as page:
            await expect(page.get_by_text("Nothing is planned.")).to_be_visible()


async def plans(page: Page, model: str) -> None:
    await page.get_by_label("Model").select_option(model)
    for day in ("Sat", "Sun"):
        await page.get_by_label(day).check()
    await page.get_by_label("From").fill("00:00")
    await page.get_by_label("Until").fill("00:00")
    await page.get_by_label("Time zone").fill("Europe/Berlin")
    await page.get_by_role("button", name="Add the plan").click()


async def changes(page: Page) -> None:
    await page.get_by_text("Edit:").click()
    form = page.locator("details")
    await form.get_by_label("Model").select_option(LLAMA)
    await form.get_by_label("Mon").uncheck()
    await form.get_by_label("From").fill("06:15")
    await form.get_by_label("Until").fill("10:30")
    await form.get_by_label("Time zone").fill("Asia/Tokyo")
    await form.get_by_role("button", name="Save the plan").click()


async def test_wrong_input_stands_beside_its_field_and_changes_nothing(browser: Browser, data: Path) -> None:
    async with OllamaServer(OllamaScript(models=(ScriptedModel(QWEN),))) as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        async with page_of(browser, admin, PATH) as page:
            for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
                await page.get_by_label(day).uncheck()
            await page.get_by_label("From").fill("")
            await page.get_by_label("Time zone").fill("Mars/Olympus")
            await page.get_by_role("button", name="Add the plan").click()
            await expect(page.get_by_text("Choose at least one day.")).to_be_visible()
            await expect(page.get_by_label("From")).to_have_accessible_description("Give a time such as 08:00.")
            await expect(page.get_by_label("Time zone")).to_have_value("Mars/Olympus")
            await expect(page.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
            await expect(page.get_by_text("Nothing is planned.")).to_be_visible()
        async with admin.client() as http:
            wrong = await http.post(f"{PATH}/add", data={"model": "no such", "day_0": "1", "zone": "UTC"})
            assert (wrong.status_code, wrong.text.count('class="flaw"')) == (422, 3)
            assert (await http.post(f"{PATH}/run", data={"plan": "none"})).status_code == 404
        assert "Nothing is planned." in await plans_of(admin)


async def test_a_suggestion_is_taken_with_a_click(browser: Browser, data: Path) -> None:
    async with OllamaServer(OllamaScript(models=(ScriptedModel(QWEN),))) as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        await _asked_every_day(app, admin)
        async with page_of(browser, admin, PATH) as page:
            await expect(page.get_by_text("asked on 27 of 28 such days")).to_be_visible()
            await page.get_by_role("button", name="Plan it").click()
            row = page.get_by_role("row").filter(has_text="every day")
            await expect(row).to_contain_text(QWEN)
            await expect(page.get_by_role("button", name="Plan it")).to_have_count(0)


async def _asked_every_day(app: House, admin: Guest) -> None:
    """Somebody asked at noon, on each of the last days but today."""
    noon = app.core.database.clocks.now().replace(hour=12, minute=0)
    rows = [_job(admin, number, noon - timedelta(days=number)) for number in range(1, 28)]

    def write(session: Session) -> None:
        for row in rows:
            jobs.add_job(session, row)

    await app.core.database.write(write)


def _job(admin: Guest, arrival: int, at: datetime) -> Job:
    return Job(
        account_id=admin.user.id, model=QWEN, priority=1, state="done", arrival=arrival, created_at=at, finished_at=at
    )


async def test_members_find_nothing(data: Path) -> None:
    async with OllamaServer() as ollama, house(data, ollama.url) as app:
        member = await app.guest("Ben")
        async with member.client() as http:
            assert (await http.get(PATH)).status_code == 404
            for verb in ("add", "change", "remove", "run"):
                assert (await http.post(f"{PATH}/{verb}", data={})).status_code == 404, verb
