"""A long chat opens with what fills a screen; what is before that comes by itself, and moves nothing that is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect
from sqlmodel import Session

from storage.accounts import ensure_account
from storage.conversations import create_conversation, set_leaf
from storage.database import Database
from storage.messages import add_message
from storage.tables import Message
from tests.support.app import AppProcess, running_app
from tests.support.browser import ChatPage
from tests.support.echo_ollama import echo_ollama

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
OWNER = "local"
MESSAGES = 120
PARAGRAPH = "The kettle sings while the tea grows dark, and every guest gets a cup of it. " * 6
RECORD = """() => {
  window.moved = [];
  let first = null;
  const look = () => {
    const last = [...document.querySelectorAll("#transcript article")].at(-1);
    const bottom = last?.getBoundingClientRect().bottom ?? null;
    first ??= bottom;
    if (bottom !== null && Math.abs(bottom - first) > 1) window.moved.push(`${first} -> ${bottom}`);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
END_FIRST = """async () => {
  const { Transcript } = await import("/ui/transcript.js");
  const transcript = new Transcript((key) => key, {}, () => {});
  const message = (id, role, parent) => ({ id, role, parent, state: "complete", text: id, html: `<p>${id}</p>` });
  const count = () => transcript.root.querySelectorAll("article").length;
  transcript.show([message("first", "user", null), message("answer", "assistant", "first")], false);
  transcript.put(message("end", "assistant", null));
  const before = count();
  transcript.put(message("second", "user", "answer"));
  transcript.put(message("end", "assistant", "second"));
  return [before, count()];
}"""
SHOWN = "[...document.querySelectorAll('#transcript article')].map(one => one.innerText.match(/cup (\\d+)/)[1])"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def long_chats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    data = tmp_path_factory.mktemp("long")
    database = await Database.open(data)
    await database.write(partial(keep, at=database.clocks.now() - timedelta(days=1)))
    await database.close()
    async with echo_ollama("echo") as ollama, running_app(data, "--backend", ollama.url) as app:
        yield app


def keep(session: Session, at: datetime) -> None:
    owner = ensure_account(session, OWNER, "admin", at)
    chat = create_conversation(session, owner.id, "Cups", at)
    leaf: UUID | None = None
    for place in range(MESSAGES):
        role, text = ("assistant", PARAGRAPH) if place % 2 else ("user", "And then?")
        said = Message(conversation_id=chat.id, role=role, content=f"cup {place}: {text}", created_at=at)
        said.parent_id = leaf
        leaf = add_message(session, said).id
    assert leaf is not None
    set_leaf(session, owner.id, chat.id, leaf)


async def test_a_long_chat_opens_at_its_end_and_what_is_before_comes_by_itself(
    long_chats: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, long_chats)
    await chat.page.evaluate(RECORD)
    await chat.conversations.get_by_text("Cups").click()
    await expect(chat.answers.last).to_be_in_viewport()
    await expect(chat.page.locator("#transcript article").nth(50)).to_be_attached()
    assert await chat.page.evaluate("window.moved") == []
    while await chat.page.locator("#transcript article").count() < MESSAGES:
        await chat.page.evaluate("document.getElementById('reading').scrollTop = 0")
        await chat.page.wait_for_timeout(50)
    assert await chat.page.evaluate(SHOWN) == [str(place) for place in range(MESSAGES)]
    chat.check()


async def test_an_end_that_comes_before_its_question_takes_nothing_away(
    long_chats: AppProcess, context: BrowserContext
) -> None:
    chat = await ChatPage.open(context, long_chats)
    assert await chat.page.evaluate(END_FIRST) == [2, 4]
    chat.check()
