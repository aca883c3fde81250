"""Everything that people do with conversations, put together once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from chatui.accounts.allowances import Allowances
from chatui.accounts.changes import Store
from chatui.accounts.preferences import Preferences
from chatui.conversations.composer import Composer
from chatui.conversations.files.reader import FileReader
from chatui.conversations.files.service import FileGround, FileLimits
from chatui.conversations.finding import Finding
from chatui.conversations.footing import Footing
from chatui.conversations.importing.imports import Imports
from chatui.conversations.journal import AnswerJournal
from chatui.conversations.keeping import DurableKeeping, Keeping
from chatui.conversations.manners import Presets
from chatui.conversations.prompts import PromptLibrary
from chatui.conversations.rooms import Rooms, room_on
from chatui.conversations.sharing import Sharing
from chatui.conversations.shelf import Shelf
from chatui.conversations.storage_watch import StorageWatch
from chatui.conversations.temporary import TemporaryChats, TemporaryKeeping, TemporaryMemory, welcome
from chatui.conversations.title_writer import TitleWriter
from chatui.scheduler.scheduler import Scheduler
from storage.database import Clocks

_MOST_IN_MEMORY_MB: Final = 40


@dataclass(frozen=True, slots=True)
class Services:
    """The services that a page speaks to."""

    rooms: Rooms
    temporary: TemporaryChats
    finding: Finding
    shelf: Shelf
    preferences: Preferences
    presets: Presets
    prompts: PromptLibrary
    imports: Imports
    title_writer: TitleWriter
    sharing: Sharing


@dataclass(frozen=True, slots=True)
class Ground:
    """What the services stand on. `message_characters` tells the longest question.

    A temporary chat that nobody shows is forgotten after `temporary_idle`.
    """

    store: StorageWatch
    clocks: Clocks
    scheduler: Scheduler
    journal: AnswerJournal
    composer: Composer
    allowances: Allowances
    message_characters: Callable[[], int]
    memory: TemporaryMemory
    temporary_idle: Callable[[], timedelta] = lambda: timedelta(minutes=30)
    files: FileGround = field(default_factory=lambda: FileGround(FileReader(), FileLimits))


def build_services(on: Ground) -> Services:
    """Build each service once."""
    memory = on.memory
    kept = _footing(on, on.store, on.journal, DurableKeeping(on.store, on.allowances))
    passing = replace(
        _footing(on, memory.database, memory.journal, TemporaryKeeping(memory, on.allowances)),
        files=FileGround(on.files.reader, lambda: _in_memory(on.files.limits())),
        welcome=welcome,
    )
    return Services(
        rooms=Rooms(room_on(kept), room_on(passing), memory),
        temporary=TemporaryChats(memory, on.scheduler, on.clocks, on.temporary_idle),
        finding=Finding(on.store),
        shelf=Shelf(on.store, on.clocks, on.scheduler, on.journal),
        preferences=Preferences(on.store),
        presets=Presets(on.store, on.clocks),
        prompts=PromptLibrary(on.store, on.clocks),
        imports=Imports(on.store, on.clocks, on.files),
        title_writer=TitleWriter(kept),
        sharing=Sharing(on.store, on.clocks, on.files.limits),
    )


def _footing(on: Ground, store: Store, journal: AnswerJournal, keeping: Keeping) -> Footing:
    shared = (on.clocks, on.scheduler, on.composer, on.allowances, on.message_characters, on.files)
    return Footing(store, keeping, journal, *shared)


def _in_memory(limits: FileLimits) -> FileLimits:
    """What temporary chats may hold of one person's files: they take the app's own memory."""
    return replace(limits, person_mb=min(limits.person_mb, _MOST_IN_MEMORY_MB))
