"""The part of a text that shows why it was found. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from storage.terms import Term
from storage.words import runs_in

Excerpt = tuple[str, ...]
"""Text in pieces, of which every second one, from the second on, is a hit: plain, hit, plain, hit, plain."""

_BEFORE = 60
_LENGTH = 200
_LOOKED_AT = 50_000
_GAP = "…"


def excerpt_of(text: str, terms: Sequence[Term]) -> Excerpt:
    """Cut about two hundred characters out of `text` around the first hit, with white space drawn together.

    Without a hit in its first fifty thousand characters, it is the beginning of the text.
    """
    first = next(_hits(text, terms, 0, _LOOKED_AT), (0, 0))
    start = _start_before(text, first[0])
    end = min(len(text), start + _LENGTH)
    pieces, at = [_GAP if start else ""], start
    for hit in takewhile(lambda hit: hit[1] <= end, _hits(text, terms, first[0], end) if first[1] else iter(())):
        pieces[-1] += _drawn_together(text[at : hit[0]])
        pieces += [text[hit[0] : hit[1]], ""]
        at = hit[1]
    pieces[-1] += _drawn_together(text[at:end]) + (_GAP if end < len(text) else "")
    return tuple(pieces)


def _hits(text: str, terms: Sequence[Term], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Find the hits between two places, in their order and apart from one another."""
    at = start
    for run in runs_in(text, start, end):
        for hit in sorted(place for term in terms for place in term.places_in(run)):
            if hit[0] >= at:
                at = hit[1]
                yield hit


def _start_before(text: str, hit: int) -> int:
    """Begin at a word where there is one to begin at."""
    start = max(0, hit - _BEFORE)
    space = text.find(" ", start, hit) if start else -1
    return space + 1 if space >= 0 else start


def _drawn_together(text: str) -> str:
    return re.sub(r"\s+", " ", text)
