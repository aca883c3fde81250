"""The states of a busy app: every stage of an answer under way, what failed or was refused, a lost line, a restart.

Each stage stands still on a scripted server of its own, for as long as one looks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.async_api import Page

from tests.browser.scenes import ANSWER, Place, Scene, chat, chats_of, empty, press
from tests.support.app import AppProcess, running_app, tab
from tests.support.brought import pdf, picture
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

_STILL_S: Final = 36_000.0
_ALL_DAY: Final = "36000"
_FLAGS: Final = (
    *("--workers", "1", "--retries", "0", "--queued-per-person", "2", "--running-per-person", "9"),
    *("--load-seconds", _ALL_DAY, "--first-token-seconds", _ALL_DAY, "--progress-seconds", "3600"),
    *("--total-seconds", _ALL_DAY, "--drain-seconds", "3600"),
)
_WRITES, _READS, _LOADS, _FAILS = "gemma3:4b", "llama3.3:70b", "mixtral:8x22b", "phi4:14b"
_THINKS: Final = ScriptedModel("qwen3:8b", capabilities=("completion", "thinking", "vision"))
_SEEN: Final = 90
"""So many tokens are written before an answer stands still: several lines, also where they are long."""

_KNOW_THE_LINE: Final = """
  window.lines = [];
  window.WebSocket = class extends WebSocket {
    constructor(...told) {
      super(...told);
      window.lines.push(this);
      if (window.isCut) this.close();
    }
  };
"""


async def lose_the_line(page: Page) -> None:
    await page.add_init_script(_KNOW_THE_LINE)
    await page.reload()
    await page.locator("nav#conversations a").first.wait_for(state="attached")
    await page.evaluate("window.isCut = true; window.lines.forEach(line => line.close())")
    await page.locator(".composer-note[data-kind=offline]").wait_for()


async def ask_too_much(page: Page) -> None:
    box = page.locator(".composer textarea")
    await box.fill("One question too many")
    await box.press("Enter")
    await page.locator(".composer-note[data-kind=refused]").wait_for()


BUSY: Final = (
    chat("writing", "What does it write?"),
    chat("writing-timeline", "What does it write?", press(f"{ANSWER} .line-text")),
    chat("stage-thinking", "What does it think?", press(".thinking summary")),
    chat("stage-reading", "What does it read?"),
    chat("stage-loading", "What does it load?"),
    chat("in-line", "And who comes next?"),
    chat("failed", "Why does it fail?"),
    chat("asked-files", "What is in these?"),
    empty("refused", ask_too_much),
    empty("offline", lose_the_line),
)
STOPPING: Final = (Scene("stopping", lambda place: place.app.url, None, ".banner:not([hidden])"),)


@asynccontextmanager
async def busy_place(folder: Path) -> AsyncIterator[Place]:
    """An app of which every server stands still in another stage."""
    async with AsyncExitStack() as stack:
        writes, thinks, reads, loads, fails = [
            await stack.enter_async_context(OllamaServer(script))
            for script in (
                OllamaScript((ScriptedModel(_WRITES),), tokens_per_second=200, answer_tokens=5_000),
                OllamaScript((_THINKS,)),
                OllamaScript((ScriptedModel(_READS),), prompt_tokens_per_second=1 / _STILL_S),
                OllamaScript((ScriptedModel(_LOADS),), load_seconds=_STILL_S),
                OllamaScript((ScriptedModel(_FAILS),)),
            )
        ]
        servers = [flag for server in (writes, thinks, reads, loads, fails) for flag in ("--backend", server.url)]
        app = await stack.enter_async_context(running_app(folder, *servers, *_FLAGS))
        admin = await stack.enter_async_context(httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60))
        await _ask_with_files(app, admin)
        fails.fail_loads(1)
        await _ask(app, "Why does it fail?", _FAILS, "failed")
        thinks.gate.clear()
        await _ask(app, "What does it think?", _THINKS.name, "thinking")
        await _ask(app, "What does it read?", _READS, "reading")
        await _ask(app, "What does it load?", _LOADS, "loading")
        await _write_and_stand_still(app, writes)
        await _ask(app, "And who comes next?", _WRITES, "queued")
        yield Place(app, await chats_of(app), "", admin)


async def stop(at: Place) -> Place:
    """Have the app begin to end; it waits for the answers."""
    async with tab(at.app) as client:
        at.app.terminate()
        await client.until(lambda frame: frame["t"] == "notice" and frame["sentence"])
    return at


async def _ask(app: AppProcess, text: str, model: str, stage: str) -> None:
    async with tab(app) as client:
        await client.ask(text, model=model)
        await client.until(lambda frame: _is_at(frame, stage))


def _is_at(frame: dict[str, Any], stage: str) -> bool:
    told = (frame.get("line") or {}).get("stage") if frame["t"] == "live" else frame.get("message", {}).get("state")
    return bool(told == stage)


async def _write_and_stand_still(app: AppProcess, server: OllamaServer) -> None:
    async with tab(app) as client:
        await client.ask("What does it write?", model=_WRITES)
        await server.until(lambda: server.tokens >= _SEEN)
        server.gate.clear()


async def _ask_with_files(app: AppProcess, http: httpx.AsyncClient) -> None:
    files = {"minutes of the meeting.pdf": pdf("Tea at five"), "pot.png": picture()}
    kept = [
        await http.post("/attachments", content=data, headers={"x-file-name": name}) for name, data in files.items()
    ]
    async with tab(app) as client:
        await client.ask("What is in these?", model=_THINKS.name, files=[each.json()["id"] for each in kept])
        await client.answer()
