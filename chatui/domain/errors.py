"""Everything that can go wrong, as one tree.

    SamovarError
    ├── Refused                  nothing was accepted and nothing was kept
    │   ├── InvalidInput         the ask itself is not right
    │   │   ├── EmptyMessage
    │   │   └── MessageTooLong
    │   ├── NotFound             there is no such thing, or it is somebody else's
    │   ├── AnswerUnderWay       the conversation has an answer on its way
    │   ├── NotWaiting           its turn has come already
    │   ├── QueueFull            too many wait, or the wait would be too long
    │   ├── NoModel              no backend has a model to answer with
    │   ├── Draining             the app is about to stop
    │   └── StorageUnavailable   the database cannot be written now
    └── BackendError             an attempt failed; `retryable` says whether another may help
        ├── ModelLoadFailed      transient
        ├── OutOfMemory          transient, once other models are unloaded
        ├── BackendBusy          transient, the server says for how long
        ├── BackendUnreachable   transient
        ├── ReplyInterrupted     the line was closed in mid-answer
        ├── ReplyTruncated       the stream ended and never said that it was whole
        ├── ReplyInvalid         bytes that are not the protocol's
        ├── DeadlineExceeded     a stage took longer than it may
        ├── CapabilityMissing    permanent: the model or the server cannot do this
        ├── ModelNotFound        permanent: the model must be pulled first
        ├── PromptTooLong        permanent: the prompt must be trimmed
        ├── BackendMisconfigured permanent: not the server that was expected
        └── BackendFailed        anything else, the text kept as it came

`str(error)` is for logs and records; words for people are made from the class and its fields in `chatui.web.wording`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar


class SamovarError(Exception):
    """The root of the tree."""


class Refused(SamovarError):
    """The ask was not accepted; nothing of it was kept."""


class InvalidInput(Refused):
    """The ask itself is not right."""


class EmptyMessage(InvalidInput):
    """The message has no text."""


class MessageTooLong(InvalidInput):
    """The message has more characters than one message may have."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"{length} characters, {limit} allowed")
        self.length = length
        self.limit = limit


class NotFound(Refused):
    """There is no such thing, or it belongs to somebody else: callers cannot tell which."""


class AnswerUnderWay(Refused):
    """The conversation has an answer on its way; the next question follows it."""


class NotWaiting(Refused):
    """The job does not wait: its turn has come, or it is over."""


class QueueFull(Refused):
    """The queue takes no more: `scope` says whose limit was reached, `retry_after` when to come back."""

    def __init__(self, scope: str, limit: int, retry_after: timedelta) -> None:
        super().__init__(f"{scope} limit of {limit} reached")
        self.scope = scope
        self.limit = limit
        self.retry_after = retry_after


class NoModel(Refused):
    """No backend has the `wanted` model; None when there is no model at all."""

    def __init__(self, wanted: str | None = None) -> None:
        super().__init__(wanted or "no model")
        self.wanted = wanted


class Draining(Refused):
    """The app is about to stop and takes no new jobs."""


class StorageUnavailable(Refused):
    """The database cannot be written now."""


class BackendError(SamovarError):
    """An attempt failed on a backend. `detail` is the upstream's text as it came, at most 2,000 characters."""

    retryable: ClassVar[bool] = False
    code: ClassVar[str] = "failed"

    def __init__(self, detail: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(detail[:2000] or self.code)
        self.detail = detail[:2000]
        self.retry_after = retry_after


class ModelLoadFailed(BackendError):
    """The model could not be loaded."""

    retryable = True
    code = "model_load"


class OutOfMemory(BackendError):
    """The model did not fit into memory."""

    retryable = True
    code = "memory"


class BackendBusy(BackendError):
    """The server takes no more requests at the moment."""

    retryable = True
    code = "busy"


class BackendUnreachable(BackendError):
    """Nobody answers at the address, or the line broke before the answer began."""

    retryable = True
    code = "unreachable"


class ReplyInterrupted(BackendError):
    """The line was closed or reset in mid-answer, or the server reported an error there."""

    retryable = True
    code = "interrupted"


class ReplyTruncated(BackendError):
    """The stream ended cleanly without saying that the answer is whole."""

    retryable = True
    code = "truncated"


class ReplyInvalid(BackendError):
    """What came is not the protocol."""

    retryable = True
    code = "invalid_reply"


class DeadlineExceeded(BackendError):
    """A stage took longer than it may; `stage` names it."""

    retryable = True
    code = "deadline"

    def __init__(self, stage: str, limit: timedelta) -> None:
        super().__init__(f"{stage} took longer than {limit.total_seconds():g} s")
        self.stage = stage
        self.limit = limit


class CapabilityMissing(BackendError):
    """The model or the server cannot do what was asked."""

    code = "capability"


class ModelNotFound(BackendError):
    """The server does not have the model."""

    code = "not_found"


class PromptTooLong(BackendError):
    """The prompt does not fit the model's context."""

    code = "too_long"


class BackendMisconfigured(BackendError):
    """Something answers, but it is not the server that was expected."""

    code = "misconfigured"


class BackendFailed(BackendError):
    """An error that is in no table."""

    code = "unknown"
