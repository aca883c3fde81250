"""What the app takes while nobody asks, and what people who only have it open add to that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import psutil

from benchmarks.footprint.starts import Started
from tests.support.app import COOKIE, tab

SETTLES_S = 5.0
MIB, KIB = 2**20, 2**10


@dataclass(frozen=True, slots=True)
class Idle:
    """Memory in MiB and the share of one core."""

    rss_mb: float
    cpu_share: float


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where the app is, and a session of it."""

    url: str
    cookie: str


async def idle(at: Started, seconds: float) -> Idle:
    """Watch a program that nobody uses, once it has come to rest."""
    await asyncio.sleep(SETTLES_S)
    share = await core_share(at.process.pid, seconds)
    return Idle(psutil.Process(at.process.pid).memory_info().rss / MIB, share)


async def core_share(pid: int, seconds: float) -> float:
    """Tell how much of one core a process takes over so many seconds."""
    process = psutil.Process(pid)
    before = process.cpu_times()
    await asyncio.sleep(seconds)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / seconds


async def growth(at: Started, cookies: Sequence[str]) -> tuple[float, float]:
    """Tell the KiB for each person who opens the page, then for one more tab of each."""
    process = psutil.Process(at.process.pid)
    await _visit(at.url, cookies[:5])
    async with AsyncExitStack() as stack:
        before = process.memory_info().rss
        await _visit(at.url, cookies)
        await _open(stack, at.url, cookies)
        with_people = process.memory_info().rss
        await _open(stack, at.url, cookies)
        with_tabs = process.memory_info().rss
    return (with_people - before) / len(cookies) / KIB, (with_tabs - with_people) / len(cookies) / KIB


async def _visit(url: str, cookies: Sequence[str]) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=60, base_url=url) as http:
        for cookie in cookies:
            page = await http.get("/", headers={"cookie": f"{COOKIE}={cookie}"})
            assert page.is_success, page.text


async def _open(stack: AsyncExitStack, url: str, cookies: Sequence[str]) -> None:
    for cookie in cookies:
        await stack.enter_async_context(tab(Entrance(url, cookie)))
