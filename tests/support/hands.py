"""What a test did in the browser: which forms it sent, which fields it changed, which words its pages said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Browser, BrowserContext, Download, Page, Request, WebSocket

# A page's own scripts see nothing of it.
_TELL = """() => {
  for (const kind of ["input", "change"]) {
    addEventListener(kind, ({target}) => {
      if (target.form && target.name) {
        changed(`${target.form.method.toUpperCase()} ${target.form.getAttribute("action")} ${target.name}`);
      }
    }, true);
  }
}"""


class Hands:
    """Watches the tabs that are opened while `is_watching`, and the starts of apps."""

    def __init__(self) -> None:
        self.is_watching = False
        self.did: set[str] = set()
        self.started: list[Path] = []

    def watch(self) -> None:
        """Begin with nothing done."""
        self.is_watching, self.did, self.started = True, set(), []

    @property
    def has_restarted(self) -> bool:
        """Whether an app was started a second time on the same data."""
        return len(self.started) > len(set(self.started))

    async def follow(self, context: BrowserContext) -> None:
        """Hear of everything in a browser's window."""
        await context.expose_binding("changed", lambda _, control: self.did.add(control))
        await context.add_init_script(f"({_TELL})()")
        context.on("request", self._sent)
        context.on("page", self._opened)

    def _sent(self, request: Request) -> None:
        self._asked(request.method, request.url)

    def _taken(self, download: Download) -> None:
        self._asked("GET", download.url)

    def _asked(self, method: str, url: str) -> None:
        parts = urlsplit(url)
        self.did.add(f"{method} {parts.path}")
        self.did.update(f"{method} {parts.path} {name}" for name in parse_qs(parts.query))

    def _opened(self, page: Page) -> None:
        page.on("websocket", self._lined)
        page.on("download", self._taken)

    def _lined(self, line: WebSocket) -> None:
        line.on("framesent", lambda frame: self.did.add(f"word {json.loads(frame)['t']}"))


def followed(hands: Hands) -> Any:
    """A browser's `new_context` that has the window followed."""
    opening = Browser.new_context

    async def new_context(browser: Browser, **options: Any) -> BrowserContext:
        context = await opening(browser, **options)
        if hands.is_watching:
            await hands.follow(context)
        return context

    return new_context


def data_in(arguments: Sequence[str]) -> Path:
    """The data directory that the program is started on."""
    return Path(arguments[arguments.index("--data") + 1])
