"""Every page and state that people see, each reached without a word of its language: it is drawn in all of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from playwright.async_api import Page

from chatui.web.admin.tabs import TABS
from tests.browser.said import CHATS
from tests.support.app import COOKIE, AppProcess, running_app, tab
from tests.support.brought import pdf, picture
from tests.support.browser import at_rest
from tests.support.real_models import real_model

PROMPTS: Final = {
    "Code review": "Review this code. Name bugs first, then what could be simpler.",
    "Friendly reply": "Write a short, friendly reply to {{customer}}, who asks: {{question}}",
    "Minutes": "Turn these notes into minutes with decisions and tasks:\n\n{{notes}}",
    "Summary": "Sum up the following in five points, in {{language:English}}:\n\n{{text}}",
}
DOOR: Final = ("sign-in", "sign-up", "reset?code=x", "invitation?code=x", "no-such-page")
SHORT: Final = "Which tea goes with cake?"


_EMPTY_BOX: Final = """() => {
  const box = document.querySelector(".composer textarea");
  if (!box?.value) return;
  box.value = "";
  box.dispatchEvent(new Event("input"));
  window.dispatchEvent(new Event("pagehide"));
}"""


@dataclass(frozen=True)
class Place:
    """The app, where its chats are by their titles, and what another person shares."""

    app: AppProcess
    chats: dict[str, str]
    shared: str
    admin: httpx.AsyncClient

    def at(self, title: str) -> str:
        """The address of a chat."""
        return f"{self.app.url}/?c={self.chats[title]}"


@dataclass(frozen=True)
class Scene:
    """A page in some state: where it is, and what is done there before one looks."""

    name: str
    path: Callable[[Place], str]
    act: Callable[[Page], Awaitable[object]] | None = None
    ready: str = "#transcript"


def chat(name: str, title: str, act: Callable[[Page], Awaitable[object]] | None = None) -> Scene:
    return Scene(name, lambda place: place.at(title), act, "#transcript article")


def empty(name: str, act: Callable[[Page], Awaitable[object]] | None = None) -> Scene:
    return Scene(name, lambda place: place.app.url, act)


def plain(name: str, path: str) -> Scene:
    return Scene(name, lambda place: f"{place.app.url}/{path}", None, "body")


def press(*selectors: str) -> Callable[[Page], Awaitable[object]]:
    """Click these one after the other."""

    async def act(page: Page) -> None:
        for selector in selectors:
            await page.locator(selector).locator("visible=true").first.click()

    return act


def keys(*pressed: str, typed: str = "") -> Callable[[Page], Awaitable[object]]:
    """Type into the box."""

    async def act(page: Page) -> None:
        box = page.locator(".composer textarea")
        await box.press_sequentially(typed)
        for key in pressed:
            await box.press(key)

    return act


async def search(page: Page) -> None:
    await menu(page)
    await page.locator(".search-input").fill("tea")
    await page.locator(".hit").first.wait_for()


async def menu(page: Page) -> None:
    """The list of chats, which is a drawer on a phone."""
    if not await page.locator(".search-input").is_visible():
        await page.locator(".topbar .narrow-only").locator("visible=true").first.click()


async def person(page: Page) -> None:
    await menu(page)
    await page.locator(".drawer button:has(.icon-settings)").locator("visible=true").last.click()


async def files(page: Page) -> None:
    texts = [
        ("notes.txt", b"Tea at five."),
        ("plan of the whole year.pdf", pdf("Cake at six")),
        ("a.zip", b"PK\x03\x04\0"),
    ]
    brought = [{"name": name, "mimeType": "x/y", "buffer": data} for name, data in (*texts, ("pot.png", picture()))]
    await page.locator("input[type=file]").set_input_files(brought)  # type: ignore[arg-type]
    await page.locator(".chip[data-state=refused]").wait_for()
    await page.locator(".chip[data-state=kept]").nth(2).wait_for()


async def drawn(page: Page) -> None:
    """Its diagram, which takes a while the first time."""
    await page.locator("pre[data-drawn]").wait_for()


async def leave_nothing(page: Page) -> None:
    """Take back what is kept: what was typed, what lies beside it, and that a chat was deleted."""
    if await page.locator(".toast .text-button").count():
        await page.locator(".toast .text-button").first.click()
        await page.locator("#transcript article").first.wait_for(state="attached")
    while await page.locator(".chip-remove").count():
        await page.locator(".chip-remove").first.click()
    await page.evaluate(_EMPTY_BOX)


ANSWER: Final = "article[data-role=assistant]"
QUIET: Final = (
    empty("empty"),
    empty("list", menu),
    empty("search", search),
    empty("person", person),
    empty("models", press(".picker-button")),
    empty("slash", keys(typed="/")),
    empty("prompts", press(".prompts-button")),
    empty("prompt", press(".prompts-button", ".prompt-new")),
    empty("keys", keys("Control+/")),
    empty("manner", press(".manner-button")),
    empty("temporary", keys("Enter", typed="/temporary")),
    empty("compare", press(".compare")),
    empty("files", files),
    chat("answer", "Everything in one answer", drawn),
    chat("timeline", SHORT, press(f"{ANSWER} .line-text")),
    chat("thinking", "Everything in one answer", press(".thinking summary")),
    chat("answer-menu", "Everything in one answer", press(f"{ANSWER} button:has(.icon-more)")),
    chat("share", "Everything in one answer", press(".share-button")),
    chat("rewrite", "Everything in one answer", press("article[data-role=user] .rewrite")),
    chat("interrupted", "An answer that was cut"),
    chat("long", "One very long word and a very long question"),
    chat("beside", SHORT),
    Scene("reading", lambda place: place.shared, None, "#transcript article"),
    *(plain(f"door-{path.partition('?')[0]}", path) for path in DOOR),
    plain("nowhere", "no-such-page"),
    plain("account", "account"),
    plain("import", "account/import"),
    *(plain(tab_.path.strip("/").replace("/", "-"), tab_.path.strip("/")) for tab_ in TABS),
)
WAITING: Final = (
    chat("waiting", "What waits in line?"),
    chat("waiting-menu", "What waits in line?", press(".line [aria-haspopup=menu]")),
    plain("admin-queue-waiting", "admin/queue"),
)


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    """An app with two real models, with something on every page."""
    async with real_model("smollm2:135m") as first, real_model("smollm2:instruct-of-another-kind") as second:
        flags = (
            "--backend",
            first,
            "--backend",
            second,
            "--answer-tokens",
            "40",
            "--workers",
            "1",
            "--sign-up",
            "open",
        )
        async with (
            running_app(folder, *flags) as app,
            httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60) as admin,
        ):
            await _import(app, admin)
            await _keep_prompts(app)
            await _ask_both(app)
            yield Place(app, await chats_of(app), await _shared(app), admin)


async def visit(page: Page, scene: Scene, at: Place) -> None:
    """Have a scene before one's eyes."""
    await page.goto(scene.path(at))
    await page.locator(scene.ready).first.wait_for(state="attached")
    await page.wait_for_load_state("networkidle")
    if scene.act is not None:
        await scene.act(page)
    await at_rest(page)


async def hold(at: Place) -> Place:
    """Stop the queue, and have a question wait."""
    await at.admin.post("/admin/queue/pause")
    async with tab(at.app) as client:
        await client.ask("What waits in line?")
        await client.until(lambda frame: frame["t"] == "asked")
    return Place(at.app, await chats_of(at.app), at.shared, at.admin)


async def _import(app: AppProcess, http: httpx.AsyncClient) -> None:
    async with tab(app) as client:
        await http.post("/account/import", files={"file": ("x.json", json.dumps({"conversations": CHATS}).encode())})
        await client.until(lambda frame: frame["t"] == "conversations" and len(frame["items"]) == len(CHATS))


async def _keep_prompts(app: AppProcess) -> None:
    async with tab(app) as client:
        for name, text in PROMPTS.items():
            await client.send(t="prompt_save", name=name, text=text, shared=name != "Code review", key="x")
        await client.send(t="prompts")
        await client.until(lambda frame: frame["t"] == "prompts" and len(frame["items"]) == len(PROMPTS))


async def _ask_both(app: AppProcess) -> None:
    async with tab(app) as client:
        await client.send(
            t="ask",
            key=str(uuid4()),
            conversation=None,
            text=SHORT,
            model=None,
            files=[],
            others=["smollm2:instruct-of-another-kind"],
        )
        await client.answer()
        await client.answer()


async def _shared(app: AppProcess) -> str:
    """A chat of somebody else's; gives its link."""
    async with httpx.AsyncClient(base_url=app.url, timeout=60) as http:
        made = await http.post("/sign-up", data={"name": "Ben", "password": "another samovar for all"})
    ben = AppProcess(app.process, app.url, app.greeting, made.cookies[COOKIE])
    async with tab(ben) as client:
        await client.ask("How much sugar goes into a samovar of tea?")
        await client.answer()
        await client.send(t="share", conversation=client.conversation)
        frame = await client.until(lambda frame: frame["t"] == "link")
    return f"{app.url}/?c={frame['link']}"


async def chats_of(app: AppProcess) -> dict[str, str]:
    """The ids of Ana's chats by their titles."""
    async with tab(app) as client:
        frame = next((frame for frame in client.frames if frame["t"] == "conversations"), None)
        listed: dict[str, Any] = frame or await client.until(lambda frame: frame["t"] == "conversations")
    return {item["title"]: item["id"] for item in listed["items"]}
