"""What a conversation is called until somebody, or a model with time, finds a better name: pure."""

from __future__ import annotations

import re

from chatui.domain.errors import EmptyMessage

_LIMIT = 60
# Overrides of the direction of writing: in a title they would turn the words behind it around.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LONGEST = 200


def title_from(question: str) -> str:
    """Make a title of the first line that has words, cut at a word, without Markdown marks."""
    question = _OVERRIDES.sub("", question)
    lines = (re.sub(r"^[#>*\-\s`]+|[`*_]+", "", line) for line in question.splitlines())
    first = " ".join(next((line for line in lines if line.strip()), question.strip()).split())
    if len(first) <= _LIMIT:
        return first or "…"
    cut = first[:_LIMIT].rsplit(" ", 1)[0] if " " in first[:_LIMIT] else first[:_LIMIT]
    return f"{cut.rstrip(' ,;:.')}…"


def name_from(typed: str) -> str:
    """Make one line of what somebody typed as a name; raises `EmptyMessage` when nothing is left."""
    name = " ".join(typed.split())[:_LONGEST].rstrip()
    if not name:
        raise EmptyMessage
    return name
