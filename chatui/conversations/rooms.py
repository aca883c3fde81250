"""Two rooms for conversations, one kept and one temporary, and which of them something is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from chatui.conversations.branches import Branches
from chatui.conversations.continuing import Continuing
from chatui.conversations.files.service import Files
from chatui.conversations.footing import Footing
from chatui.conversations.journal import AnswerPlace
from chatui.conversations.manners import Manners
from chatui.conversations.reading import Reading
from chatui.conversations.service import ConversationService
from chatui.conversations.submitter import Submitter
from chatui.conversations.temporary import TemporaryMemory
from chatui.conversations.unsent import Unsent
from chatui.conversations.waiting import WaitingQuestions
from chatui.conversations.weighing import Weighing
from chatui.domain.jobs import JobState
from chatui.domain.messages import ConversationId, MessageId, UserId
from chatui.scheduler.job import Job


@dataclass(frozen=True, slots=True)
class Room:
    """What can be done with the conversations of a room."""

    conversations: ConversationService
    reading: Reading
    branches: Branches
    continuing: Continuing
    waiting: WaitingQuestions
    unsent: Unsent
    manners: Manners
    weighing: Weighing
    files: Files


def room_on(footing: Footing) -> Room:
    """Build each service of a room once."""
    submitter = Submitter(footing)
    return Room(
        conversations=ConversationService(footing, submitter),
        reading=Reading(footing.store),
        branches=Branches(footing.store),
        continuing=Continuing(footing, submitter),
        waiting=WaitingQuestions(
            footing.store, footing.scheduler, footing.journal, footing.composer, footing.message_characters
        ),
        unsent=Unsent(footing),
        manners=Manners(footing),
        weighing=Weighing(footing),
        files=Files(footing.store, footing.clocks, footing.files, footing.welcome),
    )


@dataclass(frozen=True, slots=True)
class Rooms:
    """Finds the room; what is in none is looked for in the kept one, where it is not found."""

    kept: Room
    temporary: Room
    memory: TemporaryMemory

    def of(self, conversation: ConversationId) -> Room:
        """The room of a conversation."""
        return self.temporary if self.memory.holds(conversation) else self.kept

    def of_message(self, message: MessageId) -> Room:
        """The room of a message."""
        return self.temporary if self.memory.holds_message(message) else self.kept

    def of_file(self, attachment: UUID) -> Room:
        """The room of a file."""
        return self.temporary if self.memory.holds_file(attachment) else self.kept

    def live(self) -> list[tuple[AnswerPlace, Job]]:
        """Every answer that is on its way, and its job."""
        return self.temporary.conversations.live() + self.kept.conversations.live()

    def states(self) -> Mapping[UserId, Mapping[ConversationId, JobState]]:
        """What happens now in whose kept conversations: a list shows no others."""
        return self.kept.conversations.states()
