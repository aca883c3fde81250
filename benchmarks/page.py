"""How quick the chat page is in a real browser; `python -m benchmarks.page --json`'s last line is one flat JSON object.

In Chromium, on a conversation of 200 messages, all of them shown: how many frames a second are drawn while an answer of
30 tokens a second grows at its end. Then, alone and while 100 others watch answers of theirs: the time from pressing
Enter until the message stands in the page, and from a click until the end of another conversation of 200 messages
does, more of it than the screen holds. Each ends with the frame after the one in which it was drawn. At last, alone:
the same for a conversation of 1,000 messages.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Locator

from benchmarks.report import parser, table, tell, tell_figures
from benchmarks.scheduling.measures import quantile
from benchmarks.streaming.history import HISTORY, prepare
from benchmarks.streaming.model import TOKENS_PER_SECOND, question
from benchmarks.streaming.rounds import ASKS_PER_SECOND, line_of, started
from tests.support.app import COOKIE, AppProcess, running_app
from tests.support.browser import ChatPage, chromium

OTHERS = 100
OTHER_CONVERSATIONS = 6
LONG = 1_000
LONG_OPENINGS = 8
A_TURN_S = 2.5
"""More than a question and a change of conversation take."""
OWN_STREAMS = 50_000
"""Numbers of streams from here on are asked for in the browser."""

FRAMES = """seconds => new Promise(done => {
  const begin = performance.now();
  let last = begin, longest = 0, frames = 0;
  const look = now => {
    frames += 1;
    longest = Math.max(longest, now - last);
    last = now;
    if (now - begin < seconds * 1000) requestAnimationFrame(look);
    else done({ fps: (frames - 1) / (now - begin) * 1000, longest });
  };
  requestAnimationFrame(look);
})"""
UP = "document.getElementById('reading').scrollTop = 0"
WATCH = """([kind, key]) => {
  const last = () => [...document.querySelectorAll("#transcript article[data-role=user]")].at(-1);
  window.took = new Promise((done, failed) => {
    const begun = event => {
      if (key && event.key !== key) return;
      removeEventListener(kind, begun, true);
      const before = last(), begin = event.timeStamp;
      const look = () => {
        if (last() && last() !== before) requestAnimationFrame(() => done(performance.now() - begin));
        else if (performance.now() - begin > 60_000) failed(new Error("nothing was shown for a minute"));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    };
    addEventListener(kind, begun, true);
  });
}"""


async def main(*, seconds: float, times: int, directory: Path) -> dict[str, float]:
    """Measure: frames for so many seconds, and everything else so many times."""
    async with started("benchmarks.streaming.crowd") as (crowd, model):
        people = await prepare(directory, OTHERS + 1, [LONG, *[HISTORY] * OTHER_CONVERSATIONS])
        flags = ("--backend", f"ollama={model}", "--workers", "256", "--backup-hours", "0", "--answer-tokens", "4096")
        async with running_app(directory, *flags) as app, chromium() as browser:
            person = Visitor(await _page(browser, app, people[0]["cookie"]))
            figures = await person.frames(seconds)
            figures |= await person.quickness("", times)
            figures |= await person.long_one()
            async with _watched(crowd, [{"url": app.url, **other} for other in people[1:]], times * A_TURN_S):
                figures |= await person.quickness("_others", times)
    return {"others": OTHERS, **{name: round(value, 1) for name, value in figures.items()}}


async def _page(browser: Browser, app: AppProcess, cookie: str) -> ChatPage:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    await context.add_cookies([{"name": COOKIE, "value": cookie, "url": app.url, "sameSite": "Lax"}])
    return await ChatPage.open(context, app.url)


@asynccontextmanager
async def _watched(crowd: Process, pages: Sequence[dict[str, str]], seconds: float) -> AsyncIterator[None]:
    """Others watch answers of theirs, for at least so long; raises `AssertionError` when the block took longer."""
    assert crowd.stdin is not None
    order = {"pages": pages, "seconds": seconds, "ramp_s": len(pages) / ASKS_PER_SECOND}
    crowd.stdin.write(json.dumps(order).encode() + b"\n")
    await line_of(crowd)
    outcome = asyncio.create_task(line_of(crowd))
    yield
    assert not outcome.done(), "the others had seen everything before"
    outcome.cancel()


class Visitor:
    """Whoever sits at the browser."""

    def __init__(self, chat: ChatPage) -> None:
        self._chat = chat
        self._streams = OWN_STREAMS

    async def frames(self, seconds: float) -> dict[str, float]:
        """Show all of a conversation, ask in it, and count frames while the answer grows."""
        chat = self._chat
        await self._open(self._links(HISTORY).nth(0))
        while await chat.questions.count() < HISTORY // 2:
            await chat.page.evaluate(UP)
            await chat.page.wait_for_timeout(100)
        await chat.page.get_by_role("button", name="To the end").click()
        still = await chat.page.evaluate(FRAMES, seconds / 2)
        await chat.ask(self._question(round((seconds + 4) * TOKENS_PER_SECOND)))
        await chat.answers.last.get_by_text("x20x").wait_for()
        seen = await chat.page.evaluate(FRAMES, seconds)
        await chat.answered()
        return {"still_fps": still["fps"], "streaming_fps": seen["fps"], "longest_frame_ms": seen["longest"]}

    async def quickness(self, suffix: str, times: int) -> dict[str, float]:
        """Ask, and go from conversation to conversation."""
        asked, opened = [], []
        for turn in range(times):
            await self._chat.page.evaluate(WATCH, ["keydown", "Enter"])
            await self._chat.box.fill(self._question(2))
            await self._chat.box.press("Enter")
            asked.append(await self._took())
            await self._chat.answered()
            opened.append(await self._open(self._links(HISTORY).nth(turn % OTHER_CONVERSATIONS)))
        return {
            f"enter_to_shown_p50_ms{suffix}": quantile(asked, 0.5),
            f"enter_to_shown_p95_ms{suffix}": quantile(asked, 0.95),
            f"click_to_open_p50_ms{suffix}": quantile(opened, 0.5),
            f"click_to_open_p95_ms{suffix}": quantile(opened, 0.95),
        }

    async def long_one(self) -> dict[str, float]:
        """Open the long conversation, again and again."""
        took = []
        for _ in range(LONG_OPENINGS):
            took.append(await self._open(self._links(LONG).first))
            await self._open(self._links(HISTORY).first)
        return {"long_open_p50_ms": quantile(took, 0.5), "long_open_max_ms": max(took)}

    def _links(self, messages: int) -> Locator:
        """The conversations of that length but the one that is shown."""
        others = self._chat.page.locator("nav#conversations a[data-id]:not([aria-current])")
        return others.filter(has_text=f"{messages} messages")

    def _question(self, tokens: int) -> str:
        self._streams += 1
        return question(self._streams, tokens)

    async def _open(self, link: Locator) -> float:
        await self._chat.page.evaluate(WATCH, ["click", None])
        await link.click()
        return await self._took()

    async def _took(self) -> float:
        return float(await self._chat.page.evaluate("window.took"))


def _table(figures: Mapping[str, float]) -> str:
    rows = {
        name: [
            f"{figures[f'{key}_{quantile}_ms{suffix}']:.0f}"
            for suffix in ("", "_others")
            for quantile in ("p50", "p95")
        ]
        for name, key in (("Enter to shown", "enter_to_shown"), ("click to open", "click_to_open"))
    }
    return table("milliseconds", ("alone p50", "p95", f"beside {OTHERS} p50", "p95"), rows)


if __name__ == "__main__":
    flags = parser(__doc__)
    flags.add_argument("--seconds", type=float, default=10.0, help="how long frames are counted")
    flags.add_argument("--times", type=int, default=30, help="how often a message is sent and a conversation opened")
    arguments = flags.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = asyncio.run(main(seconds=arguments.seconds, times=arguments.times, directory=Path(scratch) / "data"))
    tell(_table(found))
    if arguments.json:
        tell_figures(found)
