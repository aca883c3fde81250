"""What can be asked of a model, a chat being only one of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from chatui.domain.messages import ChatRequest, Image, JsonFormat, ModelName, Overflow, Sampling, Think


class Framing(StrEnum):
    """What is written around a prompt before the model reads it."""

    CHAT = "chat"  # the model's own template, as around a question of a chat
    RAW = "raw"  # nothing
    SERVERS_OWN = "servers_own"  # what the server does with a plain completion: Ollama frames it, others do not


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """Go on with a prompt.

    `suffix` is the text behind what is to be written. `system` and `template` stand in for the model's own; `context`
    is the memory that an earlier answer gave. The other fields are those of a `ChatRequest`.
    """

    model: ModelName
    prompt: str
    max_tokens: int
    sampling: Sampling = field(default_factory=Sampling)
    framing: Framing = Framing.CHAT
    suffix: str = ""
    system: str = ""
    template: str = ""
    context: tuple[int, ...] = ()
    images: tuple[Image, ...] = ()
    format: JsonFormat | None = None
    think: Think | None = None
    logprobs: int | None = None
    keep_alive: timedelta | None = None
    overflow: Overflow = Overflow.REFUSE


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """Turn each of the inputs into a vector, of so many `dimensions` where the model has more."""

    model: ModelName
    inputs: tuple[str, ...]
    dimensions: int | None = None
    keep_alive: timedelta | None = None
    overflow: Overflow = Overflow.REFUSE


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Have the model in memory, in its turn; nothing is answered."""

    model: ModelName


Ask = ChatRequest | CompletionRequest | EmbedRequest | LoadRequest


def texts_of(ask: Ask) -> Iterator[str]:
    """Give everything that an ask has the model read."""
    match ask:
        case ChatRequest(messages=messages):
            for message in messages:
                yield message.content
                yield message.thinking
                yield from (call.arguments for call in message.tool_calls)
        case CompletionRequest(prompt=prompt, suffix=suffix, system=system):
            yield from (prompt, suffix, system)
        case EmbedRequest(inputs=inputs):
            yield from inputs
        case LoadRequest():
            return
        case _:
            assert_never(ask)
