"""Which HTTP status tells a refusal."""

from __future__ import annotations

from typing import Final

from chatui.domain.errors import (
    AccountNotActive,
    Draining,
    Forbidden,
    InvalidInput,
    LinkInvalid,
    ModelForbidden,
    NoModel,
    NotFound,
    QueueFull,
    QuotaSpent,
    Refused,
    SignInFailed,
    SignUpClosed,
    StorageUnavailable,
    TooManyTries,
)

_CONFLICT: Final = 409
_STATUSES: Final[dict[type[Refused], int]] = {
    SignInFailed: 401,
    AccountNotActive: 403,
    Forbidden: 403,
    ModelForbidden: 403,
    SignUpClosed: 403,
    LinkInvalid: 404,
    NotFound: 404,
    InvalidInput: 422,
    QueueFull: 429,
    QuotaSpent: 429,
    TooManyTries: 429,
    Draining: 503,
    NoModel: 503,
    StorageUnavailable: 503,
}


def status_of(refusal: Refused) -> int:
    """Tell the status of a refusal; what is not named is a conflict with how things stand."""
    return next((_STATUSES[kind] for kind in type(refusal).__mro__ if kind in _STATUSES), _CONFLICT)


def retry_after(refusal: Refused) -> dict[str, str]:
    """Give the header that tells when to come back, where the refusal says so."""
    after = getattr(refusal, "retry_after", None)
    return {"retry-after": str(max(1, round(after.total_seconds())))} if after else {}
