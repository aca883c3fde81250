"""How far an import is, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from chatui.conversations.importing.flaws import LeftOut
from chatui.domain.errors import Refused


class Stage(StrEnum):
    """What an import does."""

    WAITING = "waiting"
    CHECKING = "checking"
    KEEPING = "keeping"
    DONE = "done"
    REFUSED = "refused"


@dataclass(slots=True)
class Report:
    """An import, from its beginning on. `refusal` says why it ended; `total` is what can be kept."""

    stage: Stage = Stage.WAITING
    total: int = 0
    added: int = 0
    there: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    refusal: Refused | None = None

    @property
    def under_way(self) -> bool:
        """Whether it goes on."""
        return self.stage not in {Stage.DONE, Stage.REFUSED}
