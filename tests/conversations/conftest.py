"""The services over a real database and the app's parts below them, with a server that answers at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from chatui.domain.people import User
from tests.support.assembly import Assembly, assembled
from tests.support.ollama_server import OllamaServer


@pytest_asyncio.fixture
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as server:
        yield server


@pytest_asyncio.fixture
async def parts(data: Path, ollama: OllamaServer) -> AsyncIterator[Assembly]:
    async with assembled(data, ollama.url) as assembly:
        yield assembly


@pytest.fixture
def ada(parts: Assembly) -> User:
    """Whoever asks in these tests."""
    return parts.user


@pytest_asyncio.fixture
async def ben(parts: Assembly) -> User:
    """Somebody else, to whom nothing of hers is there."""
    return await parts.person("ben")
