"""What people see, measured in a browser: nothing overflows, everything has a name and room for a finger."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from tests.browser.said import CHATS
from tests.support.app import AppProcess, running_app
from tests.support.browser import LIMIT_MS, at_rest, sign_in
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WIDTHS = (1440, 768, 390, 320)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LONG_WORD = "Donaudampfschifffahrtsgesellschaft" * 6

# Elements whose right edge lies outside the window and whose overflow nobody can scroll to.
OVERFLOWING = """() => [...document.querySelectorAll('#samovar *')].filter(element => {
  const box = element.getBoundingClientRect();
  const scrolls = element.closest('pre code, .answer-text div, #conversations, .unseen, .drawer');
  return box.width > 0 && box.right > innerWidth + 1 && !scrolls;
}).map(element => `${element.tagName}.${element.className}`)"""

NAMELESS = """() => [...document.querySelectorAll('#samovar button, #samovar a, #samovar textarea')]
  .filter(element => element.checkVisibility() && !(element.getAttribute('aria-label') || element.textContent).trim())
  .map(element => element.outerHTML.slice(0, 120))"""

SMALL = """() => [...document.querySelectorAll('#samovar button:not(.copy-code), #samovar a, #samovar textarea')]
  .filter(element => element.checkVisibility({visibilityProperty: true}))
  .map(element => [element, element.getBoundingClientRect()])
  .filter(([element, box]) => box.height < 43.99 || box.width < 43.99)
  .map(([element, box]) => `${element.className} ${element.textContent} ${box.width} x ${box.height}`)"""

ROWS = "actions => [...new Set([...actions.children].map(each => Math.round(each.getBoundingClientRect().bottom)))]"


@dataclass
class Seen:
    """What went wrong in a page, and what it asked for."""

    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@asynccontextmanager
async def _page(browser: Browser, app: AppProcess, width: int, **options: Any) -> AsyncIterator[tuple[Page, Seen]]:
    context = await browser.new_context(viewport={"width": width, "height": 800}, **options)
    context.set_default_timeout(LIMIT_MS)
    await sign_in(context, app)
    page, seen = await context.new_page(), Seen()

    def note_error(error: object) -> None:
        seen.errors.append(str(error))

    def note_message(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.errors.append(message.text)

    def note_request(request: Request) -> None:
        seen.hosts.add(request.url.split("/")[2] if "//" in request.url else "")

    page.on("pageerror", note_error)
    page.on("console", note_message)
    page.on("request", note_request)
    await page.goto(app.url)
    await page.get_by_role("textbox", name="Ask anything").wait_for()
    try:
        yield page, seen
    finally:
        await context.close()


async def _too_small(page: Page) -> list[str]:
    """What a finger might miss."""
    await at_rest(page)
    found: list[str] = await page.evaluate(SMALL)
    return found


async def _ask(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Ask anything").fill(text)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#transcript article[data-role=assistant][data-state=complete]")).to_be_visible()


async def test_nothing_overflows_at_any_width_in_either_scheme(browser: Browser, tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url) as app,
        _page(browser, app, 1440) as (page, seen),
    ):
        await _ask(page, f"{LONG_WORD} tokens=20")
        grounds = set()
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme)
                await at_rest(page)
                assert await page.evaluate(OVERFLOWING) == [], (width, scheme)
                assert await page.evaluate(NAMELESS) == [], (width, scheme)
                grounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert grounds == {"rgb(252, 251, 249)", "rgb(28, 27, 25)"}
        assert seen.errors == []
        assert seen.hosts == {app.url.split("/")[2]}


async def test_a_finger_hits_everything_and_the_drawer_opens_and_closes(browser: Browser, tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url) as app,
        _page(browser, app, 390, has_touch=True, is_mobile=True) as (page, _),
    ):
        assert await _too_small(page) == []
        await _ask(page, "tokens=5")
        assert await _too_small(page) == []
        title = await page.get_by_role("heading", level=1).bounding_box()
        assert title is not None
        assert title["width"] >= 200
        chats = page.get_by_role("navigation", name="Conversations")
        await expect(chats).to_be_hidden()
        await page.get_by_role("button", name="Show conversations").click()
        await expect(chats.get_by_role("link")).to_be_visible()
        assert await _too_small(page) == []
        await page.keyboard.press("Escape")
        await expect(chats).to_be_hidden()


async def test_on_a_phone_a_cut_answer_has_one_row_of_buttons_and_a_delete_is_taken_back_over_the_drawer(
    browser: Browser, tmp_path: Path
) -> None:
    cut = next(chat for chat in CHATS if chat["title"] == "An answer that was cut")
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        async with httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60) as http:
            await http.post("/account/import", files={"file": ("x.json", json.dumps(cut).encode())})
        async with _page(browser, app, 390, has_touch=True, is_mobile=True) as (page, _):
            await page.get_by_role("button", name="Show conversations").click()
            await page.get_by_role("link", name=cut["title"]).click()
            answer = page.locator("article[data-state=interrupted]")
            await expect(answer.get_by_role("button", name="Continue")).to_be_visible()
            await expect(answer.get_by_role("button", name="Answer again")).to_be_visible()
            assert await _too_small(page) == []
            assert len(await answer.locator(".actions").evaluate(ROWS)) == 1
            await page.get_by_role("button", name="Show conversations").click()
            await page.locator("#conversations .row").get_by_role("button").click()
            await page.get_by_role("menuitem", name="Delete").click()
            await page.get_by_role("button", name="Undo").click()
            await expect(page.locator("#conversations .row")).to_have_count(1)


async def test_the_page_speaks_chinese_to_those_who_do(browser: Browser, tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        context = await browser.new_context(locale="zh-CN")
        context.set_default_timeout(LIMIT_MS)
        await sign_in(context, app)
        page = await context.new_page()
        await page.goto(app.url)
        await expect(page.get_by_role("textbox", name="请输入问题")).to_be_visible()
        await expect(page.get_by_role("button", name="新对话").first).to_be_visible()
        assert await page.evaluate("document.documentElement.lang") == "zh-CN"
        await context.close()
