"""Sharing a chat in a real browser: made and taken back by one, read along by another, gone on with as a copy."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, WebSocketRoute, expect

from chatui.domain.people import AccountRole
from tests.support.browser import LIMIT_MS, ChatPage
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer

SUGAR: FilePayload = {"name": "sugar.txt", "mimeType": "text/plain", "buffer": b"two lumps"}
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def home(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("data"), ollama.url) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def ana(home: House) -> Guest:
    return await home.guest("Ana", AccountRole.ADMIN)


@asynccontextmanager
async def at(browser: Browser, guest: Guest, address: str = "") -> AsyncIterator[ChatPage]:
    """The page as somebody has it, in a browser of their own."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(LIMIT_MS)
    chat = ChatPage(await context.new_page())
    await context.add_cookies([{"name": "samovar", "value": guest.cookie, "url": guest.url, "sameSite": "Lax"}])
    chat.page.on("pageerror", lambda error: chat.faults.append(f"threw {error}"))
    chat.page.on("console", chat._heard)
    await chat.page.goto(address or guest.url)
    await chat.page.wait_for_selector("#transcript", state="attached")
    yield chat
    chat.check()
    await context.close()


async def share(chat: ChatPage) -> str:
    """Share what is shown; tells the link."""
    await chat.page.get_by_role("button", name="Share with the team").click()
    await chat.page.get_by_role("button", name="Share", exact=True).click()
    link = await chat.page.get_by_role("textbox", name="Link").input_value()
    await chat.page.keyboard.press("Escape")
    return link


async def test_a_colleague_reads_along_while_it_is_written_until_it_is_taken_back(
    home: House, browser: Browser, ana: Guest, ollama: OllamaServer
) -> None:
    eve = await home.guest("Eve", AccountRole.VIEWER)
    async with at(browser, ana) as hers:
        ollama.gate.clear()
        await hers.ask("tokens=8 how much tea?")
        await expect(hers.answers.last.locator(".answer-text")).not_to_be_empty()
        link = await share(hers)
        await expect(hers.page.get_by_role("button", name="Shared with the team")).to_be_visible()
        async with at(browser, eve) as other:
            await other.page.get_by_role("link", name=re.compile("how much tea")).click()
            await expect(other.page).to_have_url(link)
            await expect(other.page.get_by_text("Ana shares this chat.")).to_be_visible()
            await expect(other.answers.last.locator(".answer-text")).not_to_be_empty()
            await expect(other.box).to_be_hidden()
            await expect(other.page.get_by_role("button", name="Go on in a copy")).to_be_hidden()
            await other.page.keyboard.press("Escape")  # which would stop one's own
            ollama.gate.set()
            assert await other.answered() == "complete"
            assert await hers.answered() == "complete"
            assert await other.answer_text() == await hers.answer_text()
            await expect(other.page.get_by_role("button", name="Good answer")).to_have_count(0)
            await expect(other.page.get_by_role("button", name="Ask in other words")).to_have_count(0)
            await hers.page.get_by_role("button", name="Shared with the team").click()
            await hers.page.get_by_role("button", name="Stop sharing").click()
            await expect(other.page.get_by_text("This chat is no longer shared.")).to_be_visible()
            await expect(other.questions).to_have_count(0)
            await other.page.goto(link)
            await other.page.wait_for_selector("#transcript", state="attached")
            await expect(other.page.get_by_text("You can read what the team shares")).to_be_visible()


async def test_a_copy_is_gone_on_with_beside_the_original(home: House, browser: Browser, ana: Guest) -> None:
    ben = await home.guest("Ben")
    async with at(browser, ana) as hers, at(browser, ben) as other:
        await hers.page.locator("input[type=file]").set_input_files(SUGAR)
        await expect(hers.page.locator(".chip[data-state=kept]")).to_have_count(1)
        await hers.ask("tokens=3 how much sugar?")
        await hers.answered()
        link = await share(hers)
        await other.page.get_by_role("button", name="Shared chats").click()
        await other.page.get_by_role("link", name=re.compile("how much sugar")).click()
        await expect(other.page).to_have_url(link)
        await other.page.get_by_role("button", name="Go on in a copy of your own").click()
        await expect(other.page.get_by_text("This copy is your own")).to_be_visible()
        await expect(other.questions).to_have_count(1)
        async with other.page.expect_download() as saving:
            await other.questions.first.get_by_role("link", name="sugar.txt").click()
        assert (await (await saving.value).path()).read_bytes() == SUGAR["buffer"]
        await other.ask("tokens=3 and milk?")
        await expect(other.questions).to_have_count(2)
        await expect(hers.questions).to_have_count(1)


async def test_the_menu_of_a_conversation_shares_it_too(browser: Browser, ana: Guest) -> None:
    async with at(browser, ana) as hers:
        await hers.ask("tokens=3 from the menu")
        await hers.answered()
        row = hers.page.locator("#conversations .row").filter(has_text="from the menu")
        await row.get_by_role("button").click()
        await hers.page.get_by_role("menuitem", name="Share with the team").click()
        await hers.page.get_by_role("button", name="Share", exact=True).click()
        await expect(hers.page.get_by_role("textbox", name="Link")).to_have_value(re.compile(r"\?c="))
        await hers.page.keyboard.press("Escape")
        await expect(row.locator(".icon-people")).to_be_visible()


async def test_what_a_colleague_shares_is_not_weighed_while_it_comes(home: House, browser: Browser, ana: Guest) -> None:
    cleo = await home.guest("Cleo")
    async with at(browser, ana) as hers:
        await hers.ask("tokens=3 with sugar?")
        await hers.answered()
        link = await share(hers)
    held: asyncio.Queue[tuple[WebSocketRoute, str | bytes]] = asyncio.Queue()
    said: list[str] = []

    def between(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def speak(frame: str | bytes) -> None:
            said.append(json.loads(frame)["t"])
            server.send(frame)

        def hear(frame: str | bytes) -> None:
            if json.loads(frame)["t"] == "conversation":
                held.put_nowait((page, frame))
            else:
                page.send(frame)

        page.on_message(speak)
        server.on_message(hear)

    async with at(browser, cleo) as his:
        await his.page.context.route_web_socket("**/live", between)
        await his.page.clock.install()
        await his.page.goto(link)
        await expect(his.page.locator(".picker-button")).to_be_enabled()
        page, frame = await asyncio.wait_for(held.get(), 60)
        await his.page.clock.run_for(5_000)
        assert "weigh" not in said
        page.send(frame)
        await expect(his.page.get_by_text("Ana shares this chat")).to_be_visible()
        await his.page.clock.run_for(5_000)
        assert "weigh" not in said
