"""What is asked and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
ConversationId = NewType("ConversationId", UUID)
FolderId = NewType("FolderId", UUID)
MessageId = NewType("MessageId", UUID)
ModelName = NewType("ModelName", str)


class Role(StrEnum):
    """Who speaks in a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class FinishReason(StrEnum):
    """Why a model stopped by itself."""

    STOP = "stop"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn, as a model reads it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. None leaves the choice to the model's own defaults."""

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """The immutable ask inside a job.

    `max_tokens` bounds the answer, thinking included: small models may never end by themselves.
    """

    model: ModelName
    messages: tuple[ChatMessage, ...]
    max_tokens: int
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer cost, as far as the backend tells. `prompt_tokens` includes cached ones."""

    prompt_tokens: int = 0
    output_tokens: int = 0
    load: timedelta = timedelta()
    reading: timedelta = timedelta()
    writing: timedelta = timedelta()
