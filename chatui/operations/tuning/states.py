"""The states of a measurement, and why one ended before its time."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a measurement is in its life."""

    WANTED = "wanted"
    RUNNING = "running"
    FOUND = "found"
    STOPPED = "stopped"
    FAILED = "failed"


OPEN: Final = frozenset({State.WANTED, State.RUNNING})
"""A measurement that is in one of these goes on."""


class Cause(StrEnum):
    """Why a measurement ended without a recommendation. `Halt` has the reasons why one tried no more workers."""

    ASKED = "asked"
    PEOPLE = "people"  # needed the server all the time
    SETTINGS = "settings"  # were changed, so that what was measured holds no longer
    RESTART = "restart"
    NO_MODEL = "no_model"  # no server that answers has it
    ERROR = "error"
