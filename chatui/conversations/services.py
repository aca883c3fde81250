"""Everything that people do with conversations, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from chatui.accounts.allowances import Allowances
from chatui.accounts.preferences import Preferences
from chatui.conversations.composer import Composer
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.service import ConversationService
from chatui.conversations.shelf import Shelf
from chatui.conversations.storage_watch import StorageWatch
from chatui.conversations.waiting import WaitingQuestions
from chatui.scheduler.scheduler import Scheduler
from storage.database import Clocks


@dataclass(frozen=True, slots=True)
class Services:
    """The services that a page speaks to."""

    conversations: ConversationService
    waiting: WaitingQuestions
    shelf: Shelf
    preferences: Preferences


@dataclass(frozen=True, slots=True)
class Ground:
    """What the services stand on. `message_characters` is the longest question."""

    store: StorageWatch
    clocks: Clocks
    scheduler: Scheduler
    journal: AnswerJournal
    composer: Composer
    allowances: Allowances
    message_characters: int


def build_services(on: Ground) -> Services:
    """Build each service once."""
    conversations = ConversationService(
        on.store, on.clocks, on.scheduler, on.journal, on.composer, on.allowances, on.message_characters
    )
    waiting = WaitingQuestions(on.store, on.scheduler, on.journal, on.composer, on.message_characters)
    shelf = Shelf(on.store, on.clocks, on.scheduler, on.journal)
    return Services(conversations, waiting, shelf, Preferences(on.store))
