"""Conversations are imported by a file that is sent to the running app, and at the console beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from chatui.conversations.importing.archive import LONGEST_FILE
from tests.acceptance.test_account_commands import command
from tests.support.app import COOKIE, AppProcess, running_app, tab
from tests.support.exports import as_archive, as_bytes, tea, webui_chat
from tests.support.ollama_server import OllamaServer

ADDED = "Conversations imported: {}."


async def imported(http: httpx.AsyncClient, sent: bytes) -> str:
    """Send a file, and wait for the page that tells what became of it."""
    answer = await http.post("/account/import", files={"file": ("export.json", sent)})
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    async with asyncio.timeout(60):
        while True:
            page = (await http.get("/account/import")).text
            if "data-busy" not in page:
                return page
            await asyncio.sleep(0.05)


async def status_line(app: AppProcess, length: int) -> str:
    """What is answered to a file that is said to have so many bytes, before any of them."""
    where = urlsplit(app.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = ["POST /account/import HTTP/1.1", f"Host: {where.netloc}", f"Cookie: {COOKIE}={app.cookie}"]
    writer.write("\r\n".join([*head, f"Content-Length: {length}", "", ""]).encode())
    line = (await reader.readline()).decode()
    writer.close()
    await writer.wait_closed()
    return line


def browser_of(app: AppProcess) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60)


async def test_a_file_that_is_sent_becomes_conversations(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url) as app,
        browser_of(app) as http,
        tab(app) as client,
    ):
        page = await imported(http, as_archive(conversations__json=as_bytes([tea(), 7])))
        assert ADDED.format(1) in page
        assert "Left out: 1 (of no known kind: 1)." in page
        listed = await client.until(lambda frame: frame["t"] == "conversations" and frame["items"])
        assert [item["title"] for item in listed["items"]] == ["About tea"]
        assert "There already: 1." in await imported(http, as_bytes([tea()]))
        assert "Nothing was imported." in await imported(http, as_bytes([webui_chat("heat")])[:-5])
        assert "Choose a file first." in (await http.post("/account/import", data={})).text
        assert "Choose a file first." in (await http.post("/account/import", data={"file": "x"})).text
        assert " 413 " in await status_line(app, LONGEST_FILE * 2)
        ending = (await http.get("/conversations/" + listed["items"][0]["id"] + "/export?as=json")).json()
        assert len(ending["messages"]) == 5


async def test_an_admin_imports_for_somebody_at_the_console(tmp_path: Path) -> None:
    chats, wrong = tmp_path / "chats.json", tmp_path / "wrong.zip"
    chats.write_bytes(as_bytes([webui_chat("heat"), webui_chat("cold")]))
    wrong.write_bytes(b"PK\x03\x04?")
    async with OllamaServer() as ollama, running_app(tmp_path / "data", "--backend", ollama.url):
        data = tmp_path / "data"
        assert await command(data, "import", "--for", "Ana", str(chats)) == (0, ADDED.format(2))
        again = (0, f"{ADDED.format(0)} There already: 2.")
        assert await command(data, "import", "--for", "Ana", str(chats)) == again
        for arguments in (("Ana", str(wrong)), ("Ana", str(tmp_path / "nowhere")), ("Nobody", str(chats))):
            status, said = await command(data, "import", "--for", *arguments)
            assert (status, len(said.splitlines())) == (1, 1), said
    assert await command(data, "import", "--for", "Ana", str(chats)) == again
