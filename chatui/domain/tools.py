"""Functions that a model may ask its caller to run, and its asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

JsonText = NewType("JsonText", str)
"""A text that is one JSON value, in the order in which its author wrote it."""

EMPTY_OBJECT = JsonText("{}")


class ToolUse(StrEnum):
    """Whether the model calls tools."""

    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that is offered to the model; `parameters` is the JSON schema of its arguments, if it has any."""

    name: str
    description: str = ""
    parameters: JsonText = EMPTY_OBJECT


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model's wish that a function be run; `arguments` is a JSON object. Some servers give no `id`."""

    name: str
    arguments: JsonText
    id: str | None = None
