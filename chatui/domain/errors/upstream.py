"""What failed on a backend."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from chatui.domain.errors.root import SamovarError


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


class AskRefused(BackendError):
    """The server does not understand or take what was asked, such as a schema that is none."""

    code = "ask_refused"


class BackendMisconfigured(BackendError):
    """Something answers, but it is not the server that was expected."""

    code = "misconfigured"


class BackendFailed(BackendError):
    """An error that is in no table."""

    code = "unknown"
