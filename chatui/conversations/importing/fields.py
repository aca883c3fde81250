"""Reading what another program wrote: nothing in it is trusted; what is of another kind is as if it were not there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

LONGEST_QUESTION: Final = 100_000
LONGEST_ANSWER: Final = 50_000
"""Characters; what is beyond is cut. Showing an answer costs the more the longer it is."""
LONGEST_ID: Final = 200
LONGEST_NAME: Final = 200
_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
# A count of this or more is not of seconds but of a thousandth, a millionth or a billionth of them.
_SCALES: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def text_of(told: object) -> str:
    """A text that can be kept anywhere; empty for anything else. It may be longer than what is kept of it."""
    return _UNWRITABLE.sub("\ufffd", told) if isinstance(told, str) else ""


def name_of(told: object) -> str | None:
    """One line for a title or the name of a model; None where there is none."""
    return " ".join(text_of(told)[: 4 * LONGEST_NAME].split())[:LONGEST_NAME].rstrip() or None


def id_of(told: object) -> str | None:
    """An id, which is a short text or a number; None for anything else."""
    if isinstance(told, int) and not isinstance(told, bool):
        told = str(told) if abs(told) < 10**LONGEST_ID else ""
    return text_of(told) if isinstance(told, str) and 0 < len(told) <= LONGEST_ID else None


def moment_of(told: object) -> datetime | None:
    """A moment, from seconds since 1970, smaller units of them, or as ISO 8601; None for what cannot be one."""
    try:
        at = _from_text(told) if isinstance(told, str) else _from_count(told)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at is not None and _EARLIEST <= at <= _LATEST else None


def mapping_of(told: object) -> Mapping[str, Any]:
    """An object; an empty one for anything else."""
    return told if isinstance(told, dict) else {}


def list_of(told: object) -> Sequence[Any]:
    """A list; an empty one for anything else."""
    return told if isinstance(told, list) else ()


def whole_of(told: object, least: int, most: int) -> int | None:
    """A whole number within bounds; None for anything else."""
    return told if isinstance(told, int) and not isinstance(told, bool) and least <= told <= most else None


def _from_count(told: object) -> datetime | None:
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told) or told <= 0:
        return None
    scale = next((scale for least, scale in _SCALES if told >= least), 1)
    return datetime.fromtimestamp(told / scale, UTC)


def _from_text(told: str) -> datetime | None:
    if len(told) > LONGEST_ID:
        return None
    at = datetime.fromisoformat(told)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
