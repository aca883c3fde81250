"""What is typed and not sent, in a real browser: it comes back after a reload, on another device, and not once sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect

from tests.support.app import AppProcess, running_app, tab
from tests.support.browser import ChatPage
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def quick(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    """The app with a model that answers at once."""
    async with OllamaServer() as ollama, running_app(tmp_path_factory.mktemp("d"), "--backend", ollama.url) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Another device of the same person."""
    other = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    yield other
    await other.close()


async def kept(app: AppProcess, conversation: str | None, text: str) -> None:
    """Wait until the server has a draft."""
    async with asyncio.timeout(60), tab(app, conversation) as client:
        await client.until(lambda frame: frame["t"] == "draft" and frame["text"] == text)


async def test_a_draft_is_there_after_a_reload_and_on_another_device_until_it_is_sent(
    quick: AppProcess, context: BrowserContext, phone: BrowserContext
) -> None:
    chat = await ChatPage.open(context, quick)
    await chat.ask("What is in the pot?")
    await chat.answered()
    here = chat.page.url.rsplit("=", 1)[-1]
    await chat.box.fill("And who drinks")
    await kept(quick, here, "And who drinks")
    await chat.page.reload()
    await expect(chat.box).to_have_value("And who drinks")

    other = await ChatPage.open(phone, quick)
    await expect(other.box).to_have_value("")
    await other.page.goto(chat.page.url)
    await expect(other.box).to_have_value("And who drinks", timeout=60_000)
    await other.box.fill("And who drinks it?")
    await expect(chat.box).to_have_value("And who drinks it?", timeout=60_000)
    await other.box.press("Enter")
    await expect(other.answers).to_have_count(2, timeout=60_000)
    await expect(chat.box).to_have_value("", timeout=60_000)
    await kept(quick, here, "")
    await other.page.reload()
    await expect(other.answers).to_have_count(2, timeout=60_000)
    await expect(other.box).to_have_value("")
    chat.check()
    other.check()


async def test_a_draft_of_a_chat_that_is_not_begun_waits_in_the_new_one(
    quick: AppProcess, context: BrowserContext, phone: BrowserContext
) -> None:
    chat = await ChatPage.open(context, quick)
    await chat.box.fill("Something for later")
    await kept(quick, None, "Something for later")
    other = await ChatPage.open(phone, quick)
    await expect(other.box).to_have_value("Something for later", timeout=60_000)
    await other.box.press("Enter")
    await expect(other.answers).to_have_count(1, timeout=60_000)
    await kept(quick, None, "")
    await expect(chat.box).to_have_value("", timeout=60_000)
    chat.check()
    other.check()


async def test_of_a_temporary_chat_that_is_not_begun_no_draft_is_kept(
    quick: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, quick)
    await chat.ask("Something to come back to")
    await chat.answered()
    await chat.page.get_by_role("button", name="Temporary chat").click()
    await chat.box.fill("Between us")
    await chat.conversations.first.click()
    await expect(chat.box).to_have_value("")
    await chat.new_chat.click()
    await expect(chat.box).to_have_value("")
    await chat.page.get_by_role("button", name="Temporary chat").click()
    await expect(chat.box).to_have_value("Between us")
    await kept(quick, None, "")
    chat.check()


async def test_what_is_typed_in_two_tabs_stays_in_each_until_it_is_sent_from_there(
    quick: AppProcess, context: BrowserContext
) -> None:
    one, two = await ChatPage.open(context, quick), await ChatPage.open(context, quick)
    frames: list[str] = []
    for chat in one, two:
        chat.page.on("websocket", lambda line: line.on("framesent", lambda frame: frames.append(str(frame))))
        await chat.page.reload()
    await one.box.fill("Typed in one")
    await expect(two.box).to_have_value("Typed in one")
    await two.box.fill("Typed in two")
    await kept(quick, None, "Typed in two")
    await one.box.press("End")
    await one.box.press_sequentially("!")
    await kept(quick, None, "Typed in one!")
    await two.page.reload()  # what it had typed is still its own, and the server is told of it anew
    await kept(quick, None, "Typed in two")
    await expect(two.box).to_have_value("Typed in two")
    drafts = [frame for frame in frames if '"t":"draft"' in frame]
    assert len(drafts) == 4, drafts  # each says what was typed in it once, whatever the other one says
    await two.box.press("Enter")
    await expect(two.answers).to_have_count(1, timeout=60_000)
    await kept(quick, None, "Typed in one!")
    await expect(one.box).to_have_value("Typed in one!")
    await one.box.press("Enter")
    await expect(one.answers).to_have_count(1, timeout=60_000)
    await expect(one.questions.last).to_contain_text("Typed in one!")
    one.check()
    two.check()
