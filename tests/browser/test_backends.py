"""The page about model servers on the real app: every control."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.app import AppProcess, running_app, tab
from tests.support.browser import LIMIT_MS, sign_in
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def opened(browser: Browser, app: AppProcess) -> Page:
    context = await browser.new_context(locale="en-GB")
    await sign_in(context, app)
    page = await context.new_page()
    page.set_default_timeout(LIMIT_MS)
    await page.goto(f"{app.url}/admin/backends")
    return page


async def test_every_control_of_the_servers(browser: Browser, tmp_path: Path) -> None:
    async with OllamaServer() as first, OllamaServer() as second:
        name = second.url.removeprefix("http://")
        async with running_app(tmp_path, "--backend", first.url, "--backend-zone", "loopback") as app:
            page = await opened(browser, app)
            row = page.locator("tr", has_text=name)
            await page.get_by_label("Address").fill("http://kettle:notaport")
            await page.get_by_role("button", name="Add").click()
            await expect(page.locator("#url-flaw")).to_contain_text("not the address of a model server")
            await page.get_by_label("Address").fill(second.url)
            await page.get_by_role("button", name="Test only").click()
            await expect(page.get_by_role("status")).to_contain_text(f"{name} answers: Ollama")
            await expect(row).to_have_count(0)
            await page.get_by_role("button", name="Add").click()
            await expect(row).to_contain_text("answers")
            await row.get_by_role("button", name="Pause").click()
            await expect(row).to_contain_text("paused")
            await row.get_by_role("button", name="Go on").click()
            await expect(row.get_by_role("button", name="Pause")).to_be_visible()
            await row.get_by_role("button", name="Test").click()
            await expect(page.get_by_role("status")).to_contain_text(f"{name} answers")
            other = page.locator("tr", has_text=first.url.removeprefix("http://"))
            await other.get_by_role("button", name="Remove").click()
            await expect(other).to_have_count(0)
            async with tab(app) as client:
                await client.ask("hello")
                assert (await client.answer())["state"] == "complete"
            assert second.bodies("/api/chat")
            await row.get_by_role("button", name="Pause").click()
            await expect(row).to_contain_text("paused")
            await page.context.close()
        async with running_app(tmp_path, "--backend", first.url, "--backend-zone", "loopback") as app:
            page = await opened(browser, app)
            row = page.locator("tr", has_text=name)
            await expect(row).to_contain_text("paused")
            await expect(page.locator("tbody tr")).to_have_count(1)
            await row.get_by_role("button", name="Go on").click()
            await expect(row).to_contain_text("answers")
            await page.context.close()
        async with running_app(tmp_path, "--backend", first.url, "--backend-zone", "loopback") as app:
            page = await opened(browser, app)
            await expect(page.locator("tr", has_text=name)).to_contain_text("answers")
            await page.context.close()
