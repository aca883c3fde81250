"""What can be done about a failure: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_NEEDED: Final = re.compile(
    r"requires more system memory \(([\d.]+) ?([KMG])i?B\) than is available \(([\d.]+) ?([KMG])i?B\)"
)
_UNITS: Final = {"K": 1024, "M": 1024**2, "G": 1024**3}
_STAGE: Final = re.compile(r"(\w+) took longer than [\d.e+]+ s")
KINDS: Final = (
    "memory_known",
    "memory",
    "model_load",
    "busy",
    "unreachable",
    "interrupted",
    "truncated",
    "invalid_reply",
    "deadline_load",
    "deadline",
    "capability",
    "not_found",
    "too_long",
    "ask_refused",
    "misconfigured",
    "crash",
    "unknown",
)
"""Every advice that there is; each has words in every language."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Which advice it is, and the sizes in bytes and names that its words need."""

    kind: str
    bytes: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def advice_for(code: str, detail: str, free: int | None, needed: int | None, names: Mapping[str, str]) -> Advice:
    """Advise on a failure of the class `code`, from what the server said and how the machine was.

    `free` is the memory that could be taken at that moment, `needed` what the model takes at least, in bytes; None
    where nobody knows.
    """
    if code == "memory":
        return _about_memory(detail, free, needed, names)
    if code == "deadline":
        stage = _STAGE.search(detail)
        return Advice("deadline_load" if stage and stage[1] == "load" else "deadline", names=names)
    return Advice(code if code in KINDS else "unknown", names=names)


def _about_memory(detail: str, free: int | None, needed: int | None, names: Mapping[str, str]) -> Advice:
    if said := _NEEDED.search(detail):
        sizes = {"needed": float(said[1]) * _UNITS[said[2]], "free": float(said[3]) * _UNITS[said[4]]}
        return Advice("memory_known", sizes, names)
    if free is not None and needed is not None:
        return Advice("memory_known", {"needed": float(needed), "free": float(free)}, names)
    return Advice("memory", names=names)
