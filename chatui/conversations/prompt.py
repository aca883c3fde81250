"""A prompt of the library: a name, and a text with places to fill in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from chatui.domain.errors import PromptRefused

LONGEST_NAME: Final = 80
LONGEST_TEXT: Final = 20_000
MOST_OWN: Final = 200
"""Of one person."""
MOST_SHARED: Final = 500
"""That everybody sees."""


class PromptFlaw(StrEnum):
    """Why a prompt cannot be kept so."""

    NO_NAME = "prompt_no_name"
    NAME_TOO_LONG = "prompt_name_too_long"
    NAME_TAKEN = "prompt_name_taken"
    NO_TEXT = "prompt_no_text"
    TEXT_TOO_LONG = "prompt_text_too_long"
    TOO_MANY = "prompt_too_many"
    TOO_MANY_SHARED = "prompt_too_many_shared"
    UNREADABLE = "prompt_unreadable"


@dataclass(frozen=True, slots=True)
class PromptDraft:
    """What somebody wants to keep: checked, so that it can be. Made by `draft_from`."""

    name: str
    text: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as a person sees it. `author` is None for one of the team's; `can_change` tells whether they may."""

    id: UUID
    name: str
    text: str
    shared: bool
    author: str | None
    is_own: bool
    can_change: bool


def draft_from(name: str, text: str, *, shared: bool) -> PromptDraft:
    """Check what somebody typed; raises `PromptRefused`. A name is one line, and what is around a text is left out."""
    name, text = " ".join(name.split()), text.strip()
    flaw = _flaw_of(name, text)
    if flaw is not None:
        raise PromptRefused(flaw)
    return PromptDraft(name, text, shared)


def _flaw_of(name: str, text: str) -> PromptFlaw | None:
    if not name:
        return PromptFlaw.NO_NAME
    if len(name) > LONGEST_NAME:
        return PromptFlaw.NAME_TOO_LONG
    if not text:
        return PromptFlaw.NO_TEXT
    return PromptFlaw.TEXT_TOO_LONG if len(text) > LONGEST_TEXT else None
