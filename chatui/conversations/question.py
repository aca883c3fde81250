"""A question on its way in: what it may be, and what comes of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chatui.conversations.manner import PLAIN, Manner
from chatui.domain.errors import EmptyMessage, MessageTooLong, Refused
from chatui.domain.messages import ConversationId, MessageId, ModelName


@dataclass(frozen=True, slots=True)
class Question:
    """What a person sends. `key` becomes the message's id: sent twice, it is asked once.

    Asked `beside` another question of the conversation, it begins a branch in that one's place; else it follows what is
    shown. One that begins a conversation says in which `manner` that is to be answered. Of the `files` that lie in the
    conversation those are meant that are named; one asked `beside` another has its files. `others` are models that
    answer it, too, side by side with the one.
    """

    key: MessageId
    text: str
    conversation: ConversationId | None = None
    model: ModelName | None = None
    beside: MessageId | None = None
    manner: Manner = PLAIN
    others: tuple[ModelName, ...] = ()
    files: tuple[UUID, ...] = ()

    @property
    def leans_on(self) -> tuple[UUID, ...]:
        """What it may be asked about without a word: its files, or those of the question in whose place it comes."""
        return self.files if self.beside is None else (self.beside,)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question: it is durable and in line. Some other model that it was asked of may have refused."""

    conversation: ConversationId
    question: MessageId
    answer: MessageId
    refusal: Refused | None = None


def check_text(text: str, characters: int, files: Sequence[object] = ()) -> None:
    """Raise `EmptyMessage` where there are neither words nor files, `MessageTooLong` beyond so many characters."""
    if not text.strip() and not files:
        raise EmptyMessage
    if len(text) > characters:
        raise MessageTooLong(len(text), characters)
