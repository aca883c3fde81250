"""Every control of the admin's live pages, in a real browser on the real app: it acts at once, and is kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.support.app import tab
from tests.support.browser import sign_in
from tests.support.ollama_server import OllamaServer
from tests.support.rush import MODEL, House, open_house, rush, serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PATIENT_MS = 60_000
DRAWN = re.compile("^M")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), "--retries", "0") as opened:
        yield opened


@asynccontextmanager
async def opened(browser: Browser, data: Path, ollama: OllamaServer) -> AsyncIterator[tuple[House, BrowserContext]]:
    """An app of the test's own, and a window of the browser."""
    async with serving(data, ollama) as house:
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        yield house, context
        await context.close()


async def open_page(context: BrowserContext, house: House, path: str = "/admin") -> tuple[Page, list[str]]:
    """A page of the admin's, and what it complained of."""
    await sign_in(context, house.app)
    page = await context.new_page()
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    page.set_default_timeout(PATIENT_MS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", heard)
    await page.goto(house.app.url + path)
    return page, faults


def rows(page: Page, kind: str) -> Locator:
    return page.locator(f"tr.{kind}")


def row_of(page: Page, job: str) -> Locator:
    return page.locator(f"[data-job='{job}']")


def act(row: Locator, name: str) -> Locator:
    return row.get_by_role("button", name=name)


def state(page: Page) -> Locator:
    """What stands over the table while the queue is held."""
    return page.locator("#queue [role=status]")


async def job_of(row: Locator) -> str:
    return await row.get_attribute("data-job") or ""


async def test_who_waits_is_put_first_moved_let_pass_and_stopped(browser: Browser, tmp_path: Path) -> None:
    async with OllamaServer() as ollama:
        async with opened(browser, tmp_path, ollama) as (house, context), rush(house, "a", "b", "c", "d") as busy:
            page, faults = await open_page(context, house)
            waits = rows(page, "waits")
            await expect(rows(page, "runs").first).to_contain_text("writes")
            await expect(waits).to_have_count(4)
            a, b, c, d = [await job_of(waits.nth(number)) for number in range(4)]
            await act(row_of(page, d), "Put first").click()
            await expect(waits.first).to_have_attribute("data-job", d)
            await act(row_of(page, c), "One place up").click()
            await expect(waits.nth(2)).to_have_attribute("data-job", c)
            await act(row_of(page, c), "One place up").click()
            await expect(waits.nth(1)).to_have_attribute("data-job", c)
            await act(row_of(page, d), "Let the others pass").click()
            await expect(waits.nth(3)).to_have_attribute("data-job", d)
            await expect(waits.nth(3)).to_contain_text("lets others pass")
            await act(row_of(page, a), "Stop").click()
            await expect(waits).to_have_count(3)
            assert (await busy.waiting[0].answer())["state"] == "stopped"
            await page.locator("#queue-pause").click()
            await expect(state(page)).to_contain_text("The queue is paused")
            await act(rows(page, "runs").first, "Stop").click()
            assert (await busy.first.answer())["state"] == "stopped"
            await expect(rows(page, "runs")).to_have_count(0)
            assert faults == []
            house.app.kill()
            await house.app.wait()
        async with opened(browser, tmp_path, ollama) as (house, context):
            page, faults = await open_page(context, house)
            for number, job in enumerate((c, b, d)):
                await expect(rows(page, "waits").nth(number)).to_have_attribute("data-job", job)
            await expect(rows(page, "waits").nth(2)).to_contain_text("lets others pass")
            ollama.gate.set()
            await page.locator("#queue-pause").click()
            await expect(page.get_by_text("Nobody is in line")).to_be_visible()
            assert busy.asked() == ["first", "c", "b", "d"]
            assert faults == []


async def test_the_queue_is_paused_drained_and_goes_on(browser: Browser, tmp_path: Path) -> None:
    async with OllamaServer() as ollama:
        async with opened(browser, tmp_path, ollama) as (house, context), tab(house.app) as other:
            page, faults = await open_page(context, house, "/admin/queue")
            servers = page.locator("#servers")
            await page.locator("#queue-pause").click()
            await expect(state(page)).to_contain_text("The queue is paused")
            await other.ask("while it is paused", model=MODEL)
            await expect(rows(page, "waits")).to_contain_text("the queue is paused")
            await page.locator("#queue-pause").click()
            await expect(state(page)).to_be_hidden()
            assert (await other.answer())["state"] == "complete"
            await page.locator("#queue-drain").click()
            await expect(state(page)).to_contain_text("The queue is drained")
            assert (await house.queue())["draining"]
            await page.locator("#queue-pause").click()
            await expect(state(page)).to_be_hidden()
            await servers.get_by_role("button", name="Pause").click()
            await expect(servers).to_contain_text("paused")
            await servers.get_by_role("button", name="Go on").click()
            await expect(servers).to_contain_text("answers")
            await servers.get_by_role("button", name="Pause").click()
            await page.locator("#queue-pause").click()
            await expect(state(page)).to_contain_text("The queue is paused")
            assert faults == []
        async with opened(browser, tmp_path, ollama) as (house, context), tab(house.app) as client:
            page, faults = await open_page(context, house, "/admin/queue")
            await client.ask("after the restart", model=MODEL)
            await expect(rows(page, "waits")).to_contain_text("the queue is paused")
            await expect(page.locator("#servers")).to_contain_text("paused")
            await page.locator("#queue-pause").click()
            await page.locator("#servers").get_by_role("button", name="Go on").click()
            assert (await client.answer())["state"] == "complete"
            assert faults == []
        async with opened(browser, tmp_path, ollama) as (house, context):
            page, _ = await open_page(context, house, "/admin/queue")
            await expect(page.locator("#servers")).to_contain_text("answers")
            await expect(state(page)).to_be_hidden()


async def test_a_row_on_a_phone_leaves_out_what_it_has_nothing_to_say_of(house: House, context: BrowserContext) -> None:
    async with rush(house, "second"):
        page, _ = await open_page(context, house, "/admin/queue")
        await page.set_viewport_size({"width": 390, "height": 844})
        begins = "td[data-label='Begins in']"
        await expect(rows(page, "waits").locator(begins)).to_be_visible()
        await expect(rows(page, "runs").locator(begins)).to_be_hidden()


async def test_charts_cover_three_lengths_of_time_and_say_why_they_are_empty(
    house: House, context: BrowserContext
) -> None:
    page, faults = await open_page(context, house)
    processor = page.locator("#chart-processor")
    await expect(processor.locator("path.series-1")).to_have_attribute("d", DRAWN, timeout=PATIENT_MS)
    await expect(page.locator("#tile-memory .number")).to_contain_text("GB")
    await expect(page.locator("#chart-eta")).to_contain_text("the app knows one after 30 waits")
    for name in ("24 h", "30 d", "15 min"):
        choose = page.get_by_role("button", name=name)
        await choose.click()
        await expect(choose).to_have_attribute("aria-pressed", "true")
    await expect(processor.locator("path.series-1")).to_have_attribute("d", DRAWN, timeout=PATIENT_MS)
    await processor.locator("svg").hover()
    await expect(processor.locator(".cursor")).not_to_have_attribute("x1", "-9")
    assert faults == []


async def test_the_log_and_diagnostics_are_there(house: House, context: BrowserContext) -> None:
    page, faults = await open_page(context, house, "/admin/system")
    await page.get_by_role("combobox", name="From").select_option("warning")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("combobox", name="From")).to_have_value("warning")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download").click()
    assert (await download.value).suggested_filename == "samovar-diagnostics.zip"
    assert faults == []
