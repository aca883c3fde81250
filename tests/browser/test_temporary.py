"""A temporary chat in a real browser: begun, signed for as long as it is there, closed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, expect

from tests.support.app import AppProcess, running_app
from tests.support.browser import ChatPage
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
SIGN = "Temporary chat: it is not saved, and is gone once you close it."


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def quick(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    """The app with a model that answers at once."""
    async with OllamaServer() as ollama, running_app(tmp_path_factory.mktemp("t"), "--backend", ollama.url) as app:
        yield app


def sign(chat: ChatPage) -> Locator:
    return chat.page.get_by_text(SIGN)


async def begun(context: BrowserContext, app: AppProcess) -> ChatPage:
    chat = await ChatPage.open(context, app)
    await chat.page.get_by_role("button", name="Temporary chat").click()
    await expect(sign(chat)).to_be_visible()
    return chat


async def test_a_temporary_chat_is_signed_kept_over_a_reload_and_gone_once_closed(
    quick: AppProcess, context: BrowserContext
) -> None:
    chat = await begun(context, quick)
    await chat.ask("What is in the pot?")
    await chat.answered()
    await chat.ask("And who drinks it?")
    await expect(chat.answers).to_have_count(2)
    await chat.answered()
    await expect(chat.conversations.filter(has_text="What is in the pot?")).to_have_count(0)
    await chat.page.reload()
    await expect(chat.answers).to_have_count(2)
    await expect(sign(chat)).to_be_visible()
    address = chat.page.url
    await chat.page.get_by_role("button", name="Close it").click()
    await expect(chat.answers).to_have_count(0)
    await expect(sign(chat)).to_be_hidden()
    await chat.page.goto(address)
    await expect(chat.page.get_by_role("heading", name="What do you want to know?")).to_be_visible(timeout=20_000)
    await expect(chat.answers).to_have_count(0)
    chat.check()


async def test_a_new_chat_is_an_ordinary_one_again(quick: AppProcess, context: BrowserContext) -> None:
    chat = await begun(context, quick)
    await chat.new_chat.click()
    await expect(sign(chat)).to_be_hidden()
    await chat.ask("Something to keep")
    await chat.answered()
    await expect(chat.conversations.first).to_contain_text("Something to keep")
    await chat.page.get_by_role("button", name="Temporary chat").click()
    await expect(chat.answers).to_have_count(0)
    await chat.page.get_by_role("button", name="Close it").click()
    await expect(sign(chat)).to_be_hidden()
    chat.check()
