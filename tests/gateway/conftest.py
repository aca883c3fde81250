"""The app in front of scripted servers, and keys to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import ollama
import openai
import pytest
import pytest_asyncio

from chatui.accounts.keys import KeyWish
from chatui.domain.people import AccountRole, KeyScope, Principal
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

SKILLED = ("completion", "tools", "vision", "insert", "embedding")
MODEL, THINKER = "llama3.2:1b", "qwen3:1.7b"
SCRIPT = OllamaScript(
    (ScriptedModel(MODEL, capabilities=SKILLED), ScriptedModel(THINKER, capabilities=(*SKILLED, "thinking")))
)


@dataclass(frozen=True)
class Place:
    """An address and the key to it."""

    url: str
    key: str | None

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"} if self.key else {}

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers=self.headers, timeout=200)

    @asynccontextmanager
    async def ollama(self) -> AsyncIterator[ollama.AsyncClient]:
        client = ollama.AsyncClient(self.url, headers=self.headers, timeout=200)
        try:
            yield client
        finally:
            await client._client.aclose()  # it has no close of its own in every version

    def openai(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(base_url=f"{self.url}/v1", api_key=self.key or "none", timeout=200, max_retries=0)


@dataclass(frozen=True)
class Gate:
    """A served app, the scripted Ollama behind it, and both as places that a program can ask."""

    home: House
    server: OllamaServer
    ada: Guest
    place: Place

    @property
    def direct(self) -> Place:
        return Place(self.server.url, None)

    async def key(
        self,
        guest: Guest,
        *scopes: KeyScope,
        most: int | None = None,
    ) -> Place:
        """Make somebody a key."""
        return await key_for(self.home, guest, *scopes, most=most)


async def key_for(home: House, guest: Guest, *scopes: KeyScope, most: int | None = None) -> Place:
    by = Principal(guest.user, "127.0.0.1")
    wish = KeyWish("test", frozenset(scopes or KeyScope), most=most)
    return Place(home.url, (await home.core.accounts.keys.create(by, wish)).token)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gate(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gate]:
    async with OllamaServer(SCRIPT) as server, house(tmp_path_factory.mktemp("data"), server.url, workers=1) as home:
        ada = await home.guest("Ada", AccountRole.ADMIN)
        yield Gate(home, server, ada, await key_for(home, ada))
