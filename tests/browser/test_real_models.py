"""What the page can do, done once with two real models that write their own answers: nothing here is scripted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, FilePayload, Locator, expect
from playwright.async_api import TimeoutError as TooLate

from tests.support.app import COOKIE, AppProcess, running_app
from tests.support.brought import pdf
from tests.support.browser import LIMIT_MS, ChatPage
from tests.support.real_models import real_model

pytestmark = [pytest.mark.browser, pytest.mark.broad, pytest.mark.asyncio(loop_scope="session")]
MODELS = ("smollm2:135m", "smollm2:other")
LONG = "Write a long story about a lighthouse keeper."
WHOLE = {"complete", "limited"}
TURN_AWAY = """is => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => is });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    """The app with both, and with answers that are soon over."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(real_model(name)) for name in MODELS]
        backends = [part for url in servers for part in ("--backend", url)]
        flags = ("--answer-tokens", "24", "--sign-up", "open", "--workers", "1")
        yield await stack.enter_async_context(running_app(tmp_path_factory.mktemp("real"), *backends, *flags))


async def asked(context: BrowserContext, served: AppProcess, text: str) -> ChatPage:
    chat = await ChatPage.open(context, served)
    await chat.ask(text)
    await expect(chat.questions).to_have_count(1)
    assert await chat.answered() in WHOLE
    return chat


async def choose(chat: ChatPage, title: str, *names: str) -> None:
    """Open the menu of a conversation and go through it."""
    await row(chat, title).get_by_role("button").click()
    for name in names:
        await chat.page.get_by_role("menuitem", name=name, exact=True).click()


def row(chat: ChatPage, title: str) -> Locator:
    return chat.page.locator("#conversations .row").filter(has_text=title)


async def test_messages_are_branched_answered_again_gone_on_with_judged_and_quoted(
    served: AppProcess, context: BrowserContext
) -> None:
    chat = await asked(context, served, LONG)
    page = chat.page
    before = await chat.answer_text()
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_function(
        "length => document.querySelector('.answer-text').innerText.length > length", arg=len(before)
    )
    await chat.answered()
    await page.get_by_role("button", name="More for this answer").click()
    await page.get_by_role("menuitem", name="Answer again with").click()
    await page.get_by_role("menuitemradio", name=MODELS[1]).click()
    await expect(page.get_by_label("2 of 2")).to_be_visible()
    await chat.answered()
    await expect(chat.answers.last).to_contain_text(f"{MODELS[1]} · 24 tokens")
    await chat.line.locator(".line-text").click()
    await expect(page.get_by_role("list", name="Timeline")).to_contain_text("Writing")
    await page.get_by_role("button", name="Good answer").click()
    await expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    await chat.answers.last.locator(".answer-text p").first.click(click_count=3)
    await page.get_by_role("button", name="Quote").click()
    assert (await chat.box.input_value()).startswith("> ")
    await chat.box.fill("")
    await chat.questions.first.hover()
    await page.get_by_role("button", name="Ask in other words").click()
    await page.get_by_role("textbox", name="Ask in other words").fill("And now a short one.")
    await page.keyboard.press("Enter")
    await expect(chat.questions).to_contain_text(["And now a short one."])
    await chat.answered()
    await page.get_by_role("button", name="Previous version").first.click()
    await expect(chat.questions).to_contain_text([LONG])
    chat.check()


async def test_two_models_answer_side_by_side_and_one_is_gone_on_with(
    served: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, served)
    await chat.page.get_by_role("button", name="Side by side").click()
    await chat.page.get_by_role("menuitemcheckbox").first.click()
    await chat.page.keyboard.press("Escape")
    await chat.ask("Which tea?")
    await expect(chat.page.locator(".answer-column")).to_have_count(2)
    for number in range(2):
        await chat.answers.nth(number).and_(chat.page.locator("[data-state=complete], [data-state=limited]")).wait_for()
    await chat.page.get_by_role("button", name=f"Go on with {MODELS[1]}").click()
    await chat.ask("And sugar?")
    await expect(chat.page.locator(".answer-column")).to_have_count(0)
    await expect(chat.answers).to_have_count(2)
    assert await chat.answered() in WHOLE
    await expect(chat.answers.last).to_contain_text(MODELS[1])
    chat.check()


async def test_the_list_is_kept_in_order_and_searched(served: AppProcess, context: BrowserContext) -> None:
    chat = await asked(context, served, "What is a zarafa?")
    await choose(chat, "zarafa", "Rename")
    await chat.page.keyboard.type("Long necks")
    await chat.page.keyboard.press("Enter")
    await choose(chat, "Long necks", "Pin")
    await expect(chat.page.get_by_role("region", name="Pinned")).to_contain_text("Long necks")
    await choose(chat, "Long necks", "Unpin")
    await choose(chat, "Long necks", "Move to a folder", "New folder")
    await chat.page.get_by_label("Name of the folder").fill("Animals")
    await chat.page.keyboard.press("Enter")
    await expect(chat.page.locator(".folder").filter(has_text="Animals")).to_contain_text("Long necks")
    await choose(chat, "Long necks", "Archive")
    await chat.page.get_by_role("button", name="Archive (1)").click()
    await choose(chat, "Long necks", "Bring back")
    await chat.page.get_by_role("button", name="Archive", exact=True).click()
    await choose(chat, "Long necks", "Delete")
    await expect(row(chat, "Long necks")).to_have_count(0)
    await chat.page.get_by_role("button", name="Undo").click()
    await chat.page.get_by_role("searchbox", name="Search").fill("zara")
    await expect(chat.page.locator(".hit mark").first).to_have_text("zarafa")
    await chat.page.locator(".hit").last.click()
    await expect(chat.questions).to_contain_text(["What is a zarafa?"])
    chat.check()


async def test_a_question_waits_is_changed_let_go_and_told_of_in_the_background(
    served: AppProcess, context: BrowserContext
) -> None:
    async with httpx.AsyncClient(base_url=served.url, cookies=served.cookies, timeout=60) as admin:
        await admin.post("/admin/queue/pause")
        try:
            chat = await ChatPage.open(context, served)
            await chat.ask("Wait for it")
            options = chat.line.get_by_role("button", name="While it waits")
            await expect(chat.line).to_contain_text("the queue is paused")
            await options.click()
            await chat.page.get_by_role("menuitem", name="Run when idle").click()
            turn = chat.page.get_by_role("menuitem", name="Run in turn")
            async with asyncio.timeout(60):
                await options.click()
                while not await turn.is_visible():  # the menu has what was known when it was opened
                    await chat.page.keyboard.press("Escape")
                    await options.click()
            edit = chat.page.get_by_role("menuitem", name="Edit the question")
            async with asyncio.timeout(60):
                while not await chat.box.input_value():
                    with suppress(TooLate):
                        await edit.click(timeout=2_000)
                    if not await edit.is_visible() and not await chat.box.input_value():
                        await options.click()
            await chat.ask("Wait no longer")
            await expect(chat.questions).to_contain_text(["Wait no longer"])
            other = await ChatPage.open(context, served)
            await other.ask("Never mind")
            await other.line.get_by_role("button", name="While it waits").click()
            await other.page.get_by_role("menuitem", name="Withdraw").click()
            assert await other.answered() == "stopped"
            await chat.page.evaluate(TURN_AWAY, arg=True)
        finally:
            await admin.post("/admin/queue/resume")
    await chat.page.wait_for_function("() => document.title.startsWith('(1) ')")
    await chat.page.evaluate(TURN_AWAY, arg=False)
    assert await chat.answered() in WHOLE
    chat.check()
    other.check()


async def test_prompts_presets_drafts_and_the_meter_shape_a_question(
    served: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, served)
    page = chat.page
    await page.get_by_role("button", name="Prompts", exact=True).click()
    await page.get_by_role("button", name="New prompt").click()
    form = page.get_by_role("dialog", name="New prompt")
    await form.get_by_label("Name").fill("Greeting")
    await form.get_by_label("Text", exact=True).fill("Say hello to {{name}}.")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="How it answers").click()
    manner = page.get_by_role("dialog", name="How it answers")
    await manner.get_by_label("System prompt", exact=True).fill("You are a samovar.")
    await manner.get_by_label("Longest answer, tokens", exact=True).fill("7")
    await manner.get_by_role("button", name="Save as a preset").click()
    named = page.get_by_role("dialog", name="Save as a preset")
    await named.get_by_role("textbox").fill("Samovar")
    await named.get_by_role("button", name="Save").click()
    await manner.get_by_role("button", name="Use", exact=True).click()
    await chat.box.press_sequentially("/gre")
    await chat.box.press("Enter")
    await page.get_by_role("dialog", name="Greeting").get_by_label("name").fill("Ada")
    await page.keyboard.press("Enter")
    await expect(chat.box).to_have_value("Say hello to Ada.")
    await chat.box.press("Enter")
    assert await chat.answered() in WHOLE
    await expect(chat.answers.last).to_contain_text("7 tokens")
    await expect(page.get_by_role("meter", name="How full the context is")).not_to_have_attribute("aria-valuenow", "0")
    await chat.box.fill("Half of a question")
    await page.reload()
    await expect(chat.box).to_have_value("Half of a question")
    await chat.box.fill("")
    chat.check()


async def test_files_are_read_and_answered_about(served: AppProcess, context: BrowserContext) -> None:
    chat = await ChatPage.open(context, served)
    files: list[FilePayload] = [
        {"name": "tea.txt", "mimeType": "text/plain", "buffer": b"Tea is served at five."},
        {"name": "cake.pdf", "mimeType": "application/pdf", "buffer": pdf("Cake is served at six.")},
    ]
    await chat.page.locator("input[type=file]").set_input_files(files)
    await expect(chat.page.locator(".chip[data-state=kept]")).to_have_count(2)
    await chat.box.press("Enter")
    assert await chat.answered() in WHOLE
    await expect(chat.questions.first.locator("a.chip")).to_have_count(2)
    await expect(row(chat, "tea.txt, cake.pdf")).to_be_visible()
    chat.check()


async def test_a_chat_is_shared_copied_taken_along_and_imported(
    served: AppProcess, context: BrowserContext, browser: Browser
) -> None:
    chat = await asked(context, served, "Share this answer")
    await chat.page.get_by_role("button", name="Share with the team").click()
    await chat.page.get_by_role("button", name="Share", exact=True).click()
    link = await chat.page.get_by_role("textbox", name="Link").input_value()
    await chat.page.keyboard.press("Escape")
    await choose(chat, "Share this answer", "Export")
    async with chat.page.expect_download() as saving:
        await chat.page.get_by_role("menuitem", name="JSON, with every branch").click()
    exported = await (await saving.value).path()
    assert json.loads(exported.read_text())["messages"][1]["content"]
    ben = await browser.new_context(locale="en-GB")
    ben.set_default_timeout(LIMIT_MS)
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as http:
        made = await http.post("/sign-up", data={"name": "Ben", "password": "another samovar for all"})
    await ben.add_cookies([{"name": COOKIE, "value": made.cookies[COOKIE], "url": served.url, "sameSite": "Lax"}])
    his = ChatPage(await ben.new_page())
    await his.page.goto(link)
    await his.page.get_by_role("button", name="Go on in a copy of your own").click()
    await expect(his.page.get_by_text("This copy is your own")).to_be_visible()
    await his.ask("And on")
    await expect(his.answers).to_have_count(2)
    assert await his.answered() in WHOLE
    await his.page.goto(f"{served.url}/account/import")
    await his.page.get_by_label("File").set_input_files(exported)
    await his.page.get_by_role("button", name="Import", exact=True).click()
    await expect(his.page.get_by_role("status")).to_have_text("Conversations imported: 1.")
    await his.page.get_by_role("link", name="Back to the chat").click()
    await row(his, "Share this answer").last.get_by_role("link").click()
    await expect(his.answers.last.locator(".answer-text")).to_have_text(await chat.answer_text())
    await his.ask("And here, too")
    await expect(his.answers).to_have_count(2)
    assert await his.answered() in WHOLE
    chat.check()
    await ben.close()


async def test_it_speaks_chinese_in_the_dark_on_a_phone_and_forgets_a_temporary_chat(
    served: AppProcess, browser: Browser
) -> None:
    context = await browser.new_context(
        viewport={"width": 390, "height": 800}, locale="zh-CN", color_scheme="dark", has_touch=True
    )
    context.set_default_timeout(LIMIT_MS)
    await context.add_cookies([{"name": COOKIE, "value": served.cookie, "url": served.url, "sameSite": "Lax"}])
    chat = ChatPage(await context.new_page())
    await chat.page.goto(served.url)
    box = chat.page.locator(".composer textarea")
    await box.fill("/temporary")
    await box.press("Enter")
    await expect(chat.page.get_by_text("关闭后即消失")).to_be_visible()
    await box.fill("你好")
    await box.press("Enter")
    await expect(chat.questions).to_have_count(1)
    assert await chat.answered() in WHOLE
    await expect(chat.answers.last).to_contain_text("个词元")
    await box.press("Control+/")
    await expect(chat.page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    await chat.page.keyboard.press("Escape")
    assert await chat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await chat.page.get_by_role("button", name="关闭", exact=True).tap()
    await expect(chat.questions).to_have_count(0)
    await context.close()
