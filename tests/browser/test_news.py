"""Who looks elsewhere learns that the answer is there: from the tab's title, and from the system where they asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.app import running_app
from tests.support.browser import LIMIT_MS, ChatPage
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# What a headless browser shows nobody is noted instead.
NOTED = """
window.told = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title) { window.told.push(title); }
};
"""
TURN_AWAY = """is => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => is });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def test_a_tab_in_the_background_tells_that_its_answer_is_ready(browser: Browser, tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        context = await browser.new_context(locale="en-GB")
        context.set_default_timeout(LIMIT_MS)
        await context.add_init_script(NOTED)
        chat = await ChatPage.open(context, app)
        await chat.page.get_by_role("button", name="Settings and more").click()
        await chat.page.get_by_role("menuitem", name="Settings").click()
        group = chat.page.get_by_role("radiogroup", name="Notification when an answer is ready")
        await group.get_by_text("On", exact=True).click()
        await chat.page.keyboard.press("Escape")
        ollama.gate.clear()
        await chat.ask("tokens=5")
        await chat.page.locator("article[data-role=assistant][data-state=streaming]").wait_for()
        await chat.page.evaluate(TURN_AWAY, arg=True)
        ollama.gate.set()
        await chat.page.wait_for_function("() => document.title.startsWith('(1) ')")
        assert await chat.page.evaluate("window.told") == ["Your answer is ready"]
        await chat.page.evaluate(TURN_AWAY, arg=False)
        await expect(chat.answers.last).to_have_attribute("data-state", "complete")
        assert not (await chat.page.title()).startswith("(")
        chat.check()
        await context.close()
