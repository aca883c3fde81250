"""Prompts in a real browser: the library, the menu behind the slash, what has to be filled in, the starters."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, expect

from tests.support.app import COOKIE, AppProcess, running_app, tab
from tests.support.browser import LIMIT_MS, ChatPage
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def quick(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    """The app with a model that answers at once."""
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path_factory.mktemp("p"), "--backend", ollama.url, "--sign-up", "open") as app,
    ):
        yield app


@pytest_asyncio.fixture(loop_scope="session")
async def chat(quick: AppProcess, context: BrowserContext) -> AsyncIterator[ChatPage]:
    opened = await ChatPage.open(context, quick)
    yield opened
    opened.check()


def library(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Prompts", exact=True)


def slash(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("listbox", name="Prompts and commands")


async def keep(chat: ChatPage, name: str, text: str, *, team: bool = False) -> None:
    """Write a prompt in the library, and leave it."""
    await chat.page.get_by_role("button", name="Prompts", exact=True).click()
    await library(chat).get_by_role("button", name="New prompt").click()
    form = chat.page.get_by_role("dialog", name="New prompt")
    await form.get_by_label("Name").fill(name)
    await form.get_by_label("Text", exact=True).fill(text)
    await form.get_by_label("Show it to the whole team").set_checked(team)
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    await expect(library(chat).get_by_role("button", name=f"Use the prompt {name}", exact=True)).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(library(chat)).to_have_count(0)


async def remove(chat: ChatPage, name: str) -> None:
    await chat.page.get_by_role("button", name="Prompts", exact=True).click()
    await library(chat).get_by_role("button", name=f"Delete {name}", exact=True).click()
    await expect(library(chat).get_by_text(f"The prompt “{name}” is deleted.")).to_be_visible()
    await chat.page.keyboard.press("Escape")


async def test_a_prompt_is_made_changed_used_deleted_and_taken_back(chat: ChatPage) -> None:
    await keep(chat, "Poem", "Write a poem about tea.")
    await chat.page.get_by_role("button", name="Settings and more").click()
    await chat.page.get_by_role("menuitem", name="Prompts").click()
    await library(chat).get_by_role("button", name="Change Poem").click()
    form = chat.page.get_by_role("dialog", name="Change the prompt")
    await form.get_by_label("Name").fill("Rhyme")
    await form.get_by_role("button", name="Save").click()
    await library(chat).get_by_role("button", name="Delete Rhyme").click()
    await expect(library(chat).get_by_text("No prompts yet.")).to_be_visible()
    await library(chat).get_by_role("button", name="Undo").click()
    await library(chat).get_by_role("button", name="Use the prompt Rhyme").click()
    await expect(library(chat)).to_have_count(0)
    await expect(chat.box).to_have_value("Write a poem about tea.")
    await expect(chat.box).to_be_focused()
    await chat.box.fill("")
    await remove(chat, "Rhyme")


async def test_why_a_prompt_is_not_kept_is_said_in_its_form(chat: ChatPage) -> None:
    await keep(chat, "Poem", "Write a poem.")
    await chat.page.get_by_role("button", name="Prompts", exact=True).click()
    await library(chat).get_by_role("button", name="New prompt").click()
    form = chat.page.get_by_role("dialog", name="New prompt")
    await form.get_by_label("Name").fill("Poem")
    await form.get_by_label("Text", exact=True).fill("Another one")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("alert")).to_have_text(
        "There is a prompt with this name already. Choose another one."
    )
    await form.get_by_role("button", name="Cancel").click()
    await chat.page.keyboard.press("Escape")
    await remove(chat, "Poem")


async def test_one_of_many_prompts_is_found_by_its_words(quick: AppProcess, chat: ChatPage) -> None:
    async with tab(quick) as client:
        for number in range(8):
            await client.send(t="prompt_save", key="x", name=f"Prompt {number}", text=f"word{number}", shared=False)
        await client.send(t="prompts")
        said = await client.until(lambda frame: frame["t"] == "prompts" and len(frame["items"]) == 8)
        await chat.page.get_by_role("button", name="Prompts", exact=True).click()
        find = library(chat).get_by_role("searchbox", name="Find a prompt")
        await find.fill("WORD5")
        await expect(library(chat).get_by_role("listitem")).to_have_count(1)
        await expect(library(chat).get_by_role("button", name="Use the prompt Prompt 5")).to_be_visible()
        await find.fill("nowhere")
        await expect(library(chat).get_by_text("No prompt with “nowhere” in it.")).to_be_visible()
        for item in said["items"]:
            await client.send(t="prompt_delete", prompt=item["id"])
        await expect(library(chat).get_by_text("No prompts yet.")).to_be_visible()


async def test_the_menu_behind_the_slash_is_filtered_walked_and_left_by_keys(chat: ChatPage) -> None:
    await keep(chat, "Summary", "Sum it up.")
    await keep(chat, "Translation", "Translate {{text}} into {{language:English}}.")
    await chat.box.press_sequentially("/")
    options = slash(chat).get_by_role("option")
    await expect(options.first).to_contain_text("Summary")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await expect(chat.box).to_have_attribute("aria-activedescendant", "slash-0")
    await chat.box.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await chat.box.press("ArrowUp")
    await chat.box.press("ArrowUp")
    await expect(options.last).to_have_attribute("aria-selected", "true")
    await chat.box.press("Escape")
    await expect(slash(chat)).to_be_hidden()
    await chat.box.press_sequentially("su")  # it stays closed
    await expect(slash(chat)).to_be_hidden()
    await expect(chat.box).to_have_value("/su")
    await chat.box.fill("")
    await chat.page.keyboard.insert_text("、")  # the same key while Chinese is written
    await expect(options.first).to_contain_text("Summary")
    await chat.box.fill("")
    await chat.box.press_sequentially("/summ")
    await expect(options).to_have_count(1)
    await chat.box.press("Tab")
    await expect(chat.box).to_have_value("Sum it up.")
    await expect(slash(chat)).to_be_hidden()
    await chat.box.press("Shift+Enter")
    await chat.box.press_sequentially("/")
    await expect(options).to_have_count(2)  # in a message there are prompts and no commands
    await options.first.click()
    await expect(chat.box).to_have_value("Sum it up.\nSum it up.")
    await chat.box.fill("")
    await chat.box.press_sequentially("/etc/passwd is a file")
    await expect(slash(chat)).to_be_hidden()
    await chat.box.press("Enter")
    await expect(chat.questions.last).to_contain_text("/etc/passwd is a file")
    await remove(chat, "Summary")
    await remove(chat, "Translation")


async def test_what_a_prompt_leaves_open_is_asked_for(chat: ChatPage) -> None:
    await keep(chat, "Translation", "Translate {{text}} into {{language:English}}: {{text}}, {{ date }}")
    await chat.box.press_sequentially("/tra")
    await expect(slash(chat).get_by_role("option")).to_have_count(1)
    await chat.box.press("Enter")
    form = chat.page.get_by_role("dialog", name="Translation")
    await expect(form.get_by_label("text")).to_be_focused()
    await expect(form.get_by_label("language")).to_have_value("English")
    await expect(form.get_by_label("date")).to_have_value(re.compile(r"\d{4}"))
    await form.get_by_label("date").fill("today")
    await form.get_by_label("text").fill("{{tea}} $& $1")
    await form.get_by_label("text").press("Enter")
    await expect(form.get_by_label("language")).to_be_focused()
    await form.get_by_label("language").press("Enter")
    await form.get_by_label("date").press("Enter")
    await expect(form).to_have_count(0)
    await expect(chat.box).to_have_value("Translate {{tea}} $& $1 into English: {{tea}} $& $1, today")
    await expect(chat.box).to_be_focused()
    await chat.box.fill("")
    await remove(chat, "Translation")


async def test_commands_do_what_the_page_can_do(chat: ChatPage) -> None:
    await chat.ask("Tea?")
    await chat.answered()
    for typed, seen in (
        ("/model", chat.page.get_by_role("listbox", name="Model that answers")),
        ("/help", chat.page.get_by_role("dialog", name="Keyboard shortcuts")),
        ("/prompts", library(chat)),
    ):
        await chat.box.press_sequentially(typed)
        await chat.box.press("Enter")
        await expect(seen).to_be_visible()
        await chat.page.keyboard.press("Escape")
        await expect(seen).to_be_hidden()
        await expect(chat.box).to_have_value("")
        await chat.box.focus()
    await chat.box.press_sequentially("/export")
    async with chat.page.expect_download(timeout=LIMIT_MS) as download:
        await chat.box.press("Enter")
    assert (await download.value).suggested_filename.endswith(".md")
    await chat.box.press_sequentially("/search")
    await chat.box.press("Enter")
    await expect(chat.page.get_by_role("searchbox", name="Search")).to_be_focused()
    await chat.box.press_sequentially("/new")
    await chat.box.press("Enter")
    await expect(chat.questions).to_have_count(0)
    await chat.box.press_sequentially("/temporary")
    await chat.box.press("Enter")
    await expect(chat.page.get_by_text("it is not saved")).to_be_visible()


async def test_what_the_team_sees_comes_at_once_and_begins_its_chats(
    quick: AppProcess, chat: ChatPage, browser: Browser
) -> None:
    async with httpx.AsyncClient(base_url=quick.url, timeout=60) as http:
        made = await http.post("/sign-up", data={"name": "Ben", "password": "another samovar for all"})
        cookie = made.cookies[COOKIE]
    ben = await browser.new_context(viewport={"width": 390, "height": 800}, locale="en-GB", has_touch=True)
    await ben.add_cookies([{"name": COOKIE, "value": cookie, "url": quick.url, "sameSite": "Lax"}])
    his = await ChatPage.open(ben, quick.url)
    starters = his.page.locator(".starter")
    await expect(starters).to_have_count(3)
    await his.box.fill("/")
    await expect(slash(his).get_by_role("option").first).to_contain_text("/new")
    await keep(chat, "Reply", "Reply to {{name}}.", team=True)
    await expect(slash(his).get_by_role("option").first).to_contain_text("Reply")
    await his.box.fill("")
    await expect(starters.first).to_contain_text("Reply to [name].")
    await expect(starters).to_have_count(3)
    await starters.first.tap()
    form = his.page.get_by_role("dialog", name="Reply")
    await form.get_by_label("name").fill("Ada")
    await form.get_by_role("button", name="Put it into the box").tap()
    await expect(his.box).to_have_value("Reply to Ada.")
    await his.box.fill("/rep")
    await slash(his).get_by_role("option").tap()
    await expect(form).to_be_visible()
    await his.page.keyboard.press("Escape")
    await his.page.get_by_role("button", name="Prompts", exact=True).tap()
    await expect(library(his).get_by_text("from Ana")).to_be_visible()
    await expect(library(his).get_by_role("button", name="Delete Reply")).to_have_count(0)
    await remove(chat, "Reply")
    await expect(library(his).get_by_text("No prompts yet.")).to_be_visible()
    his.check()
    await ben.close()
