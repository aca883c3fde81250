"""Sees what a page must never do, while it does it: run what it shows, ask another host, leave its frame.

`Harm.watch` puts `watcher.js` into every page of a browser context before the page's own scripts; `done` collects what
it and the browser saw: dialogs, scripts, violations of the policy, requests to elsewhere, elements and attributes that
text must not bring, and whatever lies over the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Dialog, Page, Request, Route

_WATCHER = Path(__file__).with_name("watcher.js")


@dataclass
class Harm:
    """What was seen since the last look, in all pages of the context."""

    host: str
    seen: list[str] = field(default_factory=list)

    @classmethod
    async def watch(cls, context: BrowserContext, url: str) -> Harm:
        """Watch every page that the context opens from now on; other hosts are not asked, only noted."""
        harm = cls(urlsplit(url).netloc)
        await context.add_init_script(path=_WATCHER)
        await context.route(harm._elsewhere, harm._refuse)
        context.on("request", harm._asked)
        context.on("dialog", harm._spoke)
        return harm

    async def done(self, page: Page) -> list[str]:
        """What was seen since the last time, with a look at the page as it is."""
        here = urlsplit(page.url).netloc
        moved = [] if here == self.host else [f"went to {page.url}"]
        found: list[str] = await page.evaluate("window.lookForHarm()")
        seen, self.seen = [*self.seen, *moved, *found], []
        return seen

    def _elsewhere(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https", "ws", "wss", "ftp"} and parts.netloc != self.host

    async def _refuse(self, route: Route) -> None:
        await route.fulfill(status=204)  # an answer without a page: the browser stays where it is

    def _asked(self, request: Request) -> None:
        if self._elsewhere(request.url):
            self.seen.append(f"asked {request.url}")

    async def _spoke(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog {dialog.message}")
        await dialog.dismiss()


def _in_an_answer(html: str) -> str:
    place = "document.getElementById('transcript')"
    return f"{place}.innerHTML = `<article><div class=answer-text>{html}</div></article>`; undefined"


DEEDS: Mapping[str, str] = MappingProxyType(
    {
        "ran alert": "alert(1)",
        "policy script-src": _in_an_answer("<img src=x onerror=alert(1)>"),
        "policy img-src": _in_an_answer("<img src=https://evil.example/x.png>"),
        "policy connect-src": "void fetch('https://evil.example').catch(() => null)",
        "asked https://evil.example": "void (location.href = 'https://evil.example/')",
        "element SCRIPT": _in_an_answer("<script></script>"),
        "markup B": "document.querySelector('.topbar h1').innerHTML = '<b>x</b>'; undefined",
        "attribute onclick": _in_an_answer("<p onclick=alert(1)>x</p>"),
        "style position": _in_an_answer("<p style=position:fixed>x</p>"),
        "fixed P": _in_an_answer("<p style=position:fixed>x</p>"),
        "over the page": _in_an_answer("<p style=position:fixed;inset:0;z-index:99>x</p>"),
        "href javascript": _in_an_answer("<a href=javascript:alert(1)>x</a>"),
        "attribute id": _in_an_answer("<p id=samovar>x</p>"),
        "a formula left": _in_an_answer("<math><mspace style=margin-left:-9em></mspace><mi>x</mi></math>"),
        "visible IFRAME": _in_an_answer("<iframe></iframe>"),
        "element INPUT": _in_an_answer("<input type=password>"),
        "a script in the body": "document.body.append(document.createElement('script'))",
    }
)
"""What the watcher is tried with: the words that it then finds, and what is done in a page."""
