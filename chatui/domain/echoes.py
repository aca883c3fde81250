"""What a server says of a failure, without what somebody had asked it: some servers send the question back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

LEFT_OUT: Final = "[…]"
_RUN: Final = 3  # words in a row; fewer are in every sentence
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\[nrt]")
_SIGNS: Final = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # of scripts without spaces: each is a word
_WORD: Final = re.compile(rf"[{_SIGNS}]|[^\W_{_SIGNS}]+")


def without_echo(said: str, asked: Iterable[str]) -> str:
    """Give what a server said with each run of three words or more left out that is in one of the texts `asked`.

    A text of one or two words is left out wherever it stands whole. Case, signs between words and the escapes of JSON
    make no difference.
    """
    plain = _plain(said)
    words = list(_words(plain))
    hidden = sorted({at for text in asked for at in _echoed([word for word, _, _ in words], text)})
    return _left_out(plain, [words[at][1:] for at in hidden]) if hidden else said


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    for found in _WORD.finditer(text):
        yield found[0].casefold(), found.start(), found.end()


def _echoed(said: list[str], text: str) -> Iterator[int]:
    """Walk the places of the words that are part of an echo of `text`."""
    asked = [word for word, _, _ in _words(_plain(text))]
    run = min(_RUN, len(asked))
    known = {tuple(asked[at : at + run]) for at in range(len(asked) - run + 1)} if run else set()
    for at in range(len(said) - run + 1 if known else 0):
        if tuple(said[at : at + run]) in known:
            yield from range(at, at + run)


def _left_out(text: str, spans: list[tuple[int, int]]) -> str:
    """Replace spans, which come in order; those with nothing but signs between them go as one."""
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and not re.search(r"\w", text[joined[-1][1] : begin]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    out, at = [], 0
    for begin, end in joined:
        out += [text[at:begin], LEFT_OUT]
        at = end
    return "".join([*out, text[at:]])
