"""What is installed and what may be installed: nothing below the versions that closed what is known."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from storage.database import Database
from storage.engines import sqlite_module

ROOT = Path(__file__).parents[2]
# CVE-2026-28414 and the older ways to read files that are not ours.
GRADIO = "6.31"
# The WAL-reset corruption bug (sqlite.org/wal.html#walresetbug).
SQLITE = (3, 51, 3)


def asked_for(name: str) -> Requirement:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = map(Requirement, project["project"]["dependencies"])
    return next(requirement for requirement in requirements if requirement.name == name)


def pinned(name: str) -> Version:
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{name}==([^ ;]+)", pins, re.MULTILINE)
    assert found is not None
    return Version(found[1])


def test_no_gradio_with_known_holes_can_be_installed() -> None:
    assert Version(version("gradio")) >= Version(GRADIO)
    assert pinned("gradio") >= Version(GRADIO)
    assert not asked_for("gradio").specifier.contains("6.30.9")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Python brings its own SQLite")
async def test_the_sqlite_that_is_used_cannot_corrupt_its_log(tmp_path: Path) -> None:
    assert sqlite_module().sqlite_version_info >= SQLITE
    database = await Database.open(tmp_path)
    try:
        row = await database.read(lambda session: session.connection().exec_driver_sql("SELECT sqlite_version()").one())
    finally:
        await database.close()
    assert tuple(map(int, row[0].split("."))) >= SQLITE


def test_the_sqlite_that_is_asked_for_comes_along() -> None:
    assert pinned("pysqlite3") >= Version("0.6.1")
    assert not asked_for("pysqlite3").specifier.contains("0.6.0")
