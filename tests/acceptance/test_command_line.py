"""What a person at a console meets: one clear line, and a status that scripts can trust."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.app import ROOT, clean_environment, run_to_end, running_app, tab
from tests.support.ollama_server import OllamaServer


def one_line(output: str) -> str:
    lines = output.strip().splitlines()
    assert len(lines) == 1, output
    return lines[0]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--nope"], "unrecognized arguments: --nope"),
        (["--port", "99999"], "--port '99999'"),
        (["--port", "web"], "--port 'web'"),
        (["--workers", "none"], "--workers 'none'"),
        (["--host", "192.0.2.1"], "cannot be used"),
        (["--backend", "ftp://model"], "--backend"),
    ],
)
async def test_a_wrong_flag_is_one_line(tmp_path: Path, flags: list[str], said: str) -> None:
    status, output = await run_to_end("--data", str(tmp_path), "--port", "0", *flags)
    assert status == 1
    assert said in one_line(output)


async def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, output = await run_to_end("--data", str(tmp_path), "--port", str(port))
    assert status == 1
    assert f"127.0.0.1:{port} cannot be used" in one_line(output)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("")
    return path


async def test_a_data_directory_that_is_a_file_is_one_line(file: Path) -> None:
    status, output = await run_to_end("--data", str(file), "--port", "0")
    assert status == 1
    assert "data directory" in one_line(output)


async def test_a_data_directory_that_cannot_be_made_is_one_line() -> None:
    status, output = await run_to_end("--data", "/proc/samovar", "--port", "0")
    assert status == 1
    assert "data directory" in one_line(output)


async def test_the_program_as_a_person_starts_it(file: Path) -> None:
    """The other tests fork it from a process that has imported everything."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "app.py", "--data", str(file), "--port", "0"),
        cwd=ROOT,
        env=clean_environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    assert process.returncode == 1
    assert "data directory" in one_line(output.decode())


async def test_a_second_instance_on_the_same_data_is_one_line(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url):
        status, output = await run_to_end("--data", str(tmp_path), "--port", "0")
    assert status == 1
    assert "already" in one_line(output)


async def test_the_console_says_where_it_serves_and_who_answers(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        assert app.greeting[0].endswith(app.url)
        assert ollama.url.removeprefix("http://") in app.greeting[1]


async def test_strangers_hear_whether_it_is_up_and_nothing_more(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url) as app,
        httpx.AsyncClient(base_url=app.url, timeout=60) as http,
    ):
        health = (await http.get("/healthz")).json()
        ready = await http.get("/readyz")
        http.cookies.update(app.cookies)
        known = await http.get("/readyz")
    assert health == {"status": "ok"}
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready"}
    backend = known.json()["backends"][0]
    assert backend["kind"] == "ollama"
    assert set(backend["models"]) == set(ollama.models)


async def test_an_unreachable_backend_is_told_and_recovers_when_it_comes(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    async with running_app(tmp_path, "--backend", f"http://127.0.0.1:{port}") as app:
        async with httpx.AsyncClient(base_url=app.url, timeout=60) as http:
            unready = await http.get("/readyz")
        assert unready.status_code == 503
        assert "does not answer" in app.greeting[1]
        async with tab(app) as client:
            first = next(frame for frame in client.frames if frame["t"] == "models")
            assert "does not answer" in first["trouble"]
            ollama = OllamaServer()
            await ollama.start(port)
            try:
                await client.until(lambda frame: frame["t"] == "models" and frame["trouble"] is None)
                await client.ask("hello")
                assert (await client.answer())["state"] == "complete"
            finally:
                await ollama.aclose()


async def test_sigterm_ends_with_status_0_and_nothing_stuck(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        app.terminate()
        assert await app.wait() == 0
