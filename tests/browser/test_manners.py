"""How a conversation is answered, and how full its context is, in a real browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, expect

from tests.support.app import AppProcess, running_app
from tests.support.browser import ChatPage
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
RUNNERS = {"num_ctx", "num_gpu", "num_batch", "num_thread"}


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def quick(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    """The app with a model that answers at once, and a context that is soon full."""
    folder = tmp_path_factory.mktemp("m")
    async with running_app(folder, "--backend", ollama.url, "--context-tokens", "1024") as app:
        yield app


def asked(ollama: OllamaServer) -> list[dict[str, Any]]:
    """What the server was asked to answer in chats, titles aside."""
    chats = [json.loads(request.body) for request in ollama.requests if request.path == "/api/chat"]
    return [chat for chat in chats if chat["messages"] and "title" not in chat["messages"][-1]["content"]]


def field(form: Locator, name: str) -> Locator:
    return form.get_by_label(name, exact=True)


async def opened(chat: ChatPage) -> Locator:
    await chat.page.get_by_role("button", name="How it answers").click()
    return chat.page.get_by_role("dialog", name="How it answers")


async def test_what_is_chosen_reaches_the_server_for_every_answer_of_the_conversation(
    quick: AppProcess, ollama: OllamaServer, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, quick)
    form = await opened(chat)
    await field(form, "System prompt").fill("You are a samovar.")
    await field(form, "Temperature").fill("0.3")
    await field(form, "Top P").fill("0.9")
    await field(form, "Longest answer, tokens").fill("77")
    await field(form, "Seed").fill("42")
    await field(form, "Stop at").fill("END\n###")
    await form.get_by_role("button", name="Use", exact=True).click()
    await expect(form).to_have_count(0)
    await chat.ask("What is in the pot?")
    await chat.answered()
    await chat.page.reload()
    await expect(chat.answers).to_have_count(1, timeout=60_000)
    await chat.answers.last.hover()
    await chat.answers.last.get_by_role("button", name="Answer again").click()
    await expect(chat.page.get_by_label("2 of 2")).to_be_visible(timeout=60_000)
    await chat.answered()
    before, options = asked(ollama)[-1], asked(ollama)[-1]["options"]
    for body in asked(ollama)[-2:]:
        assert body["messages"][0] == {"role": "system", "content": "You are a samovar."}
        figures = {key: value for key, value in body["options"].items() if key not in RUNNERS}
        assert figures == {"temperature": 0.3, "top_p": 0.9, "num_predict": 77, "seed": 42, "stop": ["END", "###"]}
    form = await opened(chat)
    assert await field(form, "System prompt").input_value() == "You are a samovar."
    await form.get_by_role("button", name="All as the model does it").click()
    await form.get_by_role("button", name="Use", exact=True).click()
    await expect(form).to_have_count(0)
    await chat.ask("And now?")
    await expect(chat.answers).to_have_count(2)
    await chat.answered()
    after = asked(ollama)[-1]
    assert after["messages"][0]["role"] == "user"
    assert before["options"].keys() & RUNNERS == after["options"].keys() & RUNNERS
    assert all(options[name] == after["options"][name] for name in options.keys() & RUNNERS)
    chat.check()


async def test_a_preset_is_saved_picked_in_another_conversation_and_deleted(
    quick: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, quick)
    form = await opened(chat)
    await field(form, "System prompt").fill("Answer in rhymes.")
    await form.get_by_role("button", name="Save as a preset").click()
    named = chat.page.get_by_role("dialog", name="Save as a preset")
    await named.get_by_role("textbox").fill("Poet")
    await named.get_by_role("button", name="Save").click()
    await expect(form.get_by_label("Preset", exact=True).locator("option:checked")).to_have_text("Poet")
    await form.get_by_role("button", name="Cancel").click()
    await chat.page.reload()
    form = await opened(chat)
    await form.get_by_label("Preset", exact=True).select_option("Poet")
    await expect(field(form, "System prompt")).to_have_value("Answer in rhymes.")
    await form.get_by_role("button", name="Delete it").click()
    await expect(form.get_by_label("Preset", exact=True).locator("option:checked")).to_have_text("No presets yet")
    chat.check()


async def test_the_meter_tells_how_full_the_context_is_and_what_is_left_out(
    quick: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, quick)
    meter = chat.page.get_by_role("meter", name="How full the context is")
    await expect(meter).to_have_attribute("aria-valuenow", "0", timeout=60_000)
    await chat.box.fill("tea " * 160)  # about 200 of 512 tokens
    await expect(chat.page.get_by_text("context 41 %")).to_be_visible()
    await chat.box.press("Enter")
    await chat.answered()
    await expect(meter).not_to_have_attribute("aria-valuenow", "0", timeout=60_000)
    await chat.box.fill("tea " * 320)
    await expect(chat.page.get_by_text("Older messages left out: 2")).to_be_visible(timeout=60_000)
    await chat.box.fill("tea " * 900)
    await expect(chat.page.get_by_text("Too long for this model")).to_be_visible()
    chat.check()
