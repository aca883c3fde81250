"""Which models the fleet finds, and which of them it offers for chats."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chatui.backends.addresses import parse_backend
from chatui.backends.factory import BackendFactory
from chatui.backends.registry import Registry
from chatui.domain.errors import NoModel
from chatui.domain.messages import ModelName
from chatui.operations.fleet import Fleet
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

MODELS = (ScriptedModel("Embed:latest", capabilities=("embedding",)), ScriptedModel("talk:1b"))


@pytest_asyncio.fixture
async def fleet() -> AsyncIterator[Fleet]:
    async with OllamaServer(OllamaScript(MODELS)) as server:
        registry = Registry(BackendFactory(embedded=None), [parse_backend(f"ollama={server.url}")])
        await registry.start()
        yield Fleet(registry, lambda _: 4096, lambda: 0.0)
        await registry.aclose()


async def test_models_that_only_embed_are_not_offered_for_chats(fleet: Fleet) -> None:
    assert [model.name for model in fleet.models()] == ["talk:1b"]
    assert [model.name for model in fleet.all_models()] == ["Embed:latest", "talk:1b"]
    assert fleet.default() == "talk:1b"


async def test_a_model_is_found_as_ollama_finds_it(fleet: Fleet) -> None:
    for name in ("embed", "Embed", "EMBED:latest", "Embed:Latest"):
        assert fleet.choose(ModelName(name)) == "Embed:latest"
    with pytest.raises(NoModel):
        fleet.choose(ModelName("talk"))
