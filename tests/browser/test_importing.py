"""Importing in a real browser: a file is chosen, the page follows it, the conversations are in the list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from tests.support.app import AppProcess, running_app
from tests.support.browser import ChatPage
from tests.support.exports import as_archive, as_bytes, tea, tools, webui_chat
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def quick(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path_factory.mktemp("i"), "--backend", ollama.url) as app,
    ):
        yield app


async def test_an_export_is_chosen_followed_and_read_with_its_branches(
    quick: AppProcess, context: BrowserContext, tmp_path: Path
) -> None:
    chat = await ChatPage.open(context, quick)
    page = chat.page
    await page.get_by_role("button", name="Settings and more").click()
    await page.get_by_role("menuitem", name="Import conversations").click()
    await expect(page.get_by_role("heading", name="Import conversations")).to_be_visible()
    file = tmp_path / "export.zip"
    many = [webui_chat(f"chat {number}") for number in range(200)]
    file.write_bytes(as_archive(conversations__json=as_bytes([tools(), *many, tea()])))
    await expect(page.get_by_label("File")).to_have_accessible_description("None chosen yet")
    await page.get_by_label("File").set_input_files(file)
    await expect(page.get_by_label("File")).to_have_accessible_description("export.zip")
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("Conversations imported: 202.")
    await page.goto(f"{quick.url}/account")
    await page.get_by_role("link", name="Import conversations").click()
    await page.get_by_label("File").set_input_files({"name": "x.json", "mimeType": "x/y", "buffer": b"[1"})
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("Nothing was imported.")
    await page.get_by_role("link", name="Back to the chat").click()
    await chat.box.wait_for()
    await page.get_by_role("searchbox").fill("ninety degrees")
    await page.locator(".hit").first.click()
    await expect(chat.answers.last.locator(".answer-text")).to_have_text("Ninety degrees.")
    await chat.answers.last.hover()
    await page.get_by_role("button", name="Previous version").click()
    await expect(chat.answers.last.locator(".answer-text")).to_have_text("Very.")
    await page.get_by_role("searchbox").fill("samovar")
    await page.locator(".hit").filter(has_text="About tools").first.click()
    await expect(chat.answers.last).to_contain_text("A tool was used here")
    await expect(chat.questions.last).to_contain_text("[Picture, not imported]")
    await chat.ask("And now?")
    await chat.answered()
    await expect(chat.answers).to_have_count(2)
    chat.check()
