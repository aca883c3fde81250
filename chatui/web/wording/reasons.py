"""What the kept text of an error tells a person, in any language."""

from __future__ import annotations

import re

_LONGEST = 200
_OVERRUN = re.compile(r"(\w+) took longer than ([\d.]+(?:e\+\d+)?) s")
_LIBRARY = re.compile(r"[A-Z][A-Za-z]+(Error|Timeout|URL|Protocol|Redirects): ")


def overrun(detail: str | None) -> tuple[str, float] | None:
    """The stage that took too long and its limit in seconds, as `DeadlineExceeded` writes them; None for others."""
    found = _OVERRUN.fullmatch(detail or "")
    return (found[1], float(found[2])) if found else None


def upstream_words(detail: str | None) -> str:
    """What the server said, in one line that can be seen; empty when the text is our HTTP library's."""
    if not detail or _LIBRARY.match(detail):
        return ""
    seen = "".join(character for character in " ".join(detail.split()) if character.isprintable())
    return seen[:_LONGEST].rstrip(".")
