"""A conversation as another program tells it, in one shape for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Final

from storage.tables import MessageState


class Mark(StrEnum):
    """What is in a message and does not come along; a short note stands in its place."""

    IMAGE = "image"
    AUDIO = "audio"
    FILE = "file"
    TOOL = "tool"
    OTHER = "other"
    CUT = "cut"


Marks = Mapping[Mark, str]
"""The notes, in the language of the person."""

PLAIN_MARKS: Final[Marks] = {mark: f"[{mark}]" for mark in Mark}


class Speaker(Enum):
    """Whose a node is: the person's, the model's (its tools included), or nobody's whom a reader sees."""

    PERSON = "person"
    MODEL = "model"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Node:
    """One step in the tree of a conversation."""

    id: str
    parent: str | None
    speaker: Speaker
    text: str = ""
    thinking: str = ""
    model: str | None = None
    at: datetime | None = None
    state: MessageState = MessageState.COMPLETE
    rating: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """A conversation. `key` names it and nothing else for ever; `shown` is the node whose branch is open."""

    key: str
    nodes: Sequence[Node]
    shown: str | None = None
    title: str | None = None
    model: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    pinned: bool = False
    archived: bool = False
