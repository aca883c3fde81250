"""How far an import is, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from chatui.conversations.importing.flaws import LeftOut
from chatui.domain.errors import FileRefused, Refused

_FEW: Final = 3


class Stage(StrEnum):
    """What an import does."""

    WAITING = "waiting"
    CHECKING = "checking"
    KEEPING = "keeping"
    DONE = "done"
    REFUSED = "refused"


@dataclass(slots=True)
class Report:
    """An import, from its beginning on. `refusal` says why it ended; `total` is what can be kept.

    `files` came along; of those that did not, `files_refused` has the first few, and `files_left_out` counts all.
    """

    stage: Stage = Stage.WAITING
    total: int = 0
    added: int = 0
    there: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    files: int = 0
    files_left_out: int = 0
    files_refused: list[FileRefused] = field(default_factory=list)
    refusal: Refused | None = None

    def refuse_file(self, refusal: FileRefused) -> None:
        """Note a file that does not come along."""
        self.files_left_out += 1
        if len(self.files_refused) < _FEW:
            self.files_refused.append(refusal)

    @property
    def under_way(self) -> bool:
        """Whether it goes on."""
        return self.stage not in {Stage.DONE, Stage.REFUSED}
