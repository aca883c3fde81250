"""Why a file is not imported at all, and why a conversation in it is left out."""

from __future__ import annotations

from enum import StrEnum


class ImportFlaw(StrEnum):
    """What is wrong with a file."""

    NO_FILE = "import_no_file"
    UNREADABLE = "import_unreadable"
    NOTHING = "import_nothing"
    TOO_LARGE = "import_too_large"
    UNDER_WAY = "import_under_way"
    FULL = "import_full"


class LeftOut(StrEnum):
    """What is wrong with a conversation."""

    EMPTY = "empty"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"
    TOO_LONG = "too_long"


class Unusable(Exception):
    """A conversation that is left out."""

    def __init__(self, reason: LeftOut) -> None:
        super().__init__(reason)
        self.reason = reason
