"""What a setting's value may be, and how it is read from what somebody typed: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

Value = int | float | str
_LONGEST: Final = 30
_WHOLE: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+([.][0-9]+)?", re.ASCII)
_STAY: Final = re.compile(r"-1|0|[0-9]{1,6}[smh]", re.ASCII)


class Problem(StrEnum):
    """What is wrong with a value that was typed."""

    EMPTY = "empty"
    WHOLE = "whole"
    WHOLE_OR_AUTO = "whole_or_auto"
    NUMBER = "number"
    BOUNDS = "bounds"
    CHOICE = "choice"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a value cannot be; `values` fill the sentence that says so."""

    problem: Problem
    values: Mapping[str, object] = field(default_factory=dict)


class Unfit(Exception):
    """A value that cannot be; nothing is changed by it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.problem)
        self.flaw = flaw


class Kind(Protocol):
    """A kind of value."""

    def read(self, text: str) -> Value:
        """Read what was typed; raises `Unfit`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds; `auto` lets the app find it where that word may stand instead."""

    least: int
    most: int
    auto: str | None = None

    def read(self, text: str) -> Value:
        """Read what was typed; raises `Unfit`."""
        typed = _typed(text)
        if self.auto is not None and typed.lower() == self.auto:
            return self.auto
        if not _WHOLE.fullmatch(typed):
            raise Unfit(Flaw(Problem.WHOLE_OR_AUTO if self.auto else Problem.WHOLE))
        return _bounded(int(typed), self.least, self.most)


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, with a point where it is no whole one."""

    least: float
    most: float

    def read(self, text: str) -> Value:
        """Read what was typed; raises `Unfit`."""
        typed = _typed(text)
        if not _NUMBER.fullmatch(typed):
            raise Unfit(Flaw(Problem.NUMBER))
        return _bounded(float(typed), self.least, self.most)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words."""

    options: tuple[str, ...]

    def read(self, text: str) -> Value:
        """Read what was typed; raises `Unfit`."""
        typed = _typed(text).lower()
        if typed not in self.options:
            raise Unfit(Flaw(Problem.CHOICE, {"options": ", ".join(self.options)}))
        return typed


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    options: tuple[str, ...] = ("off", "on")

    def read(self, text: str) -> Value:
        """Read what was typed; raises `Unfit`."""
        typed = _typed(text).lower()
        if typed in self.options:
            return typed == "on"
        if typed in {"true", "false"}:  # as it is stored
            return typed == "true"
        raise Unfit(Flaw(Problem.CHOICE, {"options": ", ".join(self.options)}))


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a model stays in memory, as Ollama reads it: `30m`, `0` for not at all, `-1` for good."""

    def read(self, text: str) -> Value:
        """Read what was typed; raises `Unfit`."""
        typed = _typed(text).lower()
        if not _STAY.fullmatch(typed):
            raise Unfit(Flaw(Problem.STAY))
        return typed


def _typed(text: str) -> str:
    typed = text.strip()
    if not typed:
        raise Unfit(Flaw(Problem.EMPTY))
    return typed[: _LONGEST + 1]  # what is longer is wrong in any case


def _bounded(number: float, least: float, most: float) -> Value:
    if not least <= number <= most:
        raise Unfit(Flaw(Problem.BOUNDS, {"least": f"{least:g}" if least % 1 else int(least), "most": int(most)}))
    return number
