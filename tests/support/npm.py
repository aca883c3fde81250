"""Packages for Node, installed once for each version; a test that needs one is skipped where it cannot be had."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000")


def installed(folder: Path, *words: str, files: Sequence[Path] = ()) -> Path:
    """Give the folder in which npm did what the words say, beside copies of these files."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        for file in files:
            shutil.copy(file, made)
        _run(made, *words)
        with suppress(OSError):  # another process of the tests was first
            made.rename(folder)
    return folder


def _run(folder: Path, *words: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    try:
        subprocess.run([npm, *words, *QUIET], cwd=folder, check=True, capture_output=True, timeout=120)
    except subprocess.SubprocessError as error:
        pytest.skip(f"npm cannot install: {error}")
