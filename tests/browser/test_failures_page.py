"""Every control of the failures' page and of the audit log, on the real app: it acts at once, and is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from chatui.domain.people import AccountRole
from storage.failures import record_failure
from storage.tables import Failure
from tests.browser.test_warm_up_page import page_of
from tests.support.furnished import AUDIT_PAGE, fail, fill_the_audit_log
from tests.support.house import House, house
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PATH, AUDIT = "/admin/failures", "/admin/people/audit"
NOTHING = "Nothing failed that has not been seen to."


async def test_failures_are_asked_again_seen_to_one_by_one_and_by_cause(browser: Browser, data: Path) -> None:
    async with OllamaServer() as ollama:
        async with house(data, ollama.url, retries=0) as app:
            admin = await app.guest("Ana", AccountRole.ADMIN)
            for _ in range(3):
                await fail(admin, ollama)
            await no_memory(app)
            async with page_of(browser, admin, "/admin") as page:
                await page.locator("#failures").get_by_role("link", name="Look").first.click()
                await expect(page.get_by_role("heading", name="The model server reported")).to_be_visible()
                await exports(page)
                await expect(page.get_by_text("needs 9.1 GB, 6.3 GB is free")).to_be_visible()
                await expect(page.get_by_role("button", name="Ask again")).to_have_count(3)
                await page.get_by_role("combobox", name="Model").first.select_option("qwen3:1.7b")
                await page.get_by_role("button", name="Ask again").first.click()
                await expect(page.get_by_text("Asked again.")).to_be_visible()
                await expect(page.get_by_role("button", name="Ask again")).to_have_count(2)
                await page.get_by_role("button", name="Seen to", exact=True).first.click()
                await expect(page.get_by_role("button", name="Ask again")).to_have_count(1)
                unknown = page.locator("section", has=page.get_by_role("button", name="Ask again"))
                await unknown.get_by_role("button", name="All seen to").click()
                await expect(page.get_by_role("button", name="Ask again")).to_have_count(0)
                await expect(page.get_by_role("button", name="All seen to")).to_have_count(1)
            assert ollama.bodies("/api/chat")[-1]["model"] == "qwen3:1.7b"
        async with (
            house(data, ollama.url, retries=0) as app,
            page_of(browser, await app.again(admin), PATH) as page,
        ):
            await expect(page.get_by_role("button", name="All seen to")).to_have_count(1)
            await page.get_by_role("button", name="All seen to").click()
            await expect(page.get_by_text(NOTHING)).to_be_visible()
            assert "9.1 GiB" in await exports(page)


async def test_the_audit_log_is_read_page_by_page(browser: Browser, data: Path) -> None:
    async with OllamaServer() as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        await fill_the_audit_log(app, AUDIT_PAGE)
        async with page_of(browser, admin, AUDIT) as page:
            lines = page.locator("tbody tr")
            await expect(lines).to_have_count(AUDIT_PAGE)
            await expect(lines.first).to_contain_text(f"192.0.2.{AUDIT_PAGE - 1}")
            await expect(lines.last).to_contain_text("192.0.2.0")
            await page.get_by_role("link", name="Older").click()
            await expect(lines.first).to_contain_text("Ana")
            await expect(page.get_by_text("192.0.2.")).to_have_count(0)
            await expect(page.get_by_role("link", name="Older")).to_have_count(0)


async def no_memory(app: House) -> None:
    """What a server says whose memory is full."""
    said = "model requires more system memory (9.1 GiB) than is available (6.3 GiB)"
    told = {"attempt_number": 1, "code": "memory", "detail": said, "stage": "loading", "backend": "box"}
    failed = Failure(**told, model="phi4:14b", created_at=app.core.database.clocks.now())  # type: ignore[arg-type]
    await app.core.database.write(lambda session: record_failure(session, failed))


async def exports(page: Page) -> str:
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Export CSV").click()
    return (await (await download.value).path()).read_text(encoding="utf-8-sig")
