"""One copy of a database in one file, dated, the oldest ones removed."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

KEPT = 5
STAMP = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"\w+-(\d{8}T\d{6}\.\d{6}Z)(?:-(\w+))?\.db")


class Reason(StrEnum):
    """Why a copy was made; it is a part of its name."""

    CLOCK = "clock"
    HAND = "hand"
    CONSOLE = "console"
    UPGRADE = "upgrade"


def snapshot(driver: Any, directory: Path, at: datetime, reason: Reason) -> Path:
    """Copy the database behind the driver's connection to a file in `directory` named after `at`; keep the newest five.

    The copy holds one moment, is on the disk when this returns, and has no trace of what was deleted. Nobody ever sees
    a half-written one under its name. Raises the driver's errors and OSError.
    """
    path = directory / f"samovar-{at:{STAMP}}-{reason}.db"
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
    found = _NAME.fullmatch(path.name)
    return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found else None


def snapshot_reason(path: Path) -> Reason | None:
    """Tell from its name why a copy was made; None for one that does not say so."""
    found = _NAME.fullmatch(path.name)
    return Reason(found[2]) if found and found[2] in set(Reason) else None


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
