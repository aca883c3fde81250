"""Chromium, driven as a person would; a page that throws fails its test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, async_playwright, expect

from tests.support.app import COOKIE, AppProcess

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# The list that is given last holds alone: first what Playwright turns off, then the address bar's own pages, which cost
# each window more than the app's page does.
_FEATURES_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup"
)
_FLAGS = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={_FEATURES_OFF}",
]
LIMIT_MS = 60_000
_REST = """() => Promise.all(
  document.getAnimations().filter(motion => motion.effect.getTiming().iterations === 1)
    .map(motion => motion.finished.catch(() => null))
)"""

# The browser shares a busy machine with the app and the model: what takes long there is no fault.
expect.set_options(timeout=LIMIT_MS)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium, without a window."""
    program = next(path for path in map(shutil.which, _PROGRAMS) if path)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def at_rest(page: Page) -> None:
    """Return when nothing moves that comes to an end: what slides in has edges between two pixels."""
    await page.evaluate(_REST)


async def sign_in(context: BrowserContext, app: AppProcess) -> None:
    """Let a browser be the app's admin."""
    await context.add_cookies([{"name": COOKIE, "value": app.cookie, "url": app.url, "sameSite": "Lax"}])


@dataclass
class ChatPage:
    """The chat page in one tab, with what went wrong in it."""

    page: Page
    faults: list[str] = field(default_factory=list)

    @classmethod
    async def open(cls, context: BrowserContext, entrance: AppProcess | str) -> ChatPage:
        """Open the page in a new tab, signed in to the app that is given, and wait until it can be used."""
        url = entrance if isinstance(entrance, str) else entrance.url
        if not isinstance(entrance, str):
            await sign_in(context, entrance)
        chat = cls(await context.new_page())
        chat.page.set_default_timeout(LIMIT_MS)
        chat.page.on("pageerror", lambda error: chat.faults.append(f"threw {error}"))
        chat.page.on("console", chat._heard)
        await chat.page.goto(url)
        await chat.box.wait_for()
        await chat.page.wait_for_selector("#transcript", state="attached")
        return chat

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "WebSocket" not in message.text and "ERR_CONNECTION" not in message.text:
            self.faults.append(message.text)

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Ask anything")

    @property
    def questions(self) -> Locator:
        return self.page.locator("#transcript article[data-role=user]")

    @property
    def answers(self) -> Locator:
        return self.page.locator("#transcript article[data-role=assistant]")

    @property
    def line(self) -> Locator:
        return self.page.locator("#transcript .line")

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("button", name="Stop")

    @property
    def new_chat(self) -> Locator:
        return self.page.get_by_role("button", name="New chat")

    @property
    def conversations(self) -> Locator:
        return self.page.locator("nav#conversations a[data-id]")

    async def ask(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Enter")

    async def answer_text(self) -> str:
        """What the newest answer shows, without its footer."""
        return await self.answers.last.locator(".answer-text").inner_text()

    async def answered(self, limit_s: float = 60) -> str:
        """Wait until the newest question has its answer and that is over; tells its state."""
        over = self.page.locator("[data-role=assistant]:not([data-state=waiting]):not([data-state=streaming])")
        # Not the last of the answers: right after a question that is the one before it.
        await self.page.locator("#transcript article").last.and_(over).wait_for(timeout=limit_s * 1000)
        return await self.answers.last.get_attribute("data-state") or ""

    def check(self) -> None:
        """Fail when the page threw or complained."""
        assert self.faults == []
