"""Finding backends and knowing what they have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from chatui.backends.addresses import BackendAddress, parse_backend
from chatui.backends.base import BackendKind, Deadlines
from chatui.backends.embedded import embedded_config
from chatui.backends.factory import BackendFactory
from chatui.backends.registry import Origin, Registry
from chatui.backends.ssrf import Reach
from chatui.backends.zones import Zone
from chatui.domain.messages import ModelName
from tests.support.fault_server import Fault, error_reply, fault_server, refused_url, reply, stall_after
from tests.support.faulty_ollama import MODEL, FaultyOllama
from tests.support.http_server import HttpRequest
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel
from tests.support.openai_server import OpenAIScript, OpenAIServer

WITHOUT_EMBEDDED = BackendFactory(Deadlines(), embedded=None)
WITH_LOOPBACK = replace(WITHOUT_EMBEDDED, added=Reach(frozenset({Zone.LOOPBACK})))
WITH_EMBEDDED = BackendFactory(embedded=embedded_config(slots=1, num_ctx=512))


def name_of(url: str) -> str:
    return urlsplit(url).netloc


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


@asynccontextmanager
async def started(
    *texts: str,
    factory: BackendFactory = WITHOUT_EMBEDDED,
    **options: Any,
) -> AsyncGenerator[Registry, None]:
    options.setdefault("default_ollama", BackendAddress(refused_url(), BackendKind.OLLAMA))
    registry = Registry(factory, [parse_backend(text) for text in texts], **options)
    async with aclosing(registry):
        await registry.start()
        yield registry


async def test_the_kind_of_each_url_is_found_out() -> None:
    async with OllamaServer() as ollama, OpenAIServer() as openai, started(ollama.url, openai.url) as registry:
        first, second = registry.statuses()

        assert registry.origin is Origin.FLAG
        assert (first.kind, first.ok, first.version) == (BackendKind.OLLAMA, True, "0.33.0")
        assert (second.kind, second.ok, second.error) == (BackendKind.OPENAI, True, None)
        assert [model.name for model in first.models] == ["llama3.2:1b", "qwen3:1.7b"]
        assert [model.name for model in second.loaded] == ["small", "thinking-small"]


class Sparing(FaultyOllama):
    """Has models and answers, and tells neither its version nor what is loaded."""

    def next_fault(self, request: HttpRequest) -> Fault:
        return (
            error_reply(404, "not found")
            if request.path in {"/api/version", "/api/ps"}
            else super().next_fault(request)
        )


@pytest.mark.parametrize("kind", ["", "ollama="])
async def test_an_ollama_that_tells_little_of_itself_is_one(kind: str) -> None:
    server = Sparing()
    await server.start()
    try:
        async with started(f"{kind}{server.url}") as registry:
            (status,) = registry.statuses()
    finally:
        await server.kill()

    assert (status.kind, status.ok, status.version, status.loaded) == (BackendKind.OLLAMA, True, None, ())
    assert [model.name for model in status.models] == [MODEL]


async def test_a_kind_that_is_given_is_not_asked_for() -> None:
    async with OllamaServer() as server, started(f"openai={server.url}") as registry:
        status = registry.statuses()[0]

    assert status.kind is BackendKind.OPENAI
    assert not status.ok
    assert status.error


async def test_a_url_that_does_not_answer_stays_until_it_comes() -> None:
    url = refused_url()
    async with started(url) as registry:
        waiting = registry.statuses()[0]
        seen = registry.version
        assert (waiting.kind, waiting.ok, waiting.url) == (None, False, url)
        assert registry.backend(name_of(url)) is None

        server = OllamaServer()
        await server.start(port_of(url))
        async with aclosing(server):
            await registry.check()

        assert registry.statuses()[0].kind is BackendKind.OLLAMA
        assert registry.version > seen
        assert registry.backend(name_of(url)) is not None


@pytest.mark.parametrize(
    "fault",
    [reply(200, b"<html></html>", "text/html"), reply(404, b"nothing here", "text/plain"), reply(200, b"{}")],
    ids=["a page", "404", "another API"],
)
async def test_a_server_of_neither_kind_is_told(fault: Any) -> None:
    async with fault_server(fault) as (url, _), started(url) as registry:
        status = registry.statuses()[0]

    assert status.kind is None
    assert not status.ok
    assert status.error


async def test_a_check_does_not_wait_for_a_server_that_hangs() -> None:
    limit = timedelta(seconds=2)
    async with (
        fault_server(stall_after(b"")) as (hanging, _),
        OllamaServer() as ollama,
        started(hanging, ollama.url, check_limit=limit, first_check_limit=limit) as registry,
    ):
        await registry.check()
        slow, quick = registry.statuses()

    assert slow.error == "no answer within 2 s"
    assert quick.ok


async def test_a_server_that_goes_keeps_its_models_and_comes_back() -> None:
    model = ModelName("llama3.2:1b")
    async with OllamaServer() as other, started(other.url, factory=WITH_LOOPBACK) as registry:
        server = OllamaServer()
        await registry.add(BackendAddress(await server.start()))
        await server.aclose()
        await registry.check()

        stays, gone = registry.statuses()
        assert stays.ok
        assert not gone.ok
        assert gone.models == stays.models
        assert [backend.name for backend in registry.backends_for(model)] == [stays.name, gone.name]
        assert len(registry.models()) == 2

        back = OllamaServer()
        await back.start(port_of(server.url))
        async with aclosing(back):
            await registry.check()
            assert all(status.ok for status in registry.statuses())


async def test_the_version_moves_only_when_something_visible_does() -> None:
    async with OllamaServer() as server, started(server.url) as registry:
        seen = registry.version
        await registry.check()
        assert registry.version == seen

        server.models["new:1b"] = ScriptedModel("new:1b")
        await registry.check()
        assert registry.version == seen + 1


async def test_models_of_several_backends_are_merged() -> None:
    script = OllamaScript(models=(ScriptedModel("shared:1b"), ScriptedModel("only:latest")))
    async with (
        OllamaServer(script) as ollama,
        OpenAIServer(OpenAIScript(models=("shared:1b", "other"))) as openai,
        started(ollama.url, openai.url) as registry,
    ):
        assert [model.name for model in registry.models()] == ["shared:1b", "only:latest", "other"]
        assert len(registry.backends_for(ModelName("shared:1b"))) == 2
        assert [backend.url for backend in registry.backends_for(ModelName("only"))] == [ollama.url]  # type: ignore[attr-defined]
        assert registry.backends_for(ModelName("absent")) == []


async def test_backends_come_and_go_at_run_time() -> None:
    async with (
        OllamaServer() as first,
        OpenAIServer() as second,
        started(first.url, factory=WITH_LOOPBACK) as registry,
    ):
        status = await registry.add(parse_backend(second.url))
        assert (status.kind, status.ok) == (BackendKind.OPENAI, True)
        with pytest.raises(ValueError, match="already"):
            await registry.add(parse_backend(second.url))

        seen = registry.version
        await registry.remove(status.name)
        await registry.remove("never-there")
        assert [left.name for left in registry.statuses()] == [name_of(first.url)]
        assert registry.version == seen + 1
        assert registry.backend(status.name) is None


async def test_the_same_url_twice_is_one_backend() -> None:
    async with OllamaServer() as server, started(server.url, f"{server.url}/") as registry:
        assert len(registry.statuses()) == 1


async def test_ollama_host_is_used_when_there_is_no_flag() -> None:
    async with OllamaServer() as server:
        async with started(ollama_host=name_of(server.url)) as registry:
            assert registry.origin is Origin.OLLAMA_HOST
            assert registry.statuses()[0].ok
        async with OpenAIServer() as other, started(other.url, ollama_host=name_of(server.url)) as registry:
            assert registry.origin is Origin.FLAG
            assert [status.url for status in registry.statuses()] == [other.url]


async def test_an_ollama_on_its_default_port_is_found() -> None:
    async with OllamaServer() as server:
        default = BackendAddress(server.url, BackendKind.OLLAMA)
        async with started(factory=WITH_EMBEDDED, default_ollama=default) as registry:
            assert registry.origin is Origin.DEFAULT_PORT
            assert [status.kind for status in registry.statuses()] == [BackendKind.OLLAMA]


async def test_without_ollama_and_without_a_model_of_its_own_it_waits_for_ollama() -> None:
    async with started() as registry:
        assert registry.origin is Origin.DEFAULT_PORT
        assert [status.ok for status in registry.statuses()] == [False]
        assert registry.models() == []


async def test_the_embedded_model_answers_until_ollama_comes_and_stays() -> None:
    url = refused_url()
    default = BackendAddress(url, BackendKind.OLLAMA)
    async with started(factory=WITH_EMBEDDED, default_ollama=default) as registry:
        assert str(registry.origin) == "embedded"
        assert [(status.name, status.ok) for status in registry.statuses()] == [("embedded", True)]
        assert [model.name for model in registry.models()] == ["smollm2:135m"]

        server = OllamaServer()
        await server.start(port_of(url))
        async with aclosing(server):
            await registry.check()
            assert [status.name for status in registry.statuses()] == ["embedded", name_of(url)]
            assert all(status.ok for status in registry.statuses())
        origin: str = registry.origin
        assert origin == "default port"


async def test_the_loop_checks_again_and_again() -> None:
    async with OllamaServer() as server, started(server.url) as registry:
        running = asyncio.create_task(registry.run(timedelta(milliseconds=1)))
        server.models["new:1b"] = ScriptedModel("new:1b")
        asked = len(server.requests)
        await server.until(lambda: len(server.requests) > asked + 6)
        running.cancel()
        await asyncio.wait({running})

        assert "new:1b" in {model.name for model in registry.models()}


async def test_a_bad_ollama_host_is_told() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        async with started(ollama_host="host:port"):
            raise AssertionError("it started")
