"""Programs from the command to their first page, each in a process of its own."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.processes import ROOT, end
from chatui.accounts.accounts import open_accounts
from chatui.accounts.changes import Visit
from chatui.accounts.keys import KeyWish
from chatui.domain.people import KeyScope, Principal
from storage.database import Database
from tests.support.app import ADMIN, COOKIE, PASSWORD, clean_environment

GRADIO = (sys.executable, "-m", "benchmarks.footprint.bare_gradio")
WITHIN_S = 180


@dataclass(frozen=True, slots=True)
class Entry:
    """What one enters a data directory's app with: a session's token for the browser, a key for programs."""

    session: str
    key: str


@dataclass(frozen=True)
class Started:
    """A program that serves its page: how long that took from the command, in the processor's seconds, too."""

    process: Process
    url: str
    began: float
    seconds: float
    processor_s: float


async def settle(data: Path) -> Entry:
    """Make a data directory with its admin, who is signed in."""
    database = await Database.open(data)
    try:
        accounts = await open_accounts(database, database.clocks, database.erase_deleted)
        try:
            admin = await accounts.service.create_admin(ADMIN, PASSWORD)
            session = (await accounts.service.sign_in(ADMIN, PASSWORD, Visit("127.0.0.1"))).token
            wish = KeyWish("benchmark", frozenset({KeyScope.ASK}))
            return Entry(session, (await accounts.keys.create(Principal(admin, "console"), wish)).token)
        finally:
            await accounts.close()
    finally:
        await database.close()


def ours(data: Path, *flags: str) -> Sequence[str]:
    """The command of the app."""
    return (sys.executable, "app.py", "--port", "0", "--data", str(data), *flags)


@asynccontextmanager
async def started(command: Sequence[str], entry: Entry | None = None) -> AsyncIterator[Started]:
    """A program that says on a line where it serves, once its page is there; ended at the end of the block."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=clean_environment(), stdout=PIPE)
    try:
        async with asyncio.timeout(WITHIN_S):
            url = await _address(process)
            await _page(url, {COOKIE: entry.session} if entry else {})
        seconds, times = time.perf_counter() - began, psutil.Process(process.pid).cpu_times()
        yield Started(process, url, began, seconds, times.user + times.system)
    finally:
        await end(process)


async def _address(process: Process) -> str:
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        if " on http://" in line or line.startswith("on http://"):
            return line.split()[-1].rstrip("/")
    raise AssertionError("what was started ended before it served")


async def _page(url: str, cookies: Mapping[str, str]) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_S, cookies=dict(cookies)) as http:
        page = await http.get(f"{url}/")
        assert page.is_success, page.text
        assert "<gradio-app" in page.text


async def first_answer(at: Started, entry: Entry) -> float:
    """Ask the built-in model; tells the seconds from the command to the end of a short answer."""
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_S, base_url=at.url) as http:
        headers = {"authorization": f"Bearer {entry.key}"}
        question = {"role": "user", "content": "Say hello."}
        body: dict[str, Any] = {"model": "smollm2:135m", "messages": [question], "stream": False}
        answer = await http.post("/api/chat", json=body | {"options": {"num_predict": 16}}, headers=headers)
        assert answer.is_success, answer.text
    return time.perf_counter() - at.began
