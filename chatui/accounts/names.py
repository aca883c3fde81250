"""Names of people and groups: one way to write each, and one to compare them."""

from __future__ import annotations

import unicodedata
from typing import Final

from chatui.domain.errors import NameRefused

LONGEST_NAME: Final = 64
_LONGEST_TYPED: Final = 256
_LOST: Final = "\ufffd"  # what stands for a character that could not be read
_JOINERS: Final = {"\u200c", "\u200d"}  # invisible, but letters of some scripts need them


def clean_name(text: str) -> str:
    """Write a name in the one way that is kept; raises NameRefused for what nobody could read or tell apart."""
    if len(text) > _LONGEST_TYPED:
        raise NameRefused("too long")
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise NameRefused("empty or too long")
    if any(_is_hidden(character) for character in name):
        raise NameRefused("a character that cannot be seen")
    return name


def fold(name: str) -> str:
    """Give the form in which two names are the same; takes any text that somebody typed."""
    whole = name[:_LONGEST_TYPED].encode("utf-8", "replace").decode()  # without halves of pairs, which nothing keeps
    spaced = " ".join(unicodedata.normalize("NFKC", whole).split())
    return unicodedata.normalize("NFKC", spaced.casefold())


def _is_hidden(character: str) -> bool:
    """Whether a character is a control, a format mark, half of a pair, lost, or nobody's."""
    category = unicodedata.category(character)
    if character in _JOINERS or character == " ":
        return False
    return category[0] in {"C", "Z"} or character == _LOST
