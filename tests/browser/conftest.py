"""One browser and one app with its built-in model, for every browser test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from tests.support.app import AppProcess, running_app
from tests.support.browser import chromium


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    async with running_app(
        tmp_path_factory.mktemp("data"), "--workers", "2", "--answer-tokens", "160", "--queued-per-person", "50"
    ) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    fresh = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield fresh
    await fresh.close()
