"""What a conversation is called until somebody, or a model with time, finds a better name: pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatui.domain.errors import EmptyMessage
from storage.attachments import Content

_LIMIT = 60
_SHORTEST = 2
_MOST_WORDS = 10
_READ = 800  # characters of question and answer that a title is made from
_LABEL = re.compile(r"^\W*(?:title|标题|題目)\s*[:：]", re.IGNORECASE)  # noqa: RUF001 - a Chinese colon is meant
_DRESS = re.compile(r"""^[\s"'“”‘’«»「」《》*_#`]+|[\s"'“”‘’«»「」《》*_`.。]+$""")  # noqa: RUF001
# Overrides of the direction of writing: in a title they would turn the words behind it around.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LONGEST = 200


def title_of(question: str, files: Sequence[Content]) -> str:
    """Make a title of a question, or of the names of its files where it has no words."""
    return _cut(", ".join(one.head.name for one in files)) if files and not question.strip() else title_from(question)


def title_from(question: str) -> str:
    """Make a title of the first line that has words, cut at a word, without Markdown marks."""
    question = _OVERRIDES.sub("", question)
    lines = (re.sub(r"^[#>*\-\s`]+|[`*_]+", "", line) for line in question.splitlines())
    first = " ".join(next((line for line in lines if line.strip()), question.strip()).split())
    return _cut(first) or "…"


def ask_for_title(question: str, answer: str) -> str:
    """What a model is asked that is to find a title."""
    return (
        "Give this conversation a title of two to six words, in its own language. "
        "Write the title alone, without quotes."
        f"\n\nQuestion: {_beginning(question)}\n\nAnswer: {_beginning(answer)}"
    )


def title_in(reply: str) -> str | None:
    """The title that a model found; None when it wrote something else, as small models do."""
    lines = [line for line in reply.strip().splitlines() if line.strip()]
    if len(lines) != 1:
        return None
    title = " ".join(_DRESS.sub("", _LABEL.sub("", _OVERRIDES.sub("", lines[0].strip()))).split())
    if not _SHORTEST <= len(title) <= _LIMIT or len(title.split()) > _MOST_WORDS or not any(map(str.isalpha, title)):
        return None
    return title


def _cut(line: str) -> str:
    if len(line) <= _LIMIT:
        return line
    cut = line[:_LIMIT].rsplit(" ", 1)[0] if " " in line[:_LIMIT] else line[:_LIMIT]
    return f"{cut.rstrip(' ,;:.')}…"


def _beginning(text: str) -> str:
    return text.strip()[:_READ]


def name_from(typed: str) -> str:
    """Make one line of what somebody typed as a name; raises `EmptyMessage` when nothing is left."""
    name = " ".join(typed.split())[:_LONGEST].rstrip()
    if not name:
        raise EmptyMessage
    return name
