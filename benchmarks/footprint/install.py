"""How long it takes to install the app from its lock file, and what that is on the disk; a plain Gradio beside it."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import DEVNULL
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.processes import ROOT

MIB = 2**20
OURS = ("--no-deps", "--require-hashes", "-r", str(ROOT / "requirements.txt"))
GRADIO = (f"gradio=={version('gradio')}",)


@dataclass(frozen=True, slots=True)
class Installed:
    """An installation into an empty environment; packages that were downloaded before come from pip's own store."""

    seconds: float
    size_mb: float


async def install(scratch: Path, packages: tuple[str, ...]) -> Installed:
    """Make an environment and install into it."""
    began = time.perf_counter()
    await _run(sys.executable, "-m", "venv", str(scratch))
    python = scratch / "bin" / "python"
    await _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    seconds = time.perf_counter() - began
    return Installed(seconds, await asyncio.to_thread(_size, scratch) / MIB)


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL)
    assert await process.wait() == 0, f"this failed: {' '.join(command)}"


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
