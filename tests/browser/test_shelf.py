"""The list of conversations in a real browser: named, pinned, filed, archived, deleted and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, expect

from tests.support.app import tab
from tests.support.browser import ChatPage
from tests.support.rush import House, open_house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def asked(context: BrowserContext, house: House, *texts: str) -> ChatPage:
    """A page from which each of these was asked, in a conversation of its own."""
    chat = await ChatPage.open(context, house.app)
    for text in texts:
        await chat.new_chat.click()
        await chat.ask(f"{text} tokens=3")
        await expect(chat.questions).to_have_text([f"You asked{text} tokens=3"])
        await chat.answered()
    return chat


def row(chat: ChatPage, title: str) -> Locator:
    return chat.page.locator("#conversations .row").filter(has_text=title)


async def choose(chat: ChatPage, title: str, *names: str) -> None:
    """Open the menu of a conversation and go through it."""
    await row(chat, title).get_by_role("button").click()
    for name in names:
        await chat.page.get_by_role("menuitem", name=name, exact=True).click()


async def test_a_name_is_typed_in_its_place_and_stays(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "Sum by month")
    await choose(chat, "Sum by month", "Rename")
    await chat.page.keyboard.type("Quarterly report")
    await chat.page.keyboard.press("Enter")
    await expect(row(chat, "Quarterly report")).to_be_visible()
    await expect(chat.page.get_by_role("heading", name="Quarterly report")).to_be_visible()
    await chat.conversations.first.press("F2")
    await chat.page.keyboard.type("never mind")
    await chat.page.keyboard.press("Escape")
    await expect(chat.conversations.first).to_be_focused()
    await chat.page.reload()
    await expect(row(chat, "Quarterly report")).to_be_visible()
    chat.check()


async def test_a_name_is_typed_to_its_end_though_the_list_changes(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "A name for this")
    await chat.conversations.first.press("F2")
    await chat.page.keyboard.type("Half of it")
    other = await asked(context, house, "In another tab")
    await chat.page.bring_to_front()
    await chat.page.keyboard.type(", and all")
    await chat.page.keyboard.press("Enter")
    await expect(row(chat, "Half of it, and all")).to_be_visible()
    await expect(row(chat, "In another tab")).to_be_visible()
    other.check()
    chat.check()


async def test_pins_folders_and_the_archive_keep_things_apart(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "Pinned one", "Filed one", "Archived one")
    section = chat.page.get_by_role("region", name="Pinned")
    await choose(chat, "Pinned one", "Pin")
    await expect(section).to_contain_text("Pinned one")
    await choose(chat, "Filed one", "Move to a folder", "New folder")
    await chat.page.get_by_label("Name of the folder").fill("Tea talk")
    await chat.page.keyboard.press("Enter")
    folder = chat.page.locator(".folder").filter(has_text="Tea talk")
    await expect(folder).to_contain_text("Filed one")
    await choose(chat, "Archived one", "Archive")
    await expect(row(chat, "Archived one")).to_have_count(0)
    await chat.page.get_by_role("button", name="Archive (1)").click()
    await choose(chat, "Archived one", "Bring back")
    await expect(chat.page.get_by_text("Nothing is archived.")).to_be_visible()
    await chat.page.get_by_role("button", name="Archive", exact=True).click()
    await expect(row(chat, "Archived one")).to_be_visible()
    await folder.locator("summary .title").click()
    await expect(row(chat, "Filed one")).to_be_hidden()
    await chat.page.reload()
    await expect(folder).to_be_visible()
    await expect(row(chat, "Filed one")).to_be_hidden()
    chat.check()


async def test_a_delete_is_taken_back_with_what_was_shown(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "Deleted one")
    await choose(chat, "Deleted one", "Delete")
    await expect(chat.questions).to_have_count(0)
    await expect(row(chat, "Deleted one")).to_have_count(0)
    await chat.page.get_by_role("button", name="Undo").click()
    await expect(chat.questions).to_contain_text(["Deleted one"])
    await expect(row(chat, "Deleted one")).to_be_visible()
    chat.check()


async def test_what_was_said_is_found_while_it_is_typed_and_opens_where_it_stands(
    house: House, context: BrowserContext
) -> None:
    chat = await asked(context, house, "Where is the zarafa?", "Something else")
    page = chat.page
    await page.keyboard.press("Control+K")
    await expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    await page.keyboard.type("zara")
    hits = page.locator(".hit")
    await expect(hits.first.locator("mark")).to_have_text(["zarafa"])
    await page.keyboard.type("nope")
    await expect(page.get_by_text("Nothing with")).to_be_visible()
    await page.get_by_role("searchbox", name="Search").fill("zarafa")
    await expect(hits).to_have_count(1)  # the chat bears the title of its question
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(chat.questions).to_contain_text(["Where is the zarafa?"])
    await page.keyboard.press("Control+K")
    await page.keyboard.press("Escape")
    await expect(row(chat, "Something else")).to_be_visible()
    chat.check()


async def test_an_answer_that_came_while_away_is_marked_until_it_is_seen(house: House, context: BrowserContext) -> None:
    house.ollama.gate.clear()
    chat = await ChatPage.open(context, house.app)
    await chat.ask("Away tokens=40")
    await expect(row(chat, "Away")).to_be_visible()
    await chat.new_chat.click()
    await expect(row(chat, "Away").get_by_text("being answered")).to_be_attached()
    house.ollama.gate.set()
    unseen = row(chat, "Away").get_by_text("answered, not seen yet")
    await expect(unseen).to_be_attached()
    await chat.page.reload()
    await expect(unseen).to_be_attached()
    await row(chat, "Away").get_by_role("link").click()
    await expect(unseen).to_have_count(0)
    chat.check()


async def test_a_press_opens_what_was_pressed_though_the_list_changes_meanwhile(
    house: House, context: BrowserContext
) -> None:
    chat = await asked(context, house, "Pressed for long", "Named anew meanwhile")
    changed = await heard(chat, lambda frame: "Another name" in frame)
    await row(chat, "Pressed for long").hover()
    await chat.page.mouse.down()
    async with tab(house.app) as elsewhere:
        other = await chat.conversations.filter(has_text="Named anew").get_attribute("data-id")
        await elsewhere.send(t="rename", conversation=other, title="Another name")
        await changed.wait()
    await expect(row(chat, "Another name")).to_have_count(0)
    await chat.page.mouse.up()
    await expect(chat.questions).to_have_text(["You askedPressed for long tokens=3"])
    await expect(row(chat, "Another name")).to_be_visible()
    chat.check()


async def test_nothing_moves_away_under_a_pointer_that_is_on_its_way(house: House, context: BrowserContext) -> None:
    chat = await asked(context, house, "The older one", "The newer one")
    older = await chat.conversations.filter(has_text="The older one").get_attribute("data-id")
    changed = await heard(chat, lambda frame: frame.index("The older one") < frame.index("The newer one"))
    await chat.page.locator("#conversations").evaluate(
        "list => { window.moving = setInterval(() => list.dispatchEvent(new PointerEvent('pointermove')), 20); }"
    )
    titles = chat.conversations.filter(has_text="er one").locator(".title")
    async with tab(house.app, older) as elsewhere:
        await elsewhere.send(t="ask", key=str(uuid4()), conversation=older, text="tokens=3")
        await changed.wait()
    await expect(titles).to_have_text(["The newer one tokens=3", "The older one tokens=3"])
    await chat.page.evaluate("clearInterval(window.moving)")
    await expect(titles).to_have_text(["The older one tokens=3", "The newer one tokens=3"])
    chat.check()


async def test_the_browsers_own_menu_on_a_chat_does_not_keep_the_list_still(
    house: House, context: BrowserContext
) -> None:
    chat = await asked(context, house, "Has a menu", "Changes meanwhile")
    await row(chat, "Has a menu").hover()
    await chat.page.mouse.down(button="right")  # and the menu takes the release
    async with tab(house.app) as elsewhere:
        other = await chat.conversations.filter(has_text="Changes meanwhile").get_attribute("data-id")
        await elsewhere.send(t="rename", conversation=other, title="Has changed")
        await expect(row(chat, "Has changed")).to_be_visible()
    chat.check()


async def heard(chat: ChatPage, wanted: Callable[[str], bool]) -> asyncio.Event:
    """Tells when the page, drawn anew, was sent a list of conversations such as is wanted."""
    told = asyncio.Event()

    def take(frame: str | bytes) -> None:
        if '"t":"conversations"' in str(frame).replace(" ", "") and wanted(str(frame)):
            told.set()

    chat.page.on("websocket", lambda line: line.on("framereceived", take))
    await chat.page.reload()
    await expect(chat.conversations.first).to_be_visible()
    return told
