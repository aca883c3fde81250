"""A data directory in which the app finds its schema: a start of its own would make it anew each time."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.database import now_utc
from storage.directory import DataDirectory
from storage.upgrade import upgrade


def furnish(data: Path) -> None:
    """Put an empty database into a directory that has none."""
    file = DataDirectory(data).database
    if not file.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(0o600)
        file.write_bytes(_empty())


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as made:
        directory = DataDirectory(Path(made))
        directory.prepare()
        upgrade(directory, now_utc)
        return directory.database.read_bytes()
