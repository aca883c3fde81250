"""What is asked and what is answered in a chat."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from chatui.domain.tools import JsonText, Tool, ToolCall, ToolUse

UserId = NewType("UserId", UUID)
ConversationId = NewType("ConversationId", UUID)
FolderId = NewType("FolderId", UUID)
ShareId = NewType("ShareId", UUID)
MessageId = NewType("MessageId", UUID)
ModelName = NewType("ModelName", str)


class Role(StrEnum):
    """Who speaks in a message. A tool speaks when it gives the result of a call."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class FinishReason(StrEnum):
    """Why a model stopped by itself."""

    STOP = "stop"
    LENGTH = "length"


class Think(StrEnum):
    """How much a model thinks before it answers. Without a wish it does what it does by itself."""

    OFF = "off"
    ON = "on"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    MAX = "max"


class Overflow(StrEnum):
    """What becomes of a prompt that is longer than the model's context.

    Dropping its oldest part is a server's own work: one that cannot do so refuses as well.
    """

    REFUSE = "refuse"
    TRUNCATE = "truncate"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture, as the bytes of its file."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn, as a model reads it.

    A message of the assistant may hold `thinking` and `tool_calls`; one of a tool names the call that it answers, by
    `tool_call_id`, `tool_name` or both.
    """

    role: Role
    content: str
    thinking: str = ""
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str | None = None
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen. None leaves the choice to the model's own defaults.

    None of it makes a server load the model again.
    """

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    top_k: int | None = None
    min_p: float | None = None
    typical_p: float | None = None
    repeat_penalty: float | None = None
    repeat_last_n: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The answer is to be JSON: what fits `schema`, or any object where there is none."""

    schema: JsonText | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """The immutable ask inside a job.

    `max_tokens` bounds the answer, thinking included: small models may never end by themselves. `logprobs` wants the
    probability of each token, with so many alternatives. `keep_alive` is how long the model is to stay in memory after
    it; what is set for the model wins.
    """

    model: ModelName
    messages: tuple[ChatMessage, ...]
    max_tokens: int
    sampling: Sampling = field(default_factory=Sampling)
    tools: tuple[Tool, ...] = ()
    tool_use: ToolUse = ToolUse.AUTO
    parallel_tool_calls: bool | None = None
    format: JsonFormat | None = None
    think: Think | None = None
    logprobs: int | None = None
    keep_alive: timedelta | None = None
    overflow: Overflow = Overflow.REFUSE


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer cost, as far as the backend tells. `prompt_tokens` includes cached ones."""

    prompt_tokens: int = 0
    output_tokens: int = 0
    load: timedelta = timedelta()
    reading: timedelta = timedelta()
    writing: timedelta = timedelta()
