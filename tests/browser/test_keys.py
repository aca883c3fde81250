"""Keyboard shortcuts in a real browser: each does what the sheet says, and none comes in the way of who types."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, expect

from tests.support.app import AppProcess, running_app
from tests.support.browser import ChatPage, sign_in
from tests.support.ollama_server import OllamaServer

COPIED = "async (words) => (await navigator.clipboard.readText()).trim().split(/\\s+/).join(' ') === words"
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def quick(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    async with running_app(tmp_path_factory.mktemp("k"), "--backend", ollama.url) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="session")
async def chat(quick: AppProcess, context: BrowserContext) -> AsyncIterator[ChatPage]:
    opened = await ChatPage.open(context, quick)
    yield opened
    opened.check()


def sheet(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Keyboard shortcuts")


async def outside(chat: ChatPage) -> None:
    """Leave every field."""
    await chat.page.evaluate("document.activeElement?.blur()")


async def test_a_new_chat_the_search_and_the_box_are_reached_by_keys(chat: ChatPage) -> None:
    await chat.ask("first tokens=3")
    await chat.answered()
    await chat.page.keyboard.press("Control+k")
    await expect(chat.page.get_by_role("searchbox", name="Search")).to_be_focused()
    await outside(chat)
    await chat.page.keyboard.press("/")
    await expect(chat.box).to_be_focused()
    await expect(chat.box).to_have_value("")
    await chat.page.keyboard.press("Control+Shift+O")
    await expect(chat.questions).to_have_count(0)


async def test_the_newest_answer_is_stopped_given_again_and_copied(
    quick: AppProcess, ollama: OllamaServer, browser: Browser
) -> None:
    context = await browser.new_context(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    chat = await ChatPage.open(context, quick)
    ollama.gate.clear()
    try:
        await chat.ask("tokens=20")
        await chat.page.locator("article[data-state=streaming]").wait_for()
        await chat.page.keyboard.press("Escape")
        await chat.page.locator("article[data-state=stopped]").wait_for()
    finally:
        ollama.gate.set()
    await chat.page.keyboard.press("Control+Shift+Enter")
    await expect(chat.page.get_by_label("2 of 2")).to_be_visible()
    assert await chat.answered() == "complete"
    await expect(chat.box).to_have_value("")
    await chat.page.keyboard.press("Control+Shift+L")
    words = (await chat.answer_text()).split()
    await chat.page.wait_for_function(COPIED, arg=" ".join(words))
    chat.check()
    await context.close()


async def test_neighbours_in_the_list_are_a_key_away(chat: ChatPage) -> None:
    for text in ("older tokens=3", "newer tokens=3"):
        await chat.new_chat.click()
        await chat.ask(text)
        await chat.answered()
        await expect(chat.conversations.first).to_contain_text(text[:5])
    await chat.page.keyboard.press("Alt+ArrowDown")
    await expect(chat.questions).to_contain_text("older")
    await chat.page.keyboard.press("Alt+ArrowUp")
    await expect(chat.questions).to_contain_text("newer")
    await chat.page.keyboard.press("Alt+ArrowUp")  # there is none above
    await expect(chat.questions).to_contain_text("newer")


async def test_the_list_is_hidden_by_a_key_and_stays_so(chat: ChatPage) -> None:
    nav = chat.page.get_by_role("navigation", name="Conversations")
    await expect(nav).to_be_visible()
    await chat.page.keyboard.press("Control+b")
    await expect(nav).to_be_hidden()
    await chat.page.reload()
    await expect(chat.box).to_be_visible()
    await expect(nav).to_be_hidden()
    await chat.page.get_by_role("button", name="Show conversations").click()
    await expect(nav).to_be_visible()
    await chat.page.get_by_role("button", name="Hide conversations").click()
    await expect(nav).to_be_hidden()
    await chat.page.keyboard.press("Control+k")
    await expect(chat.page.get_by_role("searchbox", name="Search")).to_be_focused()


async def test_the_sheet_is_opened_and_closed_by_keys_and_tells_every_shortcut(chat: ChatPage) -> None:
    await chat.page.keyboard.press("Control+/")
    await expect(sheet(chat)).to_be_visible()
    told = await sheet(chat).inner_text()
    for word in (
        "New chat",
        "Search",
        "Previous conversation",
        "Next conversation",
        "To the box",
        "Answer again",
        "Send",
    ):
        assert word in told
    await chat.page.keyboard.press("Control+b")  # what is behind it stays as it is
    await chat.page.keyboard.press("Control+/")
    await expect(sheet(chat)).to_have_count(0)
    await expect(chat.page.get_by_role("navigation", name="Conversations")).to_be_visible()
    await outside(chat)
    await chat.page.keyboard.press("?")
    await expect(sheet(chat)).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(sheet(chat)).to_have_count(0)
    await chat.page.get_by_role("button", name="Settings and more").click()
    await chat.page.get_by_role("menuitem", name="Keyboard shortcuts").click()
    await expect(sheet(chat)).to_be_visible()


async def test_what_is_typed_stays_typed(chat: ChatPage) -> None:
    await chat.box.press_sequentially("a/b? what")
    await expect(chat.box).to_have_value("a/b? what")
    await expect(sheet(chat)).to_have_count(0)
    await chat.page.get_by_role("searchbox").press_sequentially("a/?")
    await expect(chat.page.get_by_role("searchbox")).to_have_value("a/?")


async def test_a_mac_has_names_and_keys_of_its_own(quick: AppProcess, browser: Browser) -> None:
    context = await browser.new_context(locale="zh-CN")
    await context.add_init_script("Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' })")
    await sign_in(context, quick)
    page = await context.new_page()
    await page.goto(quick.url)
    await expect(page.get_by_role("textbox").first).to_be_focused()
    await page.keyboard.press("Meta+/")
    dialog = page.get_by_role("dialog", name="键盘快捷键")
    await expect(dialog).to_contain_text("⌘")
    assert "Ctrl" not in await dialog.inner_text()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")  # there it cuts to the end of the line
    await expect(page.get_by_role("textbox").first).to_be_focused()
    await page.keyboard.press("Meta+k")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await context.close()
