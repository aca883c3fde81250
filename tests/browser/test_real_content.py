"""What an answer can have in it, and what people choose for themselves, in the app with its own model."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.said import CHATS
from tests.support.app import AppProcess, tab
from tests.support.browser import LIMIT_MS, ChatPage, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
RICH = next(chat for chat in CHATS if chat["title"] == "Everything in one answer")
GROUND = "getComputedStyle(document.body).backgroundColor"
DARK = "rgb(28, 27, 25)"


async def exported(page: Page, kind: str) -> str:
    """Take the chat along that is shown."""
    await page.locator("#conversations .row").filter(has_text=RICH["title"]).get_by_role("button").click()
    await page.get_by_role("menuitem", name="Export", exact=True).click()
    async with page.expect_download() as saving:
        await page.get_by_role("menuitem", name=kind).click()
    saved = await (await saving.value).path()
    return await asyncio.to_thread(Path(saved).read_text)


async def test_everything_in_an_answer_is_read_copied_taken_along_and_gone_on_with(
    app: AppProcess, browser: Browser
) -> None:
    context = await browser.new_context(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(LIMIT_MS)
    chat = await ChatPage.open(context, app)
    page = chat.page
    await page.goto(f"{app.url}/account/import")
    brought = json.dumps({"conversations": [RICH]}).encode()
    await page.get_by_label("File").set_input_files({"name": "x.json", "mimeType": "x/y", "buffer": brought})
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("Conversations imported: 1.")
    await page.get_by_role("link", name="Back to the chat").click()
    await page.locator("#conversations").get_by_role("link", name=RICH["title"]).click()
    answer = chat.answers.last
    thought = answer.get_by_text("A pivot table is the easiest")
    await expect(thought).to_be_hidden()
    await answer.locator("summary").click()
    await expect(thought).to_be_visible()
    await expect(answer.get_by_role("cell", name="1,204")).to_be_visible()
    await expect(answer.locator("math[display=block] mfrac")).to_be_visible()
    await expect(answer.locator("pre[data-drawn]").get_by_role("img", name="Diagram")).to_be_visible()
    await answer.locator("pre[data-language=python]").get_by_role("button", name="Copy code").click()
    await page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('import pandas')")
    assert "| January | 1,204 |" in await exported(page, "Markdown")
    assert "<table" in await exported(page, "Web page")
    await chat.ask("And by week?")
    await expect(chat.answers).to_have_count(2)
    assert await chat.answered() in {"complete", "limited"}
    chat.check()
    await context.close()


async def test_colours_and_language_go_along_to_every_device(
    app: AppProcess, context: BrowserContext, browser: Browser
) -> None:
    other = await browser.new_context(locale="en-GB", color_scheme="light")
    other.set_default_timeout(LIMIT_MS)
    try:
        chat = await ChatPage.open(context, app)
        page = chat.page
        await page.get_by_role("button", name="Settings and more").click()
        await page.get_by_role("menuitem", name="Settings").click()
        await page.get_by_role("radiogroup", name="Colours").get_by_text("Dark").click()
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await page.get_by_role("radiogroup", name="Language").get_by_text("中文").click()
        await expect(page.get_by_role("textbox", name="请输入问题")).to_be_visible()
        assert await page.evaluate(GROUND) == DARK
        chat.check()
        await sign_in(other, app)
        there = await other.new_page()
        await there.goto(app.url)
        await expect(there.get_by_role("textbox", name="请输入问题")).to_be_visible()
        await expect(there.locator("html")).to_have_attribute("data-theme", "dark")
        assert await there.evaluate(GROUND) == DARK
    finally:
        await other.close()
        async with tab(app) as client:
            for name in ("theme", "language"):
                await client.send(t="prefer", name=name, value=None)
            await client.until(lambda frame: frame["t"] == "preferences" and not any(frame["chosen"].values()))
