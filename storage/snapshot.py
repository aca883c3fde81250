"""One copy of a database in one file, dated, the oldest ones removed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT = 5
_NAME = "samovar-%Y%m%dT%H%M%S.%fZ.db"


def snapshot(driver: Any, directory: Path, at: datetime) -> Path:
    """Copy the database behind the driver's connection to a file in `directory` named after `at`; keep the newest five.

    The copy holds one moment, is on the disk when this returns, and has no trace of what was deleted. Nobody ever sees
    a half-written one under its name. Raises the driver's errors and OSError.
    """
    path = directory / f"{at:{_NAME}}"
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        driver.execute("VACUUM INTO ?", (str(part),))
        publish(part, path)
    finally:
        part.unlink(missing_ok=True)
    for old in sorted(directory.glob("samovar-*.db"))[:-KEPT]:
        old.unlink()
    return path


def snapshot_time(path: Path) -> datetime | None:
    """Tell from its name when a copy was made; None for a file that was named by somebody else."""
    try:
        return datetime.strptime(path.name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


def publish(part: Path, path: Path) -> None:
    """Give a finished file its name, replacing what has it, so that it survives a loss of power."""
    part.chmod(0o600)
    _flush(part, os.O_RDWR)
    part.replace(path)
    _flush(path.parent, os.O_RDONLY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
