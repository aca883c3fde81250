"""From a branch of messages to what a model is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatui.backends.base import ModelInfo
from chatui.conversations.context import answer_room, fit
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

    def compose(self, branch: Sequence[Message], model: ModelName) -> Composed:
        """Ask `model` to answer the last message of a branch; raises `QuestionTooLong` when it cannot fit."""
        context, most = self._catalog.context_tokens(model), self._answer_tokens()
        turns = [ChatMessage(Role(message.role), message.content) for message in branch if message.content]
        fitted = fit(turns, context, most)
        request = ChatRequest(model, fitted.messages, answer_room(context, most))
        return Composed(request, fitted.prompt_tokens, fitted.left_out)
