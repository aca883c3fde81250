"""JSON that may be anything, read without trust: a field of another type counts as absent."""

from __future__ import annotations

import json
import math
from array import array
from datetime import timedelta
from typing import Any

from chatui.domain.errors import BackendMisconfigured, ReplyInvalid, ReplyTruncated
from chatui.domain.tools import JsonText

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


def as_texts(value: Any) -> tuple[str, ...]:
    """Read a list of texts, leaving out what is none."""
    return tuple(filter(None, map(as_text, value))) if isinstance(value, list) else ()


def as_text(value: Any) -> str:
    """Read a text that any encoder takes: half of a surrogate pair becomes U+FFFD. Empty when it is no text."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value
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


def json_text(value: Any) -> JsonText:
    """Write what was read as JSON again, so that any encoder takes it."""
    return JsonText(as_text(json.dumps(value, ensure_ascii=False)))


def as_counts(value: Any) -> tuple[int, ...]:
    """Read a list of whole numbers; empty when anything in it is none."""
    counts = tuple(map(as_count, value)) if isinstance(value, list) else ()
    return tuple(count for count in counts if count is not None) if None not in counts else ()


def as_number(value: Any) -> float | None:
    """Read a finite number; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_vectors(value: Any) -> tuple[tuple[float, ...], ...]:
    """Read a list of vectors; raises `ReplyInvalid` where one is none, since a hole would shift those behind it."""
    if not isinstance(value, list):
        raise ReplyInvalid("no list of vectors")
    return tuple(map(_vector, value))


def _vector(value: Any) -> tuple[float, ...]:
    # A model's vector has hundreds of numbers: they are looked at by the array, not one by one.
    try:
        vector = tuple(array("d", value)) if isinstance(value, list) else ()
    except (TypeError, OverflowError):
        vector = ()
    if not vector or not math.isfinite(sum(vector)):
        raise ReplyInvalid(f"not a vector: {repr(value)[:SAMPLE_BYTES]}")
    return vector


def as_duration(value: Any, per_second: float) -> timedelta:
    """Read a duration counted in parts of a second, `per_second` of them; zero when it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LONGEST_SECONDS * per_second:
        return timedelta(seconds=value / per_second)
    return timedelta()
