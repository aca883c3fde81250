"""Draw every page in both themes, both languages and three widths: `make screenshots`, into build/screenshots.

Also renews docs/chat.png, the picture in the README. The app is the real one with its built-in model.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext

from tests.support.app import ROOT, AppProcess, running_app, tab
from tests.support.browser import ChatPage, chromium, sign_in

FOLDER = ROOT / "build" / "screenshots"
PICTURE = ROOT / "docs" / "chat.png"
WIDTHS = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (390, 844)}
QUESTIONS = [
    "Write a short, friendly reply to a customer who asks when the order will arrive.",
    "What is a samovar?",
    "Write a short poem about tea.",
]

PROMPTS = {
    "Code review": "Review this code. Name bugs first, then what could be simpler.",
    "Friendly reply": "Write a short, friendly reply to {{customer}}, who asks: {{question}}",
    "Minutes": "Turn these notes into minutes with decisions and tasks:\n\n{{notes}}",
    "Summary": "Sum up the following in five points, in {{language:English}}:\n\n{{text}}",
}


@dataclass(frozen=True)
class Look:
    """One way to see the page."""

    width: str
    scheme: str
    language: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}-{self.language}"

    async def context(self, browser: Browser) -> BrowserContext:
        width, height = WIDTHS[self.width]
        return await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if self.scheme == "dark" else "light",
            locale=self.language,
            has_touch=self.width == "phone",
            device_scale_factor=1,
        )


LOOKS = [Look(*parts) for parts in itertools.product(WIDTHS, ("light", "dark"), ("en-GB", "zh-CN"))]


async def ask(browser: Browser, app: AppProcess, text: str) -> str:
    """Ask in a tab of its own; tells the conversation's address."""
    context = await browser.new_context(locale="en-GB")
    chat = await ChatPage.open(context, app)
    await chat.ask(text)
    await chat.questions.first.wait_for()
    await chat.page.wait_for_url("**/?c=*")
    address = chat.page.url
    await context.close()
    return address


async def draw(browser: Browser, app: AppProcess, look: Look, answered: str, waiting: str) -> None:
    """Draw the empty page, an answer, and a question that waits."""
    context = await look.context(browser)
    await sign_in(context, app)
    for state, address in (("empty", app.url), ("answer", answered), ("waiting", waiting)):
        page = await context.new_page()
        await page.goto(address)
        await page.get_by_role("textbox").first.wait_for()
        await page.wait_for_selector(".empty" if state == "empty" else "#transcript article")
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=FOLDER / f"{state}-{look.name}.png")
        await page.close()
    await draw_prompts(context, app, look)
    await context.close()


async def draw_prompts(context: BrowserContext, app: AppProcess, look: Look) -> None:
    """Draw the menu behind the slash, the library, the form for a prompt, the shortcuts, and the page of imports."""
    page = await context.new_page()
    await page.goto(app.url)
    box, library = page.get_by_role("textbox").first, page.locator(".prompts-button")
    await box.press_sequentially("/")
    await page.locator("#slash li").first.wait_for()
    await page.screenshot(path=FOLDER / f"slash-{look.name}.png")
    await box.fill("")
    await library.click()
    await page.locator(".prompt-row").first.wait_for()
    await page.screenshot(path=FOLDER / f"prompts-{look.name}.png")
    await page.locator(".prompt-new").click()
    await page.screenshot(path=FOLDER / f"prompt-{look.name}.png")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+/")
    await page.locator(".keys").wait_for()
    await page.screenshot(path=FOLDER / f"keys-{look.name}.png")
    await page.goto(f"{app.url}/account/import")
    await page.screenshot(path=FOLDER / f"import-{look.name}.png")
    await page.close()


async def keep_prompts(app: AppProcess) -> None:
    """Have a few prompts in the library."""
    async with tab(app) as client:
        for name, text in PROMPTS.items():
            await client.send(t="prompt_save", name=name, text=text, shared=name != "Code review", key="x")
        await client.send(t="prompts")
        await client.until(lambda frame: frame["t"] == "prompts" and len(frame["items"]) == len(PROMPTS))


async def draw_picture(browser: Browser, app: AppProcess, answered: str) -> None:
    """Draw the README's picture: an answer that is done, and the next question with others before it."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    await sign_in(context, app)
    chat = await ChatPage.open(context, answered)
    await chat.answered()
    before = [await ask(browser, app, text) for text in QUESTIONS[1:]]
    await chat.ask("Make it one sentence.")
    await chat.page.wait_for_selector("#transcript .line[data-stage=queued]")
    await chat.page.wait_for_function("() => document.querySelectorAll('nav#conversations a').length >= 3")
    PICTURE.parent.mkdir(exist_ok=True)
    await chat.page.mouse.move(640, 780)
    await chat.page.screenshot(path=PICTURE)
    await stop_all(browser, app, *before, answered)
    await context.close()


async def stop_all(browser: Browser, app: AppProcess, *addresses: str) -> None:
    """Stop what is still on its way in these conversations."""
    context = await browser.new_context(locale="en-GB")
    await sign_in(context, app)
    for address in addresses:
        chat = await ChatPage.open(context, address)
        await chat.answers.last.wait_for()
        if await chat.answers.last.get_attribute("data-state") in {"waiting", "streaming"}:
            await chat.box.press("Escape")
            await chat.answered()
    await context.close()


async def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        flags = ("--workers", "1", "--answer-tokens", "400")
        async with running_app(Path(data), *flags) as app, chromium() as browser:
            answered = await ask(browser, app, QUESTIONS[0])
            await draw_picture(browser, app, answered)
            await keep_prompts(app)
            for look in LOOKS:
                blocking = await ask(browser, app, QUESTIONS[2])
                waiting = await ask(browser, app, QUESTIONS[1])
                await draw(browser, app, look, answered, waiting)
                await stop_all(browser, app, blocking, waiting)


if __name__ == "__main__":
    asyncio.run(main())
