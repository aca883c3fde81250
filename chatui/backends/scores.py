"""Probabilities of tokens, which Ollama and OpenAI tell in the same form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatui.backends.wire import JsonObject, as_counts, as_number, as_objects, as_text
from chatui.domain.events import ScoredToken, TokenScore, TokensScored


def read_scores(value: Any) -> Iterator[TokensScored]:
    """Read the list of the tokens that were written; gives nothing when there is none."""
    if tokens := tuple(map(_scored, as_objects(value))):
        yield TokensScored(tokens)


def _scored(entry: JsonObject) -> ScoredToken:
    return ScoredToken(_score(entry), tuple(map(_score, as_objects(entry.get("top_logprobs")))))


def _score(entry: JsonObject) -> TokenScore:
    raw = as_counts(entry.get("bytes")) or None
    return TokenScore(as_text(entry.get("token")), as_number(entry.get("logprob")) or 0.0, raw)
