"""From a branch of messages to what a model is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatui.backends.base import ModelInfo
from chatui.conversations.context import Weight, answer_room, fit, weigh
from chatui.conversations.manner import Manner
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role
from storage.tables import Message


class ModelCatalog(Protocol):
    """The models that can answer now."""

    def choose(self, wanted: ModelName | None, among: frozenset[ModelName] | None = None) -> ModelName:
        """The wanted model; when none is wanted the default, of those `among` where there is one.

        Raises `NoModel` when it cannot answer.
        """

    def about(self, model: ModelName) -> ModelInfo | None:
        """What is known of a model; None of one that no backend has now."""

    def context_tokens(self, model: ModelName) -> int:
        """The context that a model is loaded with, in tokens; a careful guess for one that nobody knows now."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A request, its estimated cost in tokens, and how many older messages it leaves out."""

    request: ChatRequest
    prompt_tokens: int
    left_out: int


class Composer:
    """Composes requests; `answer_tokens` tells the longest answer."""

    def __init__(self, catalog: ModelCatalog, answer_tokens: Callable[[], int]) -> None:
        self._catalog = catalog
        self._answer_tokens = answer_tokens

    def choose(self, wanted: ModelName | None, among: frozenset[ModelName] | None = None) -> ModelName:
        """The wanted model; when none is wanted the default, of those `among` where there is one.

        Raises `NoModel` when it cannot answer.
        """
        return self._catalog.choose(wanted, among)

    def about(self, model: ModelName) -> ModelInfo | None:
        """What is known of a model; None of one that no backend has now."""
        return self._catalog.about(model)

    def compose(self, branch: Sequence[Message], model: ModelName, manner: Manner) -> Composed:
        """Ask `model` to answer the last message of a branch so; raises `QuestionTooLong` when it cannot fit."""
        context = self._catalog.context_tokens(model)
        longest = self._longest(manner)
        fitted = fit(_turns(branch, manner), context, longest)
        think = manner.think if self._takes_a_wish_to_think(model) else None
        request = ChatRequest(model, fitted.messages, answer_room(context, longest), manner.sampling, think=think)
        return Composed(request, fitted.prompt_tokens, fitted.left_out)

    def weigh(self, branch: Sequence[Message], model: ModelName, manner: Manner) -> Weight:
        """What a branch weighs for `model` before the next question."""
        return weigh(_turns(branch, manner), self._catalog.context_tokens(model), self._longest(manner))

    def _longest(self, manner: Manner) -> int:
        most = self._answer_tokens()
        return min(most, manner.max_tokens or most)

    def _takes_a_wish_to_think(self, model: ModelName) -> bool:
        """Whether a wish can be told: Ollama refuses it for a model that cannot think, and alone gives digests."""
        about = self._catalog.about(model)
        return about is None or about.digest is None or "thinking" in about.capabilities


def _turns(branch: Sequence[Message], manner: Manner) -> Sequence[ChatMessage]:
    system = [ChatMessage(Role.SYSTEM, manner.system)] if manner.system else []
    return [*system, *(ChatMessage(Role(message.role), message.content) for message in branch if message.content)]
