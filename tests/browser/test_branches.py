"""What is done with messages in a real browser: other words, other answers, versions, going on, judging, quoting."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from tests.support.browser import ChatPage
from tests.support.rush import House, open_house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
LONG = "tokens=5000"  # longer than an answer may be


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), "--answer-tokens", "40") as opened:
        yield opened


async def asked(context: BrowserContext, house: House, text: str) -> ChatPage:
    chat = await ChatPage.open(context, house.app)
    await chat.ask(text)
    await expect(chat.questions).to_have_count(1)
    await chat.answered()
    return chat


async def test_other_words_begin_a_branch_and_the_way_back_is_kept(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "tokens=3 first words")
    await chat.questions.first.hover()
    await chat.page.get_by_role("button", name="Ask in other words").click()
    box = chat.page.get_by_role("textbox", name="Ask in other words")
    await expect(box).to_be_focused()
    await box.fill("tokens=3 second words")
    await box.press("Enter")
    await expect(chat.questions).to_contain_text(["second words"])
    await expect(chat.answers).to_have_count(1)
    assert await chat.answered() == "complete"
    await chat.page.get_by_role("button", name="Previous version").click()
    await expect(chat.questions).to_contain_text(["first words"])
    await chat.page.reload()
    await expect(chat.questions).to_contain_text(["first words"])
    await chat.page.get_by_role("button", name="Next version").click()
    await expect(chat.questions).to_contain_text(["second words"])
    chat.check()


async def test_another_answer_also_by_another_model(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "tokens=3")
    await chat.page.get_by_role("button", name="Answer again").click()
    await expect(chat.page.get_by_label("2 of 2")).to_be_visible()
    await chat.page.get_by_role("button", name="More for this answer").click()
    await chat.page.get_by_role("menuitem", name="Answer again with").click()
    await chat.page.get_by_role("menuitemradio").last.click()
    await expect(chat.page.get_by_label("3 of 3")).to_be_visible()
    await chat.page.get_by_role("button", name="Previous version").click()
    await expect(chat.page.get_by_label("2 of 3")).to_be_visible()
    await expect(chat.questions).to_have_count(1)
    chat.check()


async def test_a_cut_answer_goes_on_in_its_place(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, LONG)
    before = await chat.answer_text()
    await chat.page.get_by_role("button", name="Continue").click()
    await expect(chat.answers).to_have_attribute("data-state", "complete")
    await expect(chat.answers).to_have_count(1)
    assert (await chat.answer_text()).startswith(before[:40])
    await chat.page.reload()
    await chat.answered()
    assert len(await chat.answer_text()) > len(before)
    chat.check()


async def test_a_judgement_stays_and_is_taken_back(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "tokens=3")
    good = chat.page.get_by_role("button", name="Good answer")
    await good.click()
    await expect(good).to_have_attribute("aria-pressed", "true")
    await expect(good).to_be_focused()
    await chat.page.reload()
    await expect(good).to_have_attribute("aria-pressed", "true")
    await good.click()
    await expect(good).to_have_attribute("aria-pressed", "false")
    chat.check()


async def test_selected_words_are_quoted_into_the_box(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "tokens=6")
    await chat.box.fill("About this")
    await chat.answers.last.locator(".answer-text p").click(click_count=3)
    await chat.page.get_by_role("button", name="Quote").click()
    await expect(chat.box).to_have_value("About this\n\n> the kettle sings while tea grows\n\n")
    await expect(chat.box).to_be_focused()
    chat.check()
