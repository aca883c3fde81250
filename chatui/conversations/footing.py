"""What the services of a room stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from chatui.accounts.allowances import Allowances
from chatui.accounts.changes import Store
from chatui.conversations.composer import Composer
from chatui.conversations.files.service import FileGround
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.keeping import Keeping
from chatui.domain.messages import UserId
from chatui.scheduler.scheduler import Scheduler
from storage.database import Clocks


@dataclass(frozen=True, slots=True)
class Footing:
    """The parts below them. `store` holds the room's conversations, `message_characters` tells the longest question.

    `welcome` makes sure that the store knows a person, where it does not know everybody.
    """

    store: Store
    keeping: Keeping
    journal: AnswerJournal
    clocks: Clocks
    scheduler: Scheduler
    composer: Composer
    allowances: Allowances
    message_characters: Callable[[], int]
    files: FileGround
    welcome: Callable[[Session, UserId], None] | None = None
