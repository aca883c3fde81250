"""The page in a real browser, with the real built-in model; with a scripted one where any model will do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, WebSocketRoute, expect

from tests.support.app import AppProcess
from tests.support.browser import ChatPage
from tests.support.rush import House, open_house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
LONG = "Write a long story about a lighthouse keeper, his cat and the sea."


LONGER = """length => {
  const text = [...document.querySelectorAll('.answer-text')].at(-1)?.innerText ?? "";
  return text.length > length && text;
}"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """An app whose answers stand still after their first word when its gate is closed."""
    async with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def grown_beyond(chat: ChatPage, length: int) -> str:
    """The text of the answer once it is longer than that, as it was just then."""
    return str(await (await chat.page.wait_for_function(LONGER, arg=length)).json_value())


async def test_text_grows_and_goes_on_after_a_reload_without_gap_or_double(
    app: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, app)
    await chat.ask(LONG)
    before = await grown_beyond(chat, 40)
    await chat.page.reload()
    after = await grown_beyond(chat, len(before))
    assert flat(after).startswith(flat(before)[:40])
    await chat.answered()
    shown = await chat.answer_text()
    stored = await whole_text(app, chat)
    assert flat(shown) == flat(stored)
    await expect(chat.questions).to_have_count(1)
    await expect(chat.answers).to_have_count(1)
    chat.check()


async def whole_text(app: AppProcess, chat: ChatPage) -> str:
    """The answer as a fresh tab gets it."""
    again = await ChatPage.open(chat.page.context, chat.page.url)
    await again.answered()
    text = await again.answer_text()
    await again.page.close()
    return text


def flat(text: str) -> str:
    return " ".join(text.split())


async def test_a_closed_tab_changes_nothing(app: AppProcess, context: BrowserContext) -> None:
    chat = await ChatPage.open(context, app)
    await chat.ask(LONG)
    await grown_beyond(chat, 20)
    address = chat.page.url
    await chat.page.close()
    again = await ChatPage.open(context, address)
    assert await again.answered() in {"complete", "limited"}
    assert len(await again.answer_text()) > 100
    again.check()


async def test_leaving_in_mid_answer_and_opening_the_bare_address_comes_back_to_it(
    house: House, context: BrowserContext
) -> None:
    house.ollama.gate.clear()
    chat = await ChatPage.open(context, house.app)
    await chat.ask(LONG)
    await grown_beyond(chat, 0)
    await chat.page.close()
    again = await ChatPage.open(context, house.app)
    await expect(again.questions).to_contain_text([LONG])
    house.ollama.gate.set()
    assert await again.answered() == "complete"
    again.check()


async def test_stop_keeps_the_text_and_frees_the_slot(house: House, context: BrowserContext) -> None:
    house.ollama.gate.clear()
    chat = await ChatPage.open(context, house.app)
    await chat.ask(LONG)
    await grown_beyond(chat, 0)
    await chat.stop.click()
    assert await chat.answered() == "stopped"
    assert await chat.answer_text()
    house.ollama.gate.set()
    await chat.ask("Say hello.")
    await expect(chat.answers).to_have_count(2)
    assert await chat.answered() == "complete"
    chat.check()


async def test_a_question_stands_there_before_the_server_has_it_and_goes_when_it_is_refused(
    house: House, context: BrowserContext
) -> None:
    held: list[tuple[WebSocketRoute, str]] = []
    holding, kept = asyncio.Event(), asyncio.Event()

    def between(page: WebSocketRoute) -> None:
        def hear(frame: str | bytes) -> None:
            text = frame if isinstance(frame, str) else frame.decode()
            if holding.is_set():
                held.append((page, text))
                if '"t":"message"' in text:
                    kept.set()
            else:
                page.send(text)

        page.connect_to_server().on_message(hear)

    await context.route_web_socket("**/live", between)
    chat = await ChatPage.open(context, house.app)
    await chat.ask("First")
    await chat.answered()
    holding.set()
    await chat.ask("Second")
    await expect(chat.questions).to_have_count(2)
    await expect(chat.questions.last).to_have_attribute("data-state", "sending")
    await expect(chat.questions.last).to_contain_text("Second")
    await asyncio.wait_for(kept.wait(), 60)
    await expect(chat.box).to_have_value("Second")  # it is lost neither way
    holding.clear()
    for page, text in held:
        page.send(text)
    await expect(chat.questions.last).to_have_attribute("data-state", "complete")
    await chat.answered()
    await expect(chat.questions).to_have_count(2)

    holding.set()
    await chat.ask("Third")
    await expect(chat.questions).to_have_count(3)
    key = await chat.questions.last.get_attribute("data-id")
    held[0][0].send(json.dumps({"t": "refused", "key": key, "sentence": "The queue is full.", "retry_after_s": None}))
    await expect(chat.questions).to_have_count(2)
    await expect(chat.box).to_have_value("Third")
    await expect(chat.page.get_by_text("The queue is full.")).to_be_visible()
    chat.check()


async def test_an_empty_message_is_not_sent(house: House, context: BrowserContext) -> None:
    chat = await ChatPage.open(context, house.app)
    await chat.ask("   ")
    await expect(chat.questions).to_have_count(0)
    chat.check()


async def test_a_message_that_is_too_long_gets_a_sentence_and_stays_in_the_box(
    house: House, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, house.app)
    text = "long " * 40_000
    await chat.ask(text)
    await expect(chat.page.get_by_text("characters too many").first).to_be_visible()
    assert await chat.box.input_value() == text
    await expect(chat.questions).to_have_count(0)
    chat.check()


async def test_enter_sends_and_shift_enter_does_not(house: House, context: BrowserContext) -> None:
    chat = await ChatPage.open(context, house.app)
    await chat.box.fill("first line")
    await chat.box.press("Shift+Enter")
    await chat.box.press_sequentially("second line")
    assert await chat.box.input_value() == "first line\nsecond line"
    await chat.box.press("Enter")
    await expect(chat.questions).to_have_count(1)
    await expect(chat.box).to_have_value("")
    await chat.answered()
    chat.check()


async def test_markdown_is_shown_and_markup_is_not_run(house: House, context: BrowserContext) -> None:
    chat = await ChatPage.open(context, house.app)
    await chat.ask("<img src=x onerror=document.title='run'><script>document.title='run'</script>")
    await chat.answered()
    await expect(chat.questions.first).to_contain_text("<img src=x")
    assert await chat.page.title() != "run"
    chat.check()


async def test_new_chat_starts_another_conversation(house: House, context: BrowserContext) -> None:
    chat = await ChatPage.open(context, house.app)
    await chat.ask("First conversation, say one word.")
    await chat.answered()
    await chat.new_chat.click()
    await expect(chat.questions).to_have_count(0)
    await chat.ask("Second conversation, say one word.")
    await chat.answered()
    await expect(chat.conversations.first).to_contain_text("Second conversation")
    await chat.conversations.nth(1).click()
    await expect(chat.questions.first).to_contain_text("First conversation")
    chat.check()


@pytest.mark.broad
@pytest.mark.parametrize("people", [5, 20])
async def test_many_browsers_ask_at_once_and_all_are_answered(app: AppProcess, browser: Browser, people: int) -> None:
    contexts = [await browser.new_context() for _ in range(people)]
    chats = [await ChatPage.open(context, app) for context in contexts]
    await asyncio.gather(*(chat.ask(f"Person {n}: say hello in one sentence.") for n, chat in enumerate(chats)))
    states = await asyncio.gather(*(chat.answered(110) for chat in chats))
    assert set(states) <= {"complete", "limited"}
    for chat in chats:
        assert await chat.answer_text()
        chat.check()
    for context in contexts:
        await context.close()


@pytest.mark.broad
async def test_twelve_tabs_of_one_browser_stream(app: AppProcess, context: BrowserContext) -> None:
    chats = [await ChatPage.open(context, app) for _ in range(12)]
    for n, chat in enumerate(chats):
        await chat.ask(f"Tab {n}: say hello in one sentence.")
        await expect(chat.questions).to_have_count(1)
    states = await asyncio.gather(*(chat.answered(110) for chat in chats))
    assert set(states) <= {"complete", "limited"}
    for n, chat in enumerate(chats):
        await expect(chat.questions).to_contain_text([f"Tab {n}: say hello in one sentence."])
        chat.check()


async def test_nothing_of_gradio_can_be_called_from_outside(app: AppProcess) -> None:
    async with httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60) as http:
        config = (await http.get("/config")).json()
        joined = await http.post("/gradio_api/queue/join", json={"fn_index": 0, "data": [], "session_hash": "x"})
    assert config["dependencies"] == []
    assert joined.status_code == 404
