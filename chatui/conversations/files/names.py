"""Names of files, as they can be shown: pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_NAME: Final = 120
_LONGEST_ENDING: Final = 12
_NAMELESS: Final = "file"
# What cannot be seen, or lets a name show as another one: controls, marks of direction, ends of lines, halves of pairs.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})


def clean_name(name: str) -> str:
    """Give the last part of a path without what cannot be seen, cut in its middle where it is long."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(one for one in unicodedata.normalize("NFC", last) if unicodedata.category(one) not in _HIDDEN)
    plain = " ".join(shown.split())
    if plain.strip(". ") == "":
        return _NAMELESS
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        return plain[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 2]}….{ending}"
