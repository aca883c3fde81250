"""Texts that try to do harm, on every way into the page, in a real browser: nothing runs, leaks, or covers the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from sqlmodel import Session

from chatui.backends.wire import as_label
from chatui.web.live_answer import LiveAnswer
from chatui.web.markdown import Markdown
from storage.accounts import ensure_account
from storage.attachments import add_attachment, attach
from storage.conversations import create_conversation, set_leaf, touch
from storage.database import Database
from storage.groups import add_group
from storage.messages import add_message
from storage.tables import Account, AccountSession, Attachment, Group, Message, MessageState
from tests.support.app import AppProcess, running_app, tab
from tests.support.browser import ChatPage
from tests.support.diagrams import DIAGRAMS
from tests.support.echo_ollama import VOICES, echo_ollama
from tests.support.harm import DEEDS, Harm
from tests.support.payloads import KINDS, PAYLOADS

pytestmark = [pytest.mark.browser, pytest.mark.broad, pytest.mark.asyncio(loop_scope="session")]
NAMES = [payload for payload in PAYLOADS if as_label(payload)]  # what a model may be called
SHOWN = 25  # questions with their answers, of a conversation that is opened
OWNER = "local"
Way = Callable[[AppProcess, ChatPage], Awaitable[None]]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def echoing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    """An app whose models repeat what they are asked, and are called like the payloads."""
    data, flags = tmp_path_factory.mktemp("echo"), ("--workers", "1", "--retries", "0")
    await keep_all(data)
    async with echo_ollama(*VOICES, *PAYLOADS) as ollama, running_app(data, "--backend", ollama.url, *flags) as app:
        yield app


async def keep_all(data: Path) -> None:
    """Keep every payload in every column that comes from people or from models, as an older version might have."""
    database = await Database.open(data)
    await database.write(partial(keep_people, at=database.clocks.now()))
    for at in range(0, len(PAYLOADS), SHOWN):
        await database.write(partial(keep, payloads=PAYLOADS[at : at + SHOWN], at=database.clocks.now()))
    await database.close()


def keep_people(session: Session, at: datetime) -> None:
    # The first admin takes over the account of an older version's one person, and what it has.
    owner = ensure_account(session, OWNER, "admin", at)
    session.add_all([Account(name=payload, created_at=at) for payload in PAYLOADS])
    for number, (first, *_) in enumerate(KINDS.values()):
        add_group(session, Group(name=first, models=[first], created_at=at))
        seen: dict[str, Any] = {"created_at": at, "used_at": at, "address": first, "device": first}
        session.add(AccountSession(account_id=owner.id, token_hash=str(number), **seen))


def keep(session: Session, payloads: Sequence[str], at: datetime) -> None:
    owner = ensure_account(session, OWNER, "admin", at)
    places = [create_conversation(session, owner.id, payload, at, payload) for payload in payloads]
    leaf: UUID | None = None
    for payload in payloads:
        said = partial(Message, conversation_id=places[0].id, content=payload, created_at=at)
        question = add_message(session, said(role="user", parent_id=leaf))
        file = partial(Attachment, account_id=owner.id, conversation_id=places[0].id, kind="text", text=payload)
        for sent in (True, False):
            brought = file(name=payload, media_type="text/plain", size=3, tokens=5, data=b"tea", created_at=at)
            add_attachment(session, brought)
            attach(session, question.id, places[0].id, [brought.id] if sent else [])
        failed = partial(said, state=MessageState.FAILED, error_code="unknown", error_detail=payload)
        answer = failed(role="assistant", parent_id=question.id, thinking=payload, model=payload)
        leaf = add_message(session, answer).id
    assert leaf is not None
    set_leaf(session, owner.id, places[0].id, leaf)
    touch(session, owner.id, places[0].id, at + timedelta(days=1))  # to the top of the list


@asynccontextmanager
async def watched(browser: Browser, app: AppProcess) -> AsyncIterator[tuple[ChatPage, Harm]]:
    """A page of the app, and what harm is done in it."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    harm = await Harm.watch(context, app.url)
    yield await ChatPage.open(context, app), harm
    await context.close()


async def test_there_are_enough() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 200


async def test_the_watcher_sees_what_it_is_there_for(echoing: AppProcess, browser: Browser) -> None:
    async with watched(browser, echoing) as (chat, harm):
        for found, deed in DEEDS.items():
            await chat.page.evaluate(deed)
            async with asyncio.timeout(60):
                # A violation, a dialog or a request is told in a task of its own, soon or late.
                while not any(seen.startswith(found) for seen in await harm.done(chat.page)):
                    await chat.page.evaluate("new Promise(setTimeout)")


async def test_wherever_a_stream_is_cut(echoing: AppProcess, browser: Browser) -> None:
    async with watched(browser, echoing) as (chat, harm):
        await chat.page.evaluate(PLAYER)
        for kind, payloads in KINDS.items():
            # Rendered at each letter, and with letters appended as they came in between.
            plays = [pieces_of(payload, step_s) for payload in payloads for step_s in (1.0, 0.06)]
            assert await chat.page.evaluate("window.play", plays) == [], kind
            assert await harm.done(chat.page) == [], kind
        chat.check()


PLAYER = """async () => {
  const { Body } = await import("/ui/body.js");

  const play = async pieces => {
    const body = new Body({ copy: "Copy", copied: "Copied" });
    const article = document.createElement("article");
    article.append(body.root);
    document.getElementById("transcript").append(article);
    for (const [blocks, tail, append] of pieces) {
      body.extend(blocks, tail, append);
      await null; // the watcher looks in between
    }
  };

  /** What a browser reads in another way when it reads what it wrote: the soil of mutations. */
  const changes = html => {
    const once = document.createElement("template"), twice = document.createElement("template");
    once.innerHTML = html;
    twice.innerHTML = once.innerHTML;
    return once.innerHTML !== twice.innerHTML;
  };

  window.play = async plays => {
    document.getElementById("transcript").replaceChildren();
    for (const pieces of plays) await play(pieces);
    return plays.flat().flatMap(([blocks, tail]) => [...blocks, tail ?? ""]).filter(changes);
  };
}"""


def pieces_of(text: str, step_s: float) -> list[tuple[Sequence[str], str | None, str]]:
    """What a tab gets of an answer that grows letter by letter, or in a hundred steps when it is long."""
    live, cursor = LiveAnswer(Markdown()), None
    pieces = list[tuple[Sequence[str], str | None, str]]()
    for number, end in enumerate([*range(0, len(text), 1 + len(text) // 100), len(text)], 1):
        live.follow(text[:end], "", number * step_s)
        piece = live.since(cursor)
        cursor = piece.cursor
        pieces.append((piece.blocks, piece.tail, piece.append))
    return pieces


async def messages(app: AppProcess, chat: ChatPage) -> None:
    """As questions, and as answers while they stream, of models with such names."""
    async with tab(app) as client:
        for number, text in enumerate(together(), 1):
            await client.ask(text, client.conversation, NAMES[number])
            await client.until(lambda frame: frame["t"] == "asked")
            if number == 1:
                await chat.page.goto(f"{app.url}/?c={client.conversation}")
            await expect(chat.answers).to_have_count(number)
            await chat.answered()


def together() -> list[str]:
    """The payloads in as few messages as can be: what would swallow others stands alone."""
    texts = list[str]()
    for kind, payloads in KINDS.items():
        at_once = 1 if kind == "blocks" else 8
        texts += ["\n\n".join(payloads[at : at + at_once]) for at in range(0, len(payloads), at_once)]
    return texts


async def records(_: AppProcess, chat: ChatPage) -> None:
    """As whatever is kept and shown again: titles, questions, answers, thoughts, errors, models."""
    await chat.conversations.last.wait_for(state="attached")
    assert await chat.page.evaluate(WALK) >= 2 * len(PAYLOADS)


WALK = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const links = () => [...document.querySelectorAll("#conversations a")];
  while (links().length < 200) {
    document.querySelector("#conversations .list-button").click();
    for (const before = links().length; links().length === before; ) await frame();
  }
  const transcript = document.getElementById("transcript");
  let messages = 0;
  for (const link of links().filter((_, index) => index < 10 || index % 10 === 0)) {
    link.click();
    const older = () => transcript.querySelector(".older");
    for (; transcript.getAttribute("aria-busy") === "true" || older(); await frame()) older()?.click();
    messages += transcript.querySelectorAll("article").length;
  }
  return messages;
}"""


async def files(_: AppProcess, chat: ChatPage) -> None:
    """As names of files that are brought along, and as what is in them."""
    names = [first for first, *_ in KINDS.values()][:10]
    await chat.page.evaluate(BRING, names)
    await expect(chat.page.locator(".composer .chip[data-state=kept]")).to_have_count(len(names))
    await chat.ask("What are these?")
    await chat.answered()
    assert await chat.questions.locator("a.chip").count() == len(names)


BRING = """names => {
  const carried = new DataTransfer();
  for (const name of names) carried.items.add(new File([name], name, { type: "text/html" }));
  const paste = new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true });
  document.querySelector(".composer textarea").dispatchEvent(paste);
}"""


async def models(_: AppProcess, chat: ChatPage) -> None:
    """As names of the models that a server lists, some of them chosen."""
    await chat.page.locator("#models [role=option]").last.wait_for(state="attached")
    await chat.page.evaluate(CHOOSE)


CHOOSE = """async () => {
  const count = document.querySelectorAll("#models [role=option]").length;
  for (let index = 0; index < count; index += 10) {
    document.querySelector(".picker-button").click();
    document.getElementById(`model-${index}`).click();
    await new Promise(requestAnimationFrame);
  }
  if (count < 150) throw new Error(`only ${count} models`);
}"""


async def people(app: AppProcess, chat: ChatPage) -> None:
    """As names of people and groups, and as what somebody's browser calls itself."""
    for path in ("/account", "/admin/groups", "/admin/people/audit", "/admin/people"):
        await chat.page.goto(app.url + path)
    names = await chat.page.locator("li.person .what").all_inner_texts()
    assert len(names) > len(PAYLOADS)


@pytest.mark.parametrize("way", [messages, records, files, models, people])
async def test_nothing_happens_on_any_way_into_the_page(echoing: AppProcess, browser: Browser, way: Way) -> None:
    async with watched(browser, echoing) as (chat, harm):
        await way(echoing, chat)
        assert await harm.done(chat.page) == []
        await chat.page.reload()
        await chat.page.wait_for_selector("#conversations a, li.person", state="attached")
        assert await harm.done(chat.page) == []
        chat.check()


DECIDED = """count => {
  const blocks = [...document.querySelectorAll('pre[data-language="mermaid"]')];
  const open = blocks.filter(block => !block.matches("[data-drawn], :has(> .diagram-note:not([hidden]))"));
  open[0]?.scrollIntoView();
  return blocks.length === count && open.length === 0;
}"""


async def test_nothing_happens_while_diagrams_are_drawn(echoing: AppProcess, browser: Browser) -> None:
    async with watched(browser, echoing) as (chat, harm):
        drawn = 0
        for at in range(0, len(DIAGRAMS), 8):
            diagrams = [f"```mermaid\n{diagram}\n```" for diagram in DIAGRAMS[at : at + 8]]
            async with tab(echoing) as client:
                await client.ask("\n\n".join(diagrams), None, VOICES[0])
                await client.until(lambda frame: frame["t"] == "asked")
            await chat.page.goto(f"{echoing.url}/?c={client.conversation}")
            await chat.answered()
            await chat.page.wait_for_function(DECIDED, arg=len(diagrams))
            drawn += await chat.page.locator("pre[data-drawn]").count()
            assert await harm.done(chat.page) == []
        assert drawn >= len(DIAGRAMS) // 2
        chat.check()
