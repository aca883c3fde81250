"""Formulas as models write them, in LaTeX, to MathML, which browsers draw by themselves."""

from __future__ import annotations

import re
from typing import Final

from math_core import LatexError, LatexToMathML

LONGEST: Final = 4_000  # characters
# The library goes down its stack once for each of these that is open, and a stack that overflows ends the process:
# 3,000 fit where a thread has 8 MB, 380 where it has one.
_DEEPEST: Final = 300
_STEPS: Final = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]", re.DOTALL)
_DEFINITION: Final = re.compile(r"\\(?:[egx]?def|let|(?:re)?new[a-z]+|provide[a-z]+|declare[a-z]+)", re.IGNORECASE)
_TOO_FAR: Final = re.compile(r"-(?:[1-9]|0?\.[5-9])|(?<![\d.])\d{2,}(?:\.\d+)?[a-z]")

TAGS: Final = frozenset(
    {"b", "i", "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom"}
    | {"mprescripts", "mroot", "mrow", "mspace", "msqrt", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr"}
    | {"munder", "munderover"},
)
ATTRIBUTES: Final[dict[str, set[str]]] = {
    "mfrac": {"displaystyle", "linethickness", "scriptlevel"},
    "mi": {"mathvariant"},
    "mo": {"lspace", "maxsize", "minsize", "rspace", "stretchy", "symmetric"},
    "mover": {"accent"},
    "mpadded": {"style", "voffset"},
    "mrow": {"displaystyle", "scriptlevel"},
    "mspace": {"style", "width"},
    "mtable": {"displaystyle", "scriptlevel", "style"},
    "mtd": {"style"},
    "munder": {"accentunder"},
}
VALUES: Final[dict[str, dict[str, set[str]]]] = {
    "math": {"display": {"block"}},
    "menclose": {"notation": {"box", "updiagonalstrike", "downdiagonalstrike", "updiagonalstrike downdiagonalstrike"}},
}
STYLES: Final = frozenset(
    {"border-bottom", "border-left", "border-right", "border-top", "justify-items", "margin-left"}
    | {"padding-left", "padding-right", "text-align", "width"},
)


class Formulas:
    """Reads formulas; safe to share, keeps nothing between calls."""

    def __init__(self) -> None:
        self._reader = LatexToMathML(fancy_error=False, allow_unreliable_rendering=True, max_expansions=100)

    def html(self, source: str, *, displayed: bool) -> str | None:
        """Give the formula as a `math` element, which the allow-list must still go over; None when it has no reading.

        `displayed` is one that stands by itself, on a line of its own.
        """
        if len(source) > LONGEST or _DEFINITION.search(source) or _depth(source) > _DEEPEST:
            return None
        try:
            return self._reader.convert_with_local_state(source, displaystyle=displayed)
        except LatexError:
            return None


def kept_value(tag: str, _name: str, value: str) -> str | None:
    """Leave out a length that would carry a part of a formula over what stands around it."""
    return None if tag.startswith("m") and _TOO_FAR.search(value) else value


def _depth(source: str) -> int:
    """How deep a formula nests at most: a command may hold all that follows it in its group."""
    open_groups, depth, deepest = [0], 0, 0
    for step in _STEPS.findall(source):
        match step:
            case "{":
                open_groups.append(0)
                depth += 1
            case "}" if len(open_groups) > 1:
                depth -= open_groups.pop() + 1
            case _:
                open_groups[-1] += 1
                depth += 1
        deepest = max(deepest, depth)
    return deepest
