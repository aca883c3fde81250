"""A served app with a scripted server behind it, who runs it, and a member."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from chatui.domain.people import AccountRole
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer


@pytest_asyncio.fixture
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as server:
        yield server


@pytest_asyncio.fixture
async def home(ollama: OllamaServer, tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, ollama.url, workers="1") as served:
        yield served


@pytest_asyncio.fixture
async def ana(home: House) -> Guest:
    """Who runs the app."""
    return await home.guest("Ana", AccountRole.ADMIN)


@pytest_asyncio.fixture
async def eve(home: House) -> Guest:
    return await home.guest("Eve")
