"""Taking a conversation along, and seeing what a model costs before it is chosen."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.support.app import AppProcess, running_app
from tests.support.browser import LIMIT_MS, ChatPage
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HUGE = 10**15
MODELS = (
    ScriptedModel("small:1b", size_bytes=800_000_000, capabilities=("completion", "vision", "tools")),
    ScriptedModel("huge:1b", size_bytes=HUGE),
)


async def test_a_conversation_is_taken_along_in_each_form(browser: Browser, app: AppProcess) -> None:
    context = await browser.new_context(locale="en-GB")
    context.set_default_timeout(LIMIT_MS)
    chat = await ChatPage.open(context, app)
    await chat.ask("What is <b>tea</b>?")
    assert await chat.answered() in {"complete", "limited"}
    for name, end in (("Markdown", ".md"), ("Web page", ".html"), ("JSON, with every branch", ".json")):
        await chat.page.get_by_role("button", name="More for").first.click()
        await chat.page.get_by_role("menuitem", name="Export").click()
        async with chat.page.expect_download() as downloading:
            await chat.page.get_by_role("menuitem", name=name).click()
        download = await downloading.value
        assert download.suggested_filename.endswith(end)
        text = await asyncio.to_thread((await download.path()).read_text, "utf-8")
        assert ("&lt;b&gt;tea" if end == ".html" else "<b>tea</b>") in text
    assert json.loads(text)["messages"][0]["role"] == "user"
    chat.check()
    await context.close()


async def test_nobody_takes_along_what_is_not_theirs(app: AppProcess) -> None:
    async with httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60) as http:
        for path in (
            f"/conversations/{uuid4()}/export",
            "/conversations/x/export",
            f"/conversations/{uuid4()}/export?as=exe",
        ):
            assert (await http.get(path)).status_code == httpx.codes.NOT_FOUND


async def test_the_picker_tells_what_a_model_costs_and_can(browser: Browser, tmp_path: Path) -> None:
    script = OllamaScript(models=MODELS)
    async with OllamaServer(script) as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        context = await browser.new_context(locale="en-GB")
        context.set_default_timeout(LIMIT_MS)
        chat = await ChatPage.open(context, app)
        await chat.page.locator(".picker-button").click()
        small, huge = (chat.page.get_by_role("option", name=re.compile(f"^{model.name}")) for model in MODELS)
        await expect(small).to_contain_text("0.8 GB · 4k context · sees images · uses tools")
        await expect(huge).to_contain_text("It needs 1000000.0 GB and the machine has")
        await expect(huge).to_contain_text("small:1b is smaller.")
        await small.click()
        await chat.ask("tokens=3")
        assert await chat.answered() == "complete"
        await chat.page.locator(".picker-button").click()
        await expect(small).to_contain_text("loaded: now")
        chat.check()
        await context.close()
