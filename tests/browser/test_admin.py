"""Every control of the admin's live pages, in a real browser on the real app: it acts at once, and is kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.support.app import running_app, tab
from tests.support.browser import sign_in
from tests.support.ollama_server import OllamaServer
from tests.support.rush import MODEL, House, open_house, rush

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PATIENT_MS = 60_000
DRAWN = re.compile("^M")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), "--retries", "0") as opened:
        yield opened


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


def act(row: Locator, name: str) -> Locator:
    return row.get_by_role("button", name=name)


def state(page: Page) -> Locator:
    """What stands over the table while the queue is held."""
    return page.locator("#queue [role=status]")


async def job_of(row: Locator) -> str:
    return await row.get_attribute("data-job") or ""


async def test_who_waits_is_put_first_moved_let_pass_and_stopped(house: House, context: BrowserContext) -> None:
    async with rush(house, "second", "third", "fourth") as busy:
        page, faults = await open_page(context, house)
        await expect(rows(page, "runs")).to_have_count(1)
        await expect(rows(page, "waits")).to_have_count(3)
        await expect(rows(page, "runs").first).to_contain_text("writes")
        second, third, fourth = [await job_of(rows(page, "waits").nth(number)) for number in range(3)]
        await act(rows(page, "waits").nth(2), "Put first").click()
        await expect(rows(page, "waits").first).to_have_attribute("data-job", fourth)
        await act(page.locator(f"[data-job='{third}']"), "One place up").click()
        await expect(rows(page, "waits").nth(1)).to_have_attribute("data-job", third)
        await act(page.locator(f"[data-job='{fourth}']"), "Let the others pass").click()
        await expect(rows(page, "waits").nth(2)).to_have_attribute("data-job", fourth)
        await expect(rows(page, "waits").nth(2)).to_contain_text("lets others pass")
        await act(page.locator(f"[data-job='{second}']"), "Stop").click()
        await expect(rows(page, "waits")).to_have_count(2)
        assert (await busy.waiting[0].answer())["state"] == "stopped"
        await act(rows(page, "runs").first, "Stop").click()
        assert (await busy.first.answer())["state"] == "stopped"
        busy.gate.set()
        await expect(page.get_by_text("Nobody is in line")).to_be_visible(timeout=PATIENT_MS)
        assert busy.asked() == ["first", "third", "fourth"]
        assert faults == []


async def test_the_queue_is_paused_drained_and_goes_on(house: House, context: BrowserContext) -> None:
    async with rush(house) as busy, tab(house.app) as other:
        page, faults = await open_page(context, house, "/admin/queue")
        await page.locator("#queue-pause").click()
        await expect(state(page)).to_contain_text("The queue is paused")
        await other.ask("while it is paused", model=MODEL)
        await expect(rows(page, "waits")).to_contain_text("the queue is paused")
        assert (await house.queue())["paused"]
        await page.locator("#queue-pause").click()
        await expect(state(page)).to_be_hidden()
        await page.locator("#queue-drain").click()
        await expect(state(page)).to_contain_text("The queue is drained")
        assert (await house.queue())["draining"]
        await page.locator("#queue-pause").click()
        server = page.locator("#servers")
        await server.get_by_role("button", name="Pause").click()
        await expect(server).to_contain_text("paused")
        assert (await house.queue())["backends"][0]["paused"]
        await server.get_by_role("button", name="Go on").click()
        await expect(server).to_contain_text("answers")
        busy.gate.set()
        assert (await other.answer())["state"] == "complete"
        assert faults == []


async def test_a_pause_outlives_a_restart(browser: Browser, tmp_path: Path) -> None:
    async with OllamaServer() as ollama:
        flags = ("--backend", ollama.url)
        async with running_app(tmp_path, *flags) as app:
            context = await browser.new_context(locale="en-GB")
            page, _ = await open_page(context, House(app, ollama, None), "/admin/queue")  # type: ignore[arg-type]
            await page.locator("#queue-pause").click()
            await expect(state(page)).to_contain_text("The queue is paused")
            await context.close()
        async with running_app(tmp_path, *flags) as app, tab(app) as client:
            await client.ask("after the restart", model=MODEL)
            context = await browser.new_context(locale="en-GB")
            page, _ = await open_page(context, House(app, ollama, None))  # type: ignore[arg-type]
            await expect(rows(page, "waits")).to_contain_text("the queue is paused")
            await page.locator("#queue-pause").click()
            assert (await client.answer())["state"] == "complete"
            await context.close()


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


async def test_a_failure_is_looked_at_asked_again_and_seen_to(house: House, context: BrowserContext) -> None:
    for _ in range(2):
        house.ollama.fail_loads(1, "this file may be incompatible with your version")
        async with tab(house.app) as client:
            await client.ask("tokens=3", model="qwen3:1.7b")
            assert (await client.answer())["state"] == "failed"
    page, faults = await open_page(context, house)
    await page.locator("#failures").get_by_role("link", name="Look").first.click()
    await expect(page.get_by_text("reported an error that the app does not know")).to_be_visible()
    await page.get_by_role("combobox", name="Model").first.select_option(MODEL)
    await page.get_by_role("button", name="Ask again").first.click()
    await expect(page.get_by_text("Asked again.")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Export CSV").click()
    assert "incompatible" in (await (await download.value).path()).read_text(encoding="utf-8-sig")
    await page.get_by_role("button", name="Seen to", exact=True).first.click()
    await expect(page.get_by_text("Nothing failed that has not been seen to.")).to_be_visible()
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
