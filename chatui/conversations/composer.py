"""From a branch of messages to what a model is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from chatui.backends.base import ModelInfo
from chatui.conversations.context import Weight, answer_room, fit, weigh
from chatui.conversations.files.prompt import naming_pictures, with_files
from chatui.conversations.manner import Manner
from chatui.domain.errors import ModelBlind
from chatui.domain.messages import ChatMessage, ChatRequest, Image, ModelName, Role
from storage.attachments import PICTURE, Content, Contents
from storage.messages import Said
from storage.tables import Message

NO_FILES: Final[Contents] = MappingProxyType({})
Spoken = Said | Message
"""A message as far as a model reads it; a whole one has that, too."""


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

    def compose(
        self, branch: Sequence[Spoken], model: ModelName, manner: Manner, files: Contents = NO_FILES
    ) -> Composed:
        """Ask `model` to answer the last message of a branch so, with the files beside its messages.

        Raises `QuestionTooLong` when it cannot fit, and `ModelBlind` for a question with pictures that the model does
        not see. Pictures of earlier ones are only named to such a model.
        """
        context = self._catalog.context_tokens(model)
        longest = self._longest(manner)
        sees = self._sees(model)
        if not sees and _shows_pictures(branch, files):
            raise ModelBlind(model)
        fitted = fit(_turns(branch, manner, _Files(files, sees)), context, longest)
        think = manner.think if self._takes_a_wish_to_think(model) else None
        request = ChatRequest(model, fitted.messages, answer_room(context, longest), manner.sampling, think=think)
        return Composed(request, fitted.prompt_tokens, fitted.left_out)

    def weigh(self, branch: Sequence[Spoken], model: ModelName, manner: Manner, files: Contents = NO_FILES) -> Weight:
        """What a branch weighs for `model` before the next question."""
        turns = _turns(branch, manner, _Files(files, self._sees(model)))
        return weigh(turns, self._catalog.context_tokens(model), self._longest(manner))

    def _longest(self, manner: Manner) -> int:
        most = self._answer_tokens()
        return min(most, manner.max_tokens or most)

    def _sees(self, model: ModelName) -> bool:
        """Whether pictures can be shown to a model, as far as is known: some servers do not tell."""
        about = self._catalog.about(model)
        return about is None or about.may_see

    def _takes_a_wish_to_think(self, model: ModelName) -> bool:
        """Whether a wish can be told: Ollama refuses it for a model that cannot think, and alone gives digests."""
        about = self._catalog.about(model)
        return about is None or about.digest is None or "thinking" in about.capabilities


@dataclass(frozen=True, slots=True)
class _Files:
    """The files beside messages, and whether pictures among them are shown or only named."""

    of: Contents
    shown: bool

    def beside(self, message: Spoken) -> ChatMessage:
        """A message as the model reads it."""
        files: Sequence[Content] = self.of.get(message.id, ())
        text = with_files(message.content, files)
        if not self.shown:
            return ChatMessage(Role(message.role), naming_pictures(text, files))
        pictures = tuple(Image(one.picture) for one in files if one.head.kind == PICTURE)
        return ChatMessage(Role(message.role), text, images=pictures)


def _turns(branch: Sequence[Spoken], manner: Manner, files: _Files) -> Sequence[ChatMessage]:
    system = [ChatMessage(Role.SYSTEM, manner.system)] if manner.system else []
    said = (message for message in branch if message.content or message.id in files.of)
    return [*system, *map(files.beside, said)]


def _shows_pictures(branch: Sequence[Spoken], files: Contents) -> bool:
    question = next((message for message in reversed(branch) if message.role == Role.USER), None)
    return question is not None and any(one.head.kind == PICTURE for one in files.get(question.id, ()))
