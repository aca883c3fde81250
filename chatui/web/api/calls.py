"""Tool calls put together: some servers write them token by token, and Ollama's clients want them whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chatui.domain.events import ToolCallDelta


@dataclass(slots=True)
class OpenCall:
    """A call as far as it is written."""

    index: int
    name: str = ""
    id: str = ""
    arguments: str = ""

    def in_ollamas_shape(self) -> dict[str, Any]:
        """The call, as Ollama writes it; what is no JSON object counts as no arguments."""
        function = {"index": self.index, "name": self.name, "arguments": _object(self.arguments) or {}}
        return {**({"id": self.id} if self.id else {}), "function": function}

    def in_openais_shape(self) -> dict[str, Any]:
        """The call, as OpenAI writes it."""
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": self.id or f"call_{self.index}", "type": "function", "function": function}


class Calls:
    """The calls of one answer, each given out once, as soon as it is whole."""

    def __init__(self) -> None:
        self._open: dict[int, OpenCall] = {}
        self._given: set[int] = set()

    def add(self, piece: ToolCallDelta) -> Iterator[OpenCall]:
        """Take in a piece; gives the call that is whole with it. Nothing can follow a whole JSON object."""
        call = self._open.setdefault(piece.index, OpenCall(piece.index))
        call.name += piece.name or ""
        call.id = call.id or piece.id or ""
        call.arguments += piece.arguments
        if piece.index not in self._given and _object(call.arguments) is not None:
            self._given.add(piece.index)
            yield call

    def rest(self) -> Iterator[OpenCall]:
        """Give the calls that were never whole: a call without arguments is one."""
        for index, call in self._open.items():
            if index not in self._given:
                yield call


def _object(text: str) -> dict[str, Any] | None:
    if not text.rstrip().endswith("}"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
