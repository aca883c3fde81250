"""The last lines of the log, in memory."""

from __future__ import annotations

import logging
import re
import traceback
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from typing_extensions import override

KEPT: Final = 1_000
_LONGEST: Final = 500
_NAMES: Final = "code|token|password|secret|authorization|bearer|cookie|key"
_SECRETS: Final = re.compile(rf"(?i)\b((?:{_NAMES})[=:\s]+)\S{{8,}}")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One message, and where it was raised when it tells of an exception."""

    at: datetime
    level: str
    logger: str
    message: str
    request_id: str | None = None
    trace: Sequence[str] = ()


class LogRing(logging.Handler):
    """Keeps the last lines, the newest last."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[LogLine] = deque(maxlen=KEPT)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        at = datetime.fromtimestamp(record.created, UTC)
        own = getattr(record, "request_id", None)
        line = LogLine(at, record.levelname.lower(), record.name, described(record), own, trace_of(record))
        self.lines.append(line)

    def newest(self, level: str = "info", limit: int = 200) -> list[LogLine]:
        """Give the last lines of a level and above, the newest first."""
        least = logging.getLevelNamesMapping()[level.upper()]
        found = [line for line in self.lines if logging.getLevelNamesMapping()[line.level.upper()] >= least]
        return found[: -limit - 1 : -1]


def described(record: logging.LogRecord) -> str:
    """Tell what a record says, in a line, without what looks like a secret."""
    return _SECRETS.sub(r"\1…", " ".join(record.getMessage().split()))[:_LONGEST]


def trace_of(record: logging.LogRecord) -> list[str]:
    """Tell of which kind a record's exception is and where it was raised; not its text, which may quote anything."""
    if not record.exc_info or record.exc_info[0] is None:
        return []
    frames = traceback.extract_tb(record.exc_info[2])[-8:]
    return [*(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames), record.exc_info[0].__name__]
