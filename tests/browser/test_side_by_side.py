"""One question to several models in a real browser: columns that stream at once, and one to go on with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect

from tests.support.app import AppProcess, running_app
from tests.support.browser import LIMIT_MS, ChatPage
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MODELS = ("llama3.2:1b", "phi3:mini", "qwen3:1.7b")
FITS = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer(OllamaScript(models=tuple(map(ScriptedModel, MODELS)), max_loaded=3)) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def app(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    async with running_app(tmp_path_factory.mktemp("data"), "--backend", ollama.url, "--workers", "3") as started:
        yield started


async def ask_all(chat: ChatPage, text: str, others: int = 2) -> None:
    """Ask the model that the picker shows and so many others."""
    await chat.page.get_by_role("button", name="Side by side").click()
    for number in range(others):
        await chat.page.get_by_role("menuitemcheckbox").nth(number).click()
    await chat.page.keyboard.press("Escape")
    await chat.ask(text)
    await expect(chat.page.locator(".answer-column")).to_have_count(others + 1)


async def test_three_models_answer_at_once_and_one_is_gone_on_with(
    app: AppProcess, ollama: OllamaServer, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, app)
    ollama.gate.clear()
    await ask_all(chat, "tokens=20 which tea?")
    # How many are written at once is the queue's to say: the others wait in it, each at a place of its own.
    await expect(chat.answers.first.locator(".answer-text")).not_to_be_empty()
    await expect(chat.line.last.locator(".line-text")).not_to_be_empty()
    await chat.page.get_by_role("button", name="Stop qwen3:1.7b").click()
    await expect(chat.answers.last).to_have_attribute("data-state", "stopped")
    await chat.page.reload()
    await expect(chat.page.locator(".answer-column")).to_have_count(3)
    ollama.gate.set()
    for number in range(2):
        await expect(chat.answers.nth(number)).to_have_attribute("data-state", "complete")
    await chat.page.get_by_role("button", name="Go on with phi3:mini").click()
    chosen = chat.page.get_by_role("button", name="The chat goes on with phi3:mini")
    await expect(chosen).to_have_attribute("aria-pressed", "true")
    await chat.ask("tokens=3 and sugar?")
    await expect(chat.page.locator(".answer-column")).to_have_count(0)
    await expect(chat.answers).to_have_count(2)
    await expect(chat.answers.first).to_contain_text("phi3:mini")
    await expect(chat.answers.last).to_contain_text("phi3:mini")
    await expect(chat.page.get_by_label("2 of 3")).to_be_visible()
    await chat.answered()
    await chat.page.get_by_role("button", name="Next version").click()
    await expect(chat.page.locator(".answer-column")).to_have_count(3)
    chat.check()


async def test_escape_stops_all_of_them_and_the_next_question_goes_to_one(
    app: AppProcess, ollama: OllamaServer, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, app)
    ollama.gate.clear()
    await ask_all(chat, "tokens=20", others=1)
    await expect(chat.answers.first.locator(".answer-text")).not_to_be_empty()
    await chat.box.press("Escape")
    for number in range(2):
        await expect(chat.answers.nth(number)).to_have_attribute("data-state", "stopped")
    ollama.gate.set()
    await chat.ask("tokens=3 next")
    await expect(chat.page.locator(".answer-column")).to_have_count(0)
    await expect(chat.answers).to_have_count(2)
    assert await chat.answered() == "complete"
    chat.check()


async def test_on_a_phone_they_are_a_strip_and_the_page_is_no_wider(app: AppProcess, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 800}, locale="en-GB", has_touch=True)
    context.set_default_timeout(LIMIT_MS)
    chat = await ChatPage.open(context, app)
    await ask_all(chat, "tokens=8")
    await chat.answered()
    assert await chat.page.evaluate(FITS)
    await chat.page.get_by_role("button", name="Go on with qwen3:1.7b").click()
    await expect(chat.page.get_by_role("button", name="The chat goes on with qwen3:1.7b")).to_be_in_viewport()
    chat.check()
    await context.close()
