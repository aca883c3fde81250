"""One browser and one app with its built-in model, for every browser test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from chatui import core
from tests.browser.controls import controls_of, same
from tests.support.app import AppProcess, running_app
from tests.support.browser import chromium
from tests.support.forked import Forked
from tests.support.hands import Hands, data_in, followed


@pytest.fixture(scope="session")
def hands() -> Hands:
    return Hands()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(hands: Hands) -> AsyncIterator[Browser]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Browser, "new_context", followed(hands))
        async with chromium() as started:
            yield started


@pytest.fixture(autouse=True)
def does_what_the_table_says(
    request: pytest.FixtureRequest, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A test that is to use controls of the admin's pages does."""
    module = request.module.__name__.rpartition(".")[2]
    held_to = controls_of(f"{module}.{request.function.__name__}")
    if not held_to:
        yield
        return
    hands.watch()
    _count_starts(hands, monkeypatch)
    yield
    hands.is_watching = False
    did = set(map(same, hands.did))
    assert held_to.keys() - did == set()
    assert hands.has_restarted or not any(driven.lasts for driven in held_to.values())


def _count_starts(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    apart = Forked.start

    async def start_core(settings: Any, stack: Any) -> Any:
        hands.started.append(settings.data)
        return await core.start_core(settings, stack)

    async def start(arguments: Any, *options: Any, **named: Any) -> Any:
        hands.started.append(data_in(arguments))
        return await apart(arguments, *options, **named)

    monkeypatch.setattr("tests.support.house.start_core", start_core)
    monkeypatch.setattr(Forked, "start", start)


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
