"""Ollama's own client for JavaScript, once through the app and once straight to the server: the same results."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.conftest import MODEL, THINKER, Gate, Place
from tests.gateway.test_ollama_parity import comparable
from tests.support.app import ROOT
from tests.support.npm import installed

HERE = Path(__file__).parent / "npm"
FILES = ("package.json", "package-lock.json", "client.js")
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
]


async def run(*command: str, cwd: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return told.decode()


@pytest.fixture(scope="module")
def client() -> Path:
    """A folder with the client in it, installed once for each version of its lock."""
    files = [HERE / name for name in FILES]
    version = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    return installed(ROOT / "build" / "npm" / version, "ci", files=files)


async def told(client: Path, place: Place) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(
        await run(NODE or "", "client.js", place.url, place.key or "", MODEL, THINKER, cwd=client)
    )
    return answers


async def test_every_call_gives_what_the_server_itself_gives(gate: Gate, client: Path) -> None:
    through, direct = [await told(client, place) for place in (gate.place, gate.direct)]
    assert through["aborted"] == "AbortError"
    for name in direct:
        assert comparable(through[name]) == comparable(direct[name]), name


async def test_what_was_aborted_leaves_nothing_behind(gate: Gate, client: Path) -> None:
    await told(client, gate.place)
    async with asyncio.timeout(60):
        await gate.server.until(lambda: gate.server.generating == 0, 60)
        while gate.home.core.scheduler.jobs:  # noqa: ASYNC110 - nobody tells when there is nothing left to do
            await asyncio.sleep(0.01)
