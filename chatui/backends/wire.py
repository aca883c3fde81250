"""JSON that may be anything, read without trust: a field of another type counts as absent."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from chatui.domain.errors import BackendMisconfigured, ReplyInvalid, ReplyTruncated

JsonObject = dict[str, Any]

SAMPLE_BYTES = 200
LONGEST_LABEL = 256
LONGEST_SECONDS = 1e9
COUNT_LIMIT = 1 << 63


def decode_object(line: bytes) -> JsonObject:
    """Decode one JSON object; bytes that are not UTF-8 become U+FFFD.

    Raises `BackendMisconfigured` for a web page, `ReplyTruncated` for a last line that was cut (it has no line end) and
    `ReplyInvalid` for anything else, with a sample of the bytes.
    """
    try:
        value = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    sample = repr(line[:SAMPLE_BYTES])
    if line.lstrip().startswith(b"<"):
        raise BackendMisconfigured(f"a web page came instead of JSON: {sample}")
    if line.endswith(b"\n"):
        raise ReplyInvalid(f"not a JSON object: {sample}")
    raise ReplyTruncated(f"the last line was cut: {sample}")


def as_object(value: Any) -> JsonObject:
    """Read an object; empty when it is none."""
    return value if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[JsonObject]:
    """Read a list of objects, leaving out what is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """Read a text that any encoder takes: half of a surrogate pair becomes U+FFFD. Empty when it is no text."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def as_label(value: Any) -> str:
    """Read a name that is shown within our own words. Empty when it is none, too long, or not all of it can be seen.

    A mark of direction in it would turn the words behind it around.
    """
    return value if isinstance(value, str) and len(value) <= LONGEST_LABEL and value.isprintable() else ""


def as_count(value: Any) -> int | None:
    """Read a whole number that is not negative and fits a column; None when it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < COUNT_LIMIT else None


def as_duration(value: Any, per_second: float) -> timedelta:
    """Read a duration counted in parts of a second, `per_second` of them; zero when it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LONGEST_SECONDS * per_second:
        return timedelta(seconds=value / per_second)
    return timedelta()
