"""What people do while their question waits, in a real browser: the menu, a change, the timeline."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, expect

from tests.support.browser import LIMIT_MS, ChatPage, at_rest, sign_in
from tests.support.rush import House, open_house, rush

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
QUESTION = "How do I sum the amounts by month?"
# Each second is shown for a second only, and may be missed.
COUNTED_ON = """first => {
  const took = document.querySelector("ol.course:not([hidden]) li:last-child .course-took");
  return took && parseInt(took.textContent) >= first + 2;
}"""
MIDDLE = "element => { const box = element.getBoundingClientRect(); return box.top + box.height / 2; }"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


def options(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("button", name="While it waits")


def item(chat: ChatPage, name: str) -> Locator:
    return chat.page.get_by_role("menuitem", name=name)


async def waiting(context: BrowserContext, house: House) -> ChatPage:
    """A page whose question waits."""
    chat = await ChatPage.open(context, house.app)
    await chat.ask(QUESTION)
    await options(chat).wait_for()
    return chat


async def test_a_question_lets_others_pass_waits_for_idle_times_and_comes_back(
    house: House, context: BrowserContext
) -> None:
    async with rush(house, "by somebody else"):
        chat = await waiting(context, house)
        await expect(chat.line).to_contain_text("2nd in line · after 2 answers")
        await options(chat).click()
        await item(chat, "Let others pass").click()
        await expect(chat.line).to_contain_text("Letting others pass")
        await options(chat).click()
        await expect(item(chat, "Let others pass")).to_have_count(0)
        await item(chat, "Run when idle").click()
        await expect(chat.line).to_contain_text("Runs when nobody else waits")
        await options(chat).click()
        await item(chat, "Run in turn").click()
        await expect(chat.line).to_contain_text("2nd in line")
        await expect(options(chat)).to_be_focused()
        chat.check()


async def test_an_open_menu_offers_what_can_be_done_now(house: House, context: BrowserContext) -> None:
    async with rush(house, "by somebody else"):
        chat = await waiting(context, house)
        await options(chat).click()
        await chat.page.keyboard.press("End")
        other = await context.new_page()
        await other.goto(chat.page.url)
        await other.get_by_role("button", name="While it waits").click()
        await other.get_by_role("menuitem", name="Let others pass").click()
        await expect(item(chat, "Run in turn")).to_be_visible()
        await expect(item(chat, "Let others pass")).to_have_count(0)
        await expect(item(chat, "Withdraw")).to_be_focused()
        chat.check()


async def test_the_menu_is_walked_by_keyboard_and_escape_stops_nothing(house: House, context: BrowserContext) -> None:
    async with rush(house):
        chat = await waiting(context, house)
        await options(chat).focus()
        await chat.page.keyboard.press("Enter")
        await expect(item(chat, "Edit the question")).to_be_focused()
        await chat.page.keyboard.press("ArrowUp")
        await expect(item(chat, "Withdraw")).to_be_focused()
        await chat.page.keyboard.press("Escape")
        await expect(item(chat, "Withdraw")).to_be_hidden()
        await expect(options(chat)).to_be_focused()
        await expect(chat.line).to_contain_text("Next in line")
        chat.check()


async def test_withdrawn_it_is_not_answered_and_the_question_stays(house: House, context: BrowserContext) -> None:
    async with rush(house):
        chat = await waiting(context, house)
        await options(chat).click()
        await item(chat, "Withdraw").click()
        assert await chat.answered() == "stopped"
        await expect(chat.questions).to_contain_text([QUESTION])
        await expect(options(chat)).to_have_count(0)
        chat.check()


async def begin_to_edit(chat: ChatPage) -> None:
    await options(chat).click()
    await item(chat, "Edit the question").click()
    await expect(chat.box).to_have_value(QUESTION)
    await expect(chat.box).to_be_focused()


async def test_a_waiting_question_is_changed_in_the_box_and_the_draft_comes_back(
    house: House, context: BrowserContext
) -> None:
    async with rush(house) as busy:
        chat = await waiting(context, house)
        await chat.box.fill("a draft of the next one")
        await begin_to_edit(chat)
        await expect(chat.page.get_by_text("Changing the question that waits")).to_be_visible()
        await chat.box.fill("Put better: by month?")
        await chat.box.press("Enter")
        await expect(chat.questions).to_have_text(["You askedPut better: by month?"])
        await expect(chat.box).to_have_value("a draft of the next one")
        await expect(chat.conversations.first).to_contain_text("Put better")
        busy.gate.set()
        assert await chat.answered() == "complete"
        assert busy.asked() == ["first", "Put better: by month?"]
        chat.check()


async def test_escape_gives_a_change_up_and_the_question_waits_on(house: House, context: BrowserContext) -> None:
    async with rush(house):
        chat = await waiting(context, house)
        await begin_to_edit(chat)
        await chat.page.keyboard.press("Escape")
        await expect(chat.box).to_have_value("")
        await expect(chat.line).to_contain_text("Next in line")
        await begin_to_edit(chat)
        await chat.page.get_by_role("button", name="Cancel").click()
        await expect(chat.box).to_have_value("")
        await expect(chat.questions).to_contain_text([QUESTION])
        chat.check()


async def test_a_change_survives_a_reload_and_what_comes_too_late_stays_in_the_box(
    house: House, context: BrowserContext
) -> None:
    async with rush(house) as busy:
        chat = await waiting(context, house)
        await begin_to_edit(chat)
        await chat.box.fill("not sent yet")
        await chat.page.reload()
        await expect(chat.page.get_by_text("Changing the question that waits")).to_be_visible()
        await expect(chat.box).to_have_value("not sent yet")
        busy.gate.set()
        await expect(chat.page.get_by_text("Its turn came before the change was sent.")).to_be_visible()
        await expect(chat.box).to_have_value("not sent yet")
        await expect(chat.questions).to_contain_text([QUESTION])
        chat.check()


async def test_the_line_opens_a_timeline_that_counts_on_and_stays_with_the_answer(
    house: House, context: BrowserContext
) -> None:
    async with rush(house) as busy:
        chat = await waiting(context, house)
        toggle = chat.line.locator(".line-text")
        await expect(toggle).to_have_attribute("aria-expanded", "false")
        await toggle.click()
        course = chat.page.get_by_role("list", name="Timeline")
        await expect(course).to_contain_text(re.compile(r"Waiting\d+ s"))
        seconds = int(re.sub(r"\D", "", await course.inner_text()))
        await chat.page.wait_for_function(COUNTED_ON, arg=seconds)
        busy.gate.set()
        assert await chat.answered() == "complete"
        await expect(course.get_by_role("listitem").first).to_contain_text("Waiting")
        await chat.page.reload()
        await chat.answered()
        await expect(course).to_be_hidden()
        await toggle.click()
        await expect(course).to_contain_text("Waiting")
        chat.check()


@pytest.mark.parametrize(
    "width", [1440, *(pytest.param(narrower, marks=pytest.mark.broad) for narrower in (768, 390)), 320]
)
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
async def test_everything_of_it_is_within_the_window_and_large_enough_for_a_finger(
    house: House, browser: Browser, width: int, language: str
) -> None:
    touch = width < 1000
    async with rush(house, "by somebody else"):
        context = await browser.new_context(viewport={"width": width, "height": 700}, locale=language, has_touch=touch)
        context.set_default_timeout(LIMIT_MS)
        page = await context.new_page()
        await sign_in(context, house.app)
        await page.goto(house.app.url)
        await page.get_by_role("textbox").fill(QUESTION)
        await page.keyboard.press("Enter")
        await page.locator("#transcript .menu-button").click()
        buttons = page.locator("#transcript").locator(".menu button, .menu-button, .line-text")
        await expect(buttons).to_have_count(6)
        await expect(buttons.last).to_be_visible()
        await at_rest(page)
        boxes = [await button.bounding_box() for button in await buttons.all()]
        for box in boxes:
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert not touch or (box["height"] >= 44 and box["width"] >= 44), box
        middles = [await page.locator(part).evaluate(MIDDLE) for part in (".line-text", "#transcript .menu-button")]
        assert abs(middles[0] - middles[1]) <= 2
        await context.close()
