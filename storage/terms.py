"""What somebody who searches asks for, made of what they typed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from storage.words import Run, pairs_of, runs_in

_MOST_TERMS = 16
_MOST_CHARACTERS = 32
_SHORTEST_BEGINNING = 2


class Term(NamedTuple):
    """A word that must be there. Of one that is still being typed `folded` is the beginning."""

    folded: str
    is_unspaced: bool
    is_beginning: bool

    def places_in(self, run: Run) -> Iterator[tuple[int, int]]:
        """Find where in its text the term stands in `run`, from and to."""
        if self.is_unspaced and run.is_unspaced:
            place = run.folded.find(self.folded)
            while place >= 0:
                yield run.start + place, run.start + place + len(self.folded)
                place = run.folded.find(self.folded, place + len(self.folded))
        elif run.folded == self.folded or (self.is_beginning and run.folded.startswith(self.folded)):
            yield run.start, run.end

    def match(self, scope: str) -> str:
        """Say it in the language of FTS5: quoted, though nothing but letters and digits is in it."""
        if not self.is_unspaced:
            return f'"{scope}{self.folded}"{"*" * self.is_beginning}'
        if len(self.folded) == 1:  # the beginning of a pair, or the last of its run
            return f'"{scope}{self.folded}"*'
        return " AND ".join(f'"{scope}{pair}"' for pair in pairs_of(self.folded))


def terms_of(typed: str) -> tuple[Term, ...]:
    """Tell what is asked for: every word, of which the last is a beginning while nothing follows it.

    No more than the first sixteen words count, nor more than 32 characters of a run of Chinese.
    """
    runs = islice(runs_in(typed), _MOST_TERMS)
    return tuple(dict.fromkeys(_term(run, is_last=run.end == len(typed)) for run in runs))


def match_of(terms: Sequence[Term], scope: str) -> str:
    """Say in the language of FTS5 that every one of `terms` must be there, among the words behind `scope`."""
    return " AND ".join(term.match(scope) for term in terms)


def _term(run: Run, *, is_last: bool) -> Term:
    if run.is_unspaced:
        return Term(run.folded[:_MOST_CHARACTERS], is_unspaced=True, is_beginning=False)
    return Term(run.folded, is_unspaced=False, is_beginning=is_last and len(run.folded) >= _SHORTEST_BEGINNING)
