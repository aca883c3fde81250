"""What of a conversation fits into a model's context: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chatui.domain.errors import InvalidInput
from chatui.domain.messages import ChatMessage, Role

_BYTES_PER_TOKEN = 3.2
"""Below what tokenizers reach on prose (about 4) and near what they reach on code and Chinese: an estimate that errs to
the safe side costs a little context, one that errs to the other side costs an answer."""

_TOKENS_PER_MESSAGE = 8
"""What a chat template writes around one message."""

MOST_MESSAGES: Final = 1000
"""So many of a branch are looked at: where contexts are larger than that, nobody wants to wait for what is read."""

TOKENS_PER_IMAGE = 768
"""About what vision models make of a picture."""


class QuestionTooLong(InvalidInput):
    """The question alone does not fit the model's context."""

    def __init__(self, tokens: int, context: int) -> None:
        super().__init__(f"about {tokens} tokens, a context of {context}")
        self.tokens = tokens
        self.context = context


@dataclass(frozen=True, slots=True)
class Fitted:
    """The messages that go to the model, oldest first; `left_out` older ones do not."""

    messages: tuple[ChatMessage, ...]
    prompt_tokens: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what was answered: they go to the model together, or are left out together."""

    tokens: int
    messages: int


@dataclass(frozen=True, slots=True)
class Weight:
    """What a branch weighs before the next question, in tokens; the newest of its exchanges is the first.

    Of the `context`, `room` is for what the model reads.
    """

    context: int
    room: int
    system: int
    exchanges: tuple[Exchange, ...]


def estimate_tokens(text: str) -> int:
    """Estimate what a text costs, without a tokenizer: rather too many than too few."""
    return int(len(text.encode()) / _BYTES_PER_TOKEN) + 1


def answer_room(context_tokens: int, answer_tokens: int) -> int:
    """How long an answer may be: `answer_tokens`, but never more than half of the context."""
    return min(answer_tokens, context_tokens // 2)


def fit(messages: Sequence[ChatMessage], context_tokens: int, answer_tokens: int) -> Fitted:
    """Keep the system prompt and the newest messages that leave room for an answer.

    `messages` are oldest first and end with the question, or with the beginning of an answer to it that is to go on.
    The answer gets its `answer_room`. Raises `QuestionTooLong` when the system prompt and that end alone do not fit.
    """
    room = context_tokens - answer_room(context_tokens, answer_tokens)
    system = [message for message in messages if message.role is Role.SYSTEM]
    turns = [message for message in messages if message.role is not Role.SYSTEM]
    question = max(index for index, message in enumerate(turns) if message.role is Role.USER)
    kept = list(reversed(turns[question:]))
    used = sum(map(_cost, [*system, *kept]))
    if used > room:
        raise QuestionTooLong(used, context_tokens)
    for message in reversed(turns[:question]):
        if used + _cost(message) > room:
            break
        used += _cost(message)
        kept.append(message)
    kept.reverse()
    return Fitted((*system, *_from_a_question(kept)), used, len(turns) - len(_from_a_question(kept)))


def weigh(messages: Sequence[ChatMessage], context_tokens: int, answer_tokens: int) -> Weight:
    """Tell what `fit` would keep, before the question is there. `messages` are oldest first."""
    system = sum(_cost(message) for message in messages if message.role is Role.SYSTEM)
    exchanges: list[Exchange] = []
    for message in messages:
        if message.role is Role.USER:
            exchanges.append(Exchange(_cost(message), 1))
        elif exchanges and message.role is not Role.SYSTEM:
            exchanges[-1] = Exchange(exchanges[-1].tokens + _cost(message), exchanges[-1].messages + 1)
    room = context_tokens - answer_room(context_tokens, answer_tokens)
    return Weight(context_tokens, room, system, tuple(reversed(exchanges)))


def _from_a_question(turns: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """Drop answers that lost their question: many chat templates refuse to begin with one."""
    first = next(index for index, message in enumerate(turns) if message.role is Role.USER)
    return turns[first:]


def _cost(message: ChatMessage) -> int:
    return estimate_tokens(message.content) + _TOKENS_PER_MESSAGE + TOKENS_PER_IMAGE * len(message.images)
