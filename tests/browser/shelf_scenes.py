"""The list in full, what opens from it, and versions of an answer: in an app where things were put in order."""

from __future__ import annotations

from typing import Final

from playwright.async_api import Page

from tests.browser.scenes import ANSWER, Place, chat, empty, menu, person, press
from tests.support.app import tab

_RICH: Final = "Everything in one answer"
_ITEM: Final = "[role=menuitem]:has({icon})"


async def row_menu(page: Page) -> None:
    """What can be done with a chat in the list."""
    await menu(page)
    await page.locator("#conversations .row").last.hover()
    await page.locator("#conversations .row-menu").last.click()


async def move(page: Page) -> None:
    await row_menu(page)
    await press(_ITEM.format(icon=".icon-move"))(page)


async def rename(page: Page) -> None:
    await menu(page)
    await page.locator("#conversations a").last.press("F2")
    await page.locator(".row-field").wait_for()


async def delete(page: Page) -> None:
    await row_menu(page)
    await press(_ITEM.format(icon=".icon-trash"))(page)
    await page.locator(".toast .text-button").wait_for()


async def archive(page: Page) -> None:
    await menu(page)
    await press(".list-button:has(.icon-archive)")(page)
    await page.locator("#conversations .row").first.wait_for()


async def team(page: Page) -> None:
    await menu(page)
    await press(".list-button:has(.icon-people)")(page)
    await page.locator("#conversations .by").first.wait_for()


async def settings(page: Page) -> None:
    await person(page)
    await press(_ITEM.format(icon=".icon-settings"))(page)


async def fill(page: Page) -> None:
    """The places of a prompt."""
    await press(".prompts-button")(page)
    await page.locator(".prompt-use").nth(1).click()
    await page.locator(".fill-field").first.wait_for()


async def quote(page: Page) -> None:
    await page.locator(f"{ANSWER} .answer-text p").last.click(click_count=3)
    await page.locator(".quote-button").wait_for()


SHELF: Final = (
    empty("shelf", menu),
    empty("row-menu", row_menu),
    empty("row-move", move),
    empty("renaming", rename),
    empty("deleted", delete),
    empty("archive", archive),
    empty("team", team),
    empty("settings", settings),
    empty("fill", fill),
    chat("versions", _RICH),
    chat("again-with", _RICH, press(f"{ANSWER} button:has(.icon-more)", _ITEM.format(icon=".icon-swap"))),
    chat("quoting", _RICH, quote),
)


async def arrange(at: Place) -> Place:
    """Have a chat pinned, one in a folder and one in the archive, and two versions of an answer."""
    order = (
        ("Tea, chapter 5", {"t": "pin"}),
        ("Tea, chapter 4", {"t": "move", "name": "Tea and cake"}),
        ("Tea, chapter 0", {"t": "archive"}),
    )
    async with tab(at.app, at.chats[_RICH]) as client:
        for title, wish in order:
            await client.send(conversation=at.chats[title], **wish)
        await client.until(lambda frame: frame["t"] == "conversations" and frame["archived"])
        answer = next(message for message in client.messages.values() if message["role"] == "assistant")
        await client.send(t="again", message=answer["id"], model="smollm2:135m")
        await client.answer(limit_s=300)
    return at
