"""Nobody is shut out: axe-core finds no serious and no critical fault on any page, light or dark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from chatui.web.admin.tabs import TABS
from tests.support import axe
from tests.support.app import AppProcess, running_app
from tests.support.browser import LIMIT_MS, ChatPage
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DOOR = ("/sign-in", "/sign-up", "/invitation?code=x", "/reset?code=x", "/nowhere")
OWN = ("/account", *(tab.path for tab in TABS))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
QUESTION = "tokens=30 Tell me about **tea**."


@dataclass
class Place:
    """An app whose answers can be held, and its chat page."""

    app: AppProcess
    ollama: OllamaServer
    chat: ChatPage


@pytest_asyncio.fixture(loop_scope="session")
async def place(browser: Browser, tmp_path: Path) -> AsyncIterator[Place]:
    await asyncio.to_thread(axe.script)
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url, "--sign-up", "open") as app:
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.set_default_timeout(LIMIT_MS)
        yield Place(app, ollama, await ChatPage.open(context, app))
        ollama.gate.set()
        await context.close()


async def check(page: Page, what: str) -> list[str]:
    """The faults of a page in both schemes."""
    faults = []
    for scheme in SCHEMES:
        # Without motion there is nothing to wait for.
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        faults += [f"{what}, {scheme}: {fault}" for fault in await axe.grave_faults(page)]
    return faults


async def test_the_chat_page(place: Place) -> None:
    chat, page = place.chat, place.chat.page
    await expect(page.locator(".picker-button")).to_be_enabled()
    faults = await check(page, "empty")
    await chat.ask(QUESTION)
    assert await chat.answered() == "complete"
    faults += await check(page, "answered")
    place.ollama.gate.clear()
    await chat.ask(QUESTION)
    await page.locator("article[data-role=assistant][data-state=streaming]").wait_for()
    faults += await check(page, "writing")
    other = await ChatPage.open(page.context, place.app)
    await other.ask(QUESTION)
    await other.page.locator(".line[data-stage=queued]").wait_for()
    faults += await check(other.page, "waiting")
    assert faults == []


@pytest.mark.broad
async def test_what_opens_over_the_chat_page(place: Place) -> None:
    chat, page = place.chat, place.chat.page
    await chat.ask(QUESTION)
    assert await chat.answered() == "complete"
    await page.locator(".picker-button").click()
    faults = await check(page, "models")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Settings and more").click()
    faults += await check(page, "menu")
    await page.get_by_role("menuitem", name="Settings").click()
    await page.get_by_role("dialog").wait_for()
    faults += await check(page, "settings")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Prompts", exact=True).click()
    faults += await check(page, "prompts")
    await page.get_by_role("button", name="New prompt").click()
    faults += await check(page, "a new prompt")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await chat.box.press_sequentially("/")
    faults += await check(page, "behind the slash")
    await chat.box.press_sequentially("help\n")
    await page.get_by_role("dialog").wait_for()
    faults += await check(page, "shortcuts")
    await page.keyboard.press("Escape")
    await page.get_by_role("searchbox").fill("tea")
    await page.locator("mark").first.wait_for()
    faults += await check(page, "search")
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.get_by_role("button", name="Show conversations").click()
    faults += await check(page, "drawer")
    assert faults == []


@pytest.mark.broad
async def test_every_other_page(browser: Browser, place: Place) -> None:
    stranger = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    faults: list[str] = []
    for context, paths in ((stranger, DOOR), (place.chat.page.context, OWN)):
        page = await context.new_page()
        for path in paths:
            await page.goto(place.app.url + path)
            await page.locator("h1").first.wait_for(state="attached")
            faults += await check(page, path)
        await page.close()
    await stranger.close()
    assert faults == []


async def test_a_machine_without_npm_skips_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(axe, "FOLDER", tmp_path / "axe")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="npm is not installed"):
        await asyncio.to_thread(axe.script.__wrapped__)
