"""Draw every page in both themes, both languages and three widths: `make screenshots`, into build/screenshots.

Also renews docs/chat.png, the picture in the README. The models are real ones; what is broken on a page is told last.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, BrowserContext, Page, WebError
from playwright.async_api import Error as PlaywrightError

from tests.browser.busy_scenes import BUSY, STOPPING, busy_place, stop
from tests.browser.desk_scenes import DESK, furnish_desk
from tests.browser.scenes import QUIET, WAITING, Place, Scene, hold, leave_nothing, place, visit
from tests.browser.shelf_scenes import SHELF, arrange
from tests.support.app import ROOT, AppProcess, running_app
from tests.support.browser import ChatPage, at_rest, chromium, sign_in
from tests.support.clipping import broken

FOLDER = ROOT / "build" / "screenshots"
PICTURE = ROOT / "docs" / "chat.png"
WIDTHS = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (390, 844)}
LANGUAGES = ("en-GB", "zh-CN")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
QUESTIONS = [
    "Write a short, friendly reply to a customer who asks when the order will arrive.",
    "What is a samovar?",
    "Write a short poem about tea.",
]

_DIAGRAMS: Final = "() => [...document.querySelectorAll('pre[data-drawn] .diagram img')].map(image => image.src)"
_DRAWN_ANEW: Final = """before => [...document.querySelectorAll('pre[data-drawn] .diagram img')]
  .every(image => image.complete && !before.includes(image.src))"""


@dataclass(frozen=True)
class Look:
    """One way to have the page open; light and dark are then two sights of it."""

    width: str
    language: str

    async def context(self, browser: Browser) -> BrowserContext:
        width, height = WIDTHS[self.width]
        return await browser.new_context(
            viewport={"width": width, "height": height},
            locale=self.language,
            has_touch=self.width == "phone",
            device_scale_factor=1,
            reduced_motion="reduce",
        )


LOOKS = [Look(*parts) for parts in itertools.product(WIDTHS, LANGUAGES)]


async def draw(browser: Browser, at: Place, look: Look, scenes: Iterable[Scene], folder: Path | None) -> list[str]:
    """Draw scenes into a folder, where there is one; tells what is broken in them."""
    faults: list[str] = []
    signed_in, stranger = await look.context(browser), await look.context(browser)

    def threw(error: WebError) -> None:
        faults.append(f"{look.width}-{look.language}: {error.page.url if error.page else ''} threw {error.error}")

    for context in (signed_in, stranger):
        context.on("weberror", threw)
    await sign_in(signed_in, at.app)
    for scene in scenes:
        page = await (stranger if scene.name.startswith("door-") else signed_in).new_page()
        page.set_default_timeout(60_000)
        try:
            await visit(page, scene, at)
            faults += await sights(page, scene, look, folder)
            await leave_nothing(page)
        except PlaywrightError as error:  # the others are to be seen all the same
            faults.append(f"{scene.name}-{look.width}-{look.language} was not reached: {error.message}")
        await page.close()
    await signed_in.close()
    await stranger.close()
    return faults


async def sights(page: Page, scene: Scene, look: Look, folder: Path | None) -> list[str]:
    """Draw what is before one's eyes, light and dark; tells what is broken in it."""
    faults: list[str] = []
    for scheme in SCHEMES:
        name = f"{scene.name}-{look.width}-{scheme}-{look.language}"
        await colour(page, scheme)
        if folder is not None:
            await page.screenshot(path=folder / f"{name}.png")
        faults += [f"{name}: {fault}" for fault in await broken(page)]
    return faults


async def colour(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Have the page in a scheme; its diagrams are drawn anew for that."""
    before = await page.evaluate(_DIAGRAMS)
    changes = await page.evaluate("scheme => !matchMedia(`(prefers-color-scheme: ${scheme})`).matches", scheme)
    await page.emulate_media(color_scheme=scheme)
    if changes:
        await page.wait_for_function(_DRAWN_ANEW, arg=before)
    await at_rest(page)


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


async def draw_picture(browser: Browser) -> None:
    """Draw the README's picture: an answer that is done, and the next question with others before it."""
    with tempfile.TemporaryDirectory() as data:
        flags = ("--workers", "1", "--answer-tokens", "400")
        async with running_app(Path(data), *flags) as app:
            answered = await ask(browser, app, QUESTIONS[0])
            context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
            await sign_in(context, app)
            chat = await ChatPage.open(context, answered)
            await chat.answered()
            for text in QUESTIONS[1:]:
                await ask(browser, app, text)
            await chat.ask("Make it one sentence.")
            await chat.page.wait_for_selector("#transcript .line[data-stage=queued]")
            await chat.page.wait_for_function("() => document.querySelectorAll('nav#conversations a').length >= 3")
            await chat.page.mouse.move(640, 780)
            await chat.page.screenshot(path=PICTURE)
            await context.close()


async def draw_all(browser: Browser, data: Path, folder: Path | None) -> list[str]:
    """Draw every scene in every look; tells what is broken in them."""
    async with place(data / "quiet") as at:
        faults = [fault for look in LOOKS for fault in await draw(browser, at, look, QUIET, folder)]
        arranged = await arrange(at)
        faults += [fault for look in LOOKS for fault in await draw(browser, arranged, look, SHELF, folder)]
        waiting = await hold(at)
        faults += [fault for look in LOOKS for fault in await draw(browser, waiting, look, WAITING, folder)]
    async with busy_place(data / "busy") as at:
        faults += [fault for look in LOOKS for fault in await draw(browser, at, look, BUSY, folder)]
        furnished = await furnish_desk(at)
        faults += [fault for look in LOOKS for fault in await draw(browser, furnished, look, DESK, folder)]
        stopping = await stop(at)
        faults += [fault for look in LOOKS for fault in await draw(browser, stopping, look, STOPPING, folder)]
    return faults


async def main() -> list[str]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        async with chromium() as browser:
            await draw_picture(browser)
            return await draw_all(browser, Path(data), FOLDER)


if __name__ == "__main__":
    # Nothing at all, and not an empty text, is what ends a process well.
    sys.exit("\n".join(asyncio.run(main())) or None)
