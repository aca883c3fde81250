"""Facts in the past tense, and the deltas of a stream.

A backend yields `BackendEvent`s; a job tells those who watch it `JobEvent`s.
Times are seconds of the injected monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chatui.domain.errors import BackendError
from chatui.domain.jobs import JobState, Stage, StopReason
from chatui.domain.messages import FinishReason, Usage


@dataclass(frozen=True, slots=True)
class ReplyOpened:
    """The backend accepted the request: the model is loaded and reads the prompt."""


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """A piece of the model's thinking, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of the `index`-th tool call, from 0. The first piece has the name, and the id where there is one.

    The `arguments` of all pieces together are a JSON object.
    """

    index: int
    arguments: str
    name: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class TokenScore:
    """A token and the logarithm of its probability. `token` cannot show half a character: `raw` has its bytes."""

    token: str
    logprob: float
    raw: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ScoredToken:
    """A token that was written, and the likeliest ones at its place."""

    chosen: TokenScore
    alternatives: tuple[TokenScore, ...] = ()


@dataclass(frozen=True, slots=True)
class TokensScored:
    """How probable the tokens were of the delta that follows."""

    tokens: tuple[ScoredToken, ...]


@dataclass(frozen=True, slots=True)
class ContextMade:
    """The memory of a completion, as tokens, for the `context` of the next one."""

    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EmbeddingsMade:
    """A vector for each of the inputs, in their order."""

    vectors: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """The backend said that the answer is whole. A stream that ends without it was cut."""

    reason: FinishReason
    usage: Usage


AnswerPart = ToolCallDelta | TokensScored | ContextMade | EmbeddingsMade
"""What an answer has beside its text and its thinking."""

BackendEvent = ReplyOpened | ThinkingDelta | TextDelta | AnswerPart | ReplyFinished


@dataclass(frozen=True, slots=True)
class JobQueued:
    """The job waits for its turn, from `at`."""

    at: float


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A worker took the job and tries it on `backend` for the `number`-th time, from 1."""

    at: float
    number: int
    backend: str


@dataclass(frozen=True, slots=True)
class StageEntered:
    """The running attempt went on to `stage`."""

    at: float
    stage: Stage


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """An attempt failed with `error`; retry `number` of `of` may start after `delay`, at the same place in line."""

    at: float
    number: int
    of: int
    delay: timedelta
    error: BackendError


@dataclass(frozen=True, slots=True)
class JobFinished:
    """The job reached its one final state.

    `error` says why when it was not done or stopped, `why` when something else than a wish stopped it.
    """

    at: float
    state: JobState
    reason: FinishReason | None = None
    usage: Usage | None = None
    error: BackendError | None = None
    why: StopReason | None = None

    @property
    def code(self) -> str | None:
        """The reason in a word, for records; None where the state says it all."""
        return self.error.code if self.error else self.why


TimelineEvent = JobQueued | AttemptStarted | StageEntered | RetryScheduled | JobFinished
JobEvent = TimelineEvent | ThinkingDelta | TextDelta | AnswerPart
