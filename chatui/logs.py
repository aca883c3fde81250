"""What goes to the console, as lines or as JSON, and what stays in memory for an admin to read.

No line holds what people asked or were answered, a password or a key: messages are ours, and of an exception only its
kind and where it was raised are told, since its text may quote anything.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from typing_extensions import override

from chatui.operations.log_ring import described, trace_of
from chatui.web.request_ids import request_id

_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": described(record),
        }
        if (own := getattr(record, "request_id", None)) is not None:
            told["request_id"] = own
        if trace := trace_of(record):
            told["trace"] = trace
        return json.dumps(told, ensure_ascii=False)


class Console(logging.StreamHandler[TextIO]):
    """What a person at the console sees; `set_log_level` changes of which level."""


def note_request(record: logging.LogRecord) -> bool:
    """Note on a record for which request it was written; a filter that lets everything through."""
    record.request_id = request_id.get()
    return True


def set_up_logging(level: str, form: Literal["text", "json"]) -> None:
    """Have messages of `level` and above on the console, and those from `info` on heard by whoever else listens."""
    console = Console()
    console.setLevel(level.upper())
    console.addFilter(note_request)
    forms: Mapping[str, logging.Formatter] = {"text": logging.Formatter(_LINE), "json": JsonLines()}
    console.setFormatter(forms[form])
    root = logging.getLogger()
    root.addHandler(console)
    root.setLevel(min(logging.getLevelNamesMapping()[level.upper()], logging.INFO))
    # What these say at `info` is each request and each timed work: nothing that somebody looks for here.
    for talkative in ("httpx", "httpcore", "apscheduler", "alembic", "uvicorn", "asyncio"):
        logging.getLogger(talkative).setLevel(max(root.level, logging.WARNING))
