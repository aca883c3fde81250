"""While an answer streams nothing that stands moves, and who reads further up stays there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from tests.support.app import AppProcess, running_app
from tests.support.browser import ChatPage
from tests.support.echo_ollama import echo_ollama

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PARAGRAPH = "The kettle sings while the tea grows dark, and every guest gets a cup of it. " * 4
TEXT = "\n\n".join(
    [
        "## Tea for forty",
        PARAGRAPH,
        "- one\n- two\n  - three",
        "```python\nfor cup in cups:\n    fill(cup)\n```",
        "```mermaid\ngraph LR\n  A[Kettle] --> B(Tea)\n```",
        "| cup | tea |\n|---|---|\n| 1 | green |\n| 2 | black |",
        "Energy is $E = mc^2$, and heat $$Q = m c \\Delta T$$",
        *[PARAGRAPH] * 8,
    ]
)
RECORD = """() => {
  const first = new Map(), tops = [];
  window.moved = [];
  const look = () => {
    const blocks = [...document.querySelectorAll("#transcript .settled > *")];
    for (const block of blocks) {
      const box = [block.offsetTop, block.offsetHeight].join();
      const before = first.get(block) ?? box;
      if (before !== box) window.moved.push(`${block.tagName} ${before} -> ${box}`);
      first.set(block, box);
    }
    window.seen = first.size;
    const open = document.querySelectorAll("#transcript .tail > :first-child");
    for (const [place, { tagName, offsetTop }] of [...blocks, ...open].entries()) {
      tops[place] ??= offsetTop;
      if (tops[place] !== offsetTop) window.moved.push(`${tagName} began at ${tops[place]}, now ${offsetTop}`);
    }
    requestAnimationFrame(look);
  };
  look();
}"""
UP = """() => {
  const reading = document.getElementById("reading");
  reading.scrollTop = 40;
  return reading.scrollHeight > reading.clientHeight + 400;
}"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def echoing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    data = tmp_path_factory.mktemp("echo")
    async with echo_ollama("echo", pause_s=0.5) as ollama, running_app(data, "--backend", ollama.url) as app:
        yield app


async def test_what_stands_does_not_move_until_the_end_and_after_it(
    echoing: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, echoing)
    await chat.page.evaluate(RECORD)
    await chat.ask(TEXT)
    assert await chat.answered() == "complete"
    await chat.page.locator("pre[data-language=mermaid]").scroll_into_view_if_needed()
    await expect(chat.page.locator("pre[data-drawn]")).to_be_visible()
    assert await chat.page.evaluate("window.seen") >= TEXT.count("\n\n")
    assert await chat.page.evaluate("window.moved") == []
    chat.check()


async def test_who_reads_further_up_stays_there(echoing: AppProcess, context: BrowserContext) -> None:
    chat = await ChatPage.open(context, echoing)
    await chat.ask(TEXT)
    await chat.page.wait_for_function(UP)
    assert await chat.answered() == "complete"
    assert await chat.page.evaluate("document.getElementById('reading').scrollTop") == 40
    await chat.page.get_by_role("button", name="To the end").click()
    await expect(chat.page.locator("#transcript .line").last).to_be_in_viewport()
    chat.check()
