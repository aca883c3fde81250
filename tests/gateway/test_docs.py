"""The examples of docs/programs.md do what they say."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.gateway.conftest import MODEL, Gate
from tests.support.app import ROOT, clean_environment

PAGE = (ROOT / "docs" / "programs.md").read_text(encoding="utf-8").replace("qwen3:8b", MODEL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SHELL = re.findall(r"^curl .*?[^\\]$", PAGE, re.DOTALL | re.MULTILINE)


async def run(gate: Gate, *command: str) -> str:
    place = {"SAMOVAR": gate.place.url, "KEY": gate.place.key or ""}
    process = await asyncio.create_subprocess_exec(
        *command,
        env=clean_environment() | place,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return told.decode()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("number", range(2))
async def test_python(gate: Gate, tmp_path: Path, number: int) -> None:
    script = tmp_path / "script.py"
    script.write_text(PYTHON[number], encoding="utf-8")
    assert "kettle" in await run(gate, sys.executable, str(script))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl(gate: Gate) -> None:
    native, openais, queue, give_up = SHELL
    assert '"done": true' in await run(gate, "sh", "-c", native)
    assert "data: [DONE]" in await run(gate, "sh", "-c", openais)
    assert '"jobs"' in await run(gate, "sh", "-c", queue)
    assert "error" in await run(gate, "sh", "-c", give_up)


def test_there_is_an_example_of_each() -> None:
    assert len(PYTHON) == 2
    assert len(SHELL) == 4
