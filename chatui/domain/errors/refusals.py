"""What was not accepted."""

from __future__ import annotations

from datetime import timedelta

from chatui.domain.errors.root import SamovarError


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


class PromptRefused(InvalidInput):
    """The prompt cannot be kept so; `flaw` is one of `conversations.prompt.PromptFlaw`."""

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class ImportRefused(InvalidInput):
    """The file is not imported; `flaw` is one of `conversations.importing.flaws.ImportFlaw`."""

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class AddressRefused(InvalidInput):
    """A backend's URL that leads where it must not; `flaw` is one of `backends.ssrf.AddressFlaw`."""

    def __init__(self, flaw: str, detail: str) -> None:
        super().__init__(f"{flaw}: {detail}")
        self.flaw = flaw
        self.detail = detail


class FileRefused(InvalidInput):
    """A file that cannot stand beside a question; `flaw` is one of `conversations.files.kinds.FileFlaw`."""

    def __init__(self, flaw: str, name: str, most: int = 0) -> None:
        super().__init__(flaw)
        self.flaw = flaw
        self.name = name
        self.most = most


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


class ModelInUse(Refused):
    """Answers of the model are under way, or its server is about to load another one."""


class ModelForbidden(Refused):
    """The person's group may not use `model`."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class ModelBlind(Refused):
    """There are pictures beside the question, and `model` sees none."""

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


class NothingToContinue(Refused):
    """The answer is whole, has no text, or is followed by another question."""


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
