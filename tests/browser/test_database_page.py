"""Every control of the database's page, on the real app: checked, backed up, taken away, restored at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from chatui.domain.people import AccountRole
from tests.browser.test_warm_up_page import page_of
from tests.support.house import house
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PATH = "/admin/database"


async def test_a_backup_is_made_taken_away_and_restored_at_the_next_start(browser: Browser, data: Path) -> None:
    async with OllamaServer() as ollama:
        async with house(data, ollama.url) as app:
            admin = await app.guest("Ana", AccountRole.ADMIN)
            async with page_of(browser, admin, PATH) as page:
                await page.get_by_role("button", name="Check the database").click()
                await expect(page.get_by_text("The database is whole.")).to_be_visible()
                await page.get_by_role("button", name="Back up now").click()
                await expect(page.get_by_text("The backup is made.")).to_be_visible()
                row = page.get_by_role("row").filter(has_text="by hand")
                async with page.expect_download() as taking:
                    await row.get_by_role("link", name="Download").click()
                taken = (await (await taking.value).path()).read_bytes()
                assert taken.startswith(b"SQLite format 3")
                await app.guest("Bob")
                await row.get_by_text("Restore", exact=True).click()
                await expect(row.get_by_text("Everybody signs in anew")).to_be_visible()
                await row.get_by_role("button", name="Restore at the next start").click()
                await expect(page.get_by_text("takes the place of the database")).to_be_visible()
                await page.get_by_role("button", name="Do not restore it").click()
                await expect(page.get_by_text("Nothing will be restored.")).to_be_visible()
                await row.get_by_text("Restore", exact=True).click()
                await row.get_by_role("button", name="Restore at the next start").click()
                await expect(page.get_by_text("takes the place of the database")).to_be_visible()
        async with house(data, ollama.url) as app:
            admin = await app.again(admin)
            async with page_of(browser, admin, PATH) as page:
                await expect(page.get_by_text("This start restored")).to_be_visible()
                await expect(page.get_by_role("row").filter(has_text="what a restore replaced")).to_be_visible()
                await page.goto(f"{app.url}/admin/people")
                await expect(page.get_by_text("Ana").first).to_be_visible()
                await expect(page.get_by_text("Bob")).to_have_count(0)
