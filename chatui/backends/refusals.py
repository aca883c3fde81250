"""How the text and status of an upstream's refusal become a class of the error tree.

Each adapter has one table; this is the way of reading it. Status alone cannot classify: Ollama answers 500 for a bad
option as well as for a failed load.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from chatui.backends.http import ErrorReply
from chatui.backends.wire import as_object, as_text
from chatui.domain.errors import (
    AskRefused,
    BackendBusy,
    BackendError,
    BackendFailed,
    BackendMisconfigured,
    BackendUnreachable,
    ModelNotFound,
)

# An error may be a JSON text inside an `error` field, inside another.
NESTING_LIMIT = 4

BY_STATUS: Mapping[int, type[BackendError]] = {
    400: AskRefused,
    401: BackendMisconfigured,
    403: BackendMisconfigured,
    405: BackendMisconfigured,
    407: BackendMisconfigured,
    413: AskRefused,
    422: AskRefused,
    429: BackendBusy,
    502: BackendUnreachable,
    503: BackendBusy,
    504: BackendUnreachable,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Texts that match `pattern` (a regular expression, whatever the case) mean `error`."""

    pattern: str
    error: type[BackendError]

    def matches(self, text: str) -> bool:
        """Whether this rule speaks of `text`."""
        return re.search(self.pattern, text, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class RefusalTable:
    """The rules of one adapter: the first that matches decides, then the status."""

    rules: Sequence[Rule]

    def read(self, reply: ErrorReply) -> BackendError:
        """Name a refusal that came with a status of its own."""
        text = innermost_text(reply.text)
        detail = text or f"HTTP {reply.status} without a word"
        error = self.find(text) or self._by_status(reply)
        return error(detail, retry_after=reply.retry_after)

    def find(self, text: str) -> type[BackendError] | None:
        """Find what `text` means; None when it is in no rule."""
        return next((rule.error for rule in self.rules if rule.matches(text)), None)

    def _by_status(self, reply: ErrorReply) -> type[BackendError]:
        if reply.status == HTTPStatus.NOT_FOUND:
            # A model that is not there is told in JSON; any other page means that this is another server.
            return ModelNotFound if reply.text.startswith("{") else BackendMisconfigured
        return BY_STATUS.get(reply.status, BackendFailed)


def innermost_text(text: str) -> str:
    """Unwrap `{"error": ...}`, which may hold a text, an object with a message, or the same again as JSON text."""
    for _ in range(NESTING_LIMIT):
        inner = _unwrap(text)
        if inner is None:
            break
        text = inner
    return text


def _unwrap(text: str) -> str | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = as_object(json.loads(text))
    except (ValueError, RecursionError):
        return None
    return error_text(value) or None


def error_text(value: dict[str, object]) -> str:
    """Read the text of an error object: its `error`, `message` or `detail`; empty when it has none."""
    for key in ("error", "message", "detail"):
        inner = value.get(key)
        if isinstance(inner, dict):
            # The type is a part of the text, so that the tables can speak of it.
            return " ".join(filter(None, [error_text(inner), _type_of(inner)]))
        if isinstance(inner, str) and inner:
            return as_text(inner)
    return ""


def _type_of(value: dict[str, object]) -> str:
    kind = as_text(value.get("type"))
    return f"({kind})" if kind else ""
