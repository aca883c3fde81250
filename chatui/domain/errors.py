"""Everything that can go wrong, as one tree.

    SamovarError
    ├── Refused                  nothing was accepted and nothing was kept
    │   ├── InvalidInput         the ask itself is not right
    │   │   ├── EmptyMessage
    │   │   ├── MessageTooLong
    │   │   ├── NameRefused      no name for a person or a group
    │   │   ├── PasswordRefused  too short, too long, or too easy to guess
    │   │   └── AddressRefused   a backend's URL that leads where it must not
    │   ├── NotFound             there is no such thing, or it is somebody else's
    │   ├── Forbidden            it is there, and not for this role
    │   ├── SignInFailed         the name or the password is wrong
    │   ├── TooManyTries         too many failed ones; it says when the next may come
    │   ├── AccountNotActive     the password is right, but the account waits for approval or is disabled
    │   ├── LinkInvalid          a link or a code that was used, is too old, or never was
    │   ├── NameTaken            somebody has that name already
    │   ├── SignUpClosed         accounts are made by invitation alone
    │   ├── LastAdmin            nobody would be left to run the app
    │   ├── GroupInUse           the group still has members
    │   ├── ModelForbidden       the person's group may not use the model
    │   ├── QuotaSpent           the tokens of the day are used up
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


class NameRefused(InvalidInput):
    """No name for a person or a group: empty, too long, or with characters that cannot be seen."""


class PasswordRefused(InvalidInput):
    """The password is not good enough; `flaw` is one of `accounts.password_rules.PasswordFlaw`."""

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class AddressRefused(InvalidInput):
    """A backend's URL that leads where it must not; `flaw` is one of `backends.ssrf.AddressFlaw`."""

    def __init__(self, flaw: str, detail: str) -> None:
        super().__init__(f"{flaw}: {detail}")
        self.flaw = flaw
        self.detail = detail


class NotFound(Refused):
    """There is no such thing, or it belongs to somebody else: callers cannot tell which."""


class Forbidden(Refused):
    """What was asked for is no secret, but not for this role."""


class SignInFailed(Refused):
    """The name or the password is wrong: nobody learns which."""


class TooManyTries(Refused):
    """Too many tries failed; the next may come after `retry_after`."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"again in {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class AccountNotActive(Refused):
    """Name and password are right, but nobody may sign in to the account now; `state` is its `AccountState`."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class LinkInvalid(Refused):
    """The link or the code was used, is too old, or never was: callers cannot tell which."""


class NameTaken(Refused):
    """A person or a group has that name already."""


class SignUpClosed(Refused):
    """Accounts are made by invitation alone, or too many wait for approval."""


class LastAdmin(Refused):
    """After that nobody could run the app."""


class GroupInUse(Refused):
    """The group still has members."""


class ModelForbidden(Refused):
    """The person's group may not use `model`."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class QuotaSpent(Refused):
    """The `limit` of tokens a day is used up; there are new ones after `retry_after`."""

    def __init__(self, limit: int, retry_after: timedelta) -> None:
        super().__init__(f"{limit} tokens a day")
        self.limit = limit
        self.retry_after = retry_after


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
