"""What a program is told when nothing comes of its request: a status, a sentence, and what each API makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from chatui.domain.errors import (
    AskRefused,
    BackendBusy,
    BackendError,
    BackendUnreachable,
    CapabilityMissing,
    DeadlineExceeded,
    Forbidden,
    InvalidInput,
    ModelNotFound,
    NoModel,
    PromptTooLong,
    QueueFull,
    Refused,
    SamovarError,
)
from chatui.web.api.fields import BadAsk
from chatui.web.statuses import retry_after, status_of
from chatui.web.wording import wording_for

BAD, NOBODY, GONE, TOO_LARGE, MANY, FAULT, BUSY = 400, 401, 404, 413, 429, 500, 503
_BY_ERROR: Final[Mapping[type[BackendError], int]] = {
    ModelNotFound: GONE,
    CapabilityMissing: BAD,
    PromptTooLong: BAD,
    AskRefused: BAD,
    BackendBusy: BUSY,
    BackendUnreachable: 502,
    DeadlineExceeded: 504,
}
_WORDS: Final[Mapping[int, str]] = {
    TOO_LARGE: "request body too large",
    GONE: "404 page not found",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why nothing comes of a request. `code` is OpenAI's word for it, `param` the field that is wrong."""

    status: int
    text: str
    code: str | None = None
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def in_ollamas_shape(self) -> dict[str, Any]:
        """The body, as Ollama writes it."""
        return {"error": self.text}

    def in_openais_shape(self) -> dict[str, Any]:
        """The body, as OpenAI writes it."""
        kind = "server_error" if self.status >= FAULT else "invalid_request_error"
        if self.status == MANY:
            kind = "rate_limit_error"
        return {"error": {"message": self.text, "type": kind, "param": self.param, "code": self.code}}

    def response(self, path: str) -> JSONResponse:
        """Answer a request for `path`, in the shape of its API."""
        body = self.in_openais_shape() if path.startswith("/v1/") else self.in_ollamas_shape()
        return JSONResponse(body, self.status, dict(self.headers))


NO_KEY: Final = Problem(NOBODY, "unauthorized: a key is needed, or this one does not work", "invalid_api_key")

Wrong = SamovarError | BadAsk | HTTPException


def problem_of(error: Wrong) -> Problem:
    """Tell what a program hears of an error."""
    match error:
        case BadAsk():
            return Problem(BAD, str(error), param=error.field or None)
        case HTTPException():
            return Problem(error.status_code, _WORDS.get(error.status_code, "the request cannot be read"))
        case BackendError():
            return _failed(error)
        case Refused():
            return _refused(error)
        case _:
            return Problem(FAULT, str(error))


def _failed(error: BackendError) -> Problem:
    status = next((_BY_ERROR[kind] for kind in type(error).__mro__ if kind in _BY_ERROR), FAULT)
    code = "model_not_found" if status == GONE else "context_length_exceeded" if type(error) is PromptTooLong else None
    after = {"retry-after": str(max(1, round(error.retry_after.total_seconds())))} if error.retry_after else {}
    return Problem(status, error.detail or str(error), code, headers=after)


def _refused(refusal: Refused) -> Problem:
    status = BAD if isinstance(refusal, InvalidInput) else status_of(refusal)
    code = "rate_limit_exceeded" if isinstance(refusal, QueueFull) else None
    if isinstance(refusal, NoModel):
        status, code = GONE, "model_not_found"
    sentence = str(refusal) if isinstance(refusal, Forbidden) else wording_for("en").refused(refusal)
    return Problem(status, sentence, code, headers=retry_after(refusal))
