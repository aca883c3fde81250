"""How an attempt ended, as far as the policy learns from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chatui.domain.errors import (
    AskRefused,
    BackendBusy,
    BackendError,
    BackendUnreachable,
    CapabilityMissing,
    DeadlineExceeded,
    ModelLoadFailed,
    ModelNotFound,
    OutOfMemory,
    PromptTooLong,
)


class OutcomeKind(StrEnum):
    """What the end of an attempt says about its backend."""

    DONE = "done"
    STOPPED = "stopped"
    YIELDED = "yielded"
    LOAD_FAILED = "load_failed"
    MEMORY = "memory"
    BUSY = "busy"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    REFUSED = "refused"


# What the breaker of a model counts; an unreachable backend is the health check's, a busy one the limiter's.
BREAKS = frozenset({OutcomeKind.LOAD_FAILED, OutcomeKind.MEMORY, OutcomeKind.TIMEOUT, OutcomeKind.FAILED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt: `seconds` from its start; tokens as the backend counted them, 0 where it did not say."""

    kind: OutcomeKind
    seconds: float
    prompt_tokens: int = 0
    output_tokens: int = 0


KINDS: tuple[tuple[type[BackendError], OutcomeKind], ...] = (
    (ModelLoadFailed, OutcomeKind.LOAD_FAILED),
    (OutOfMemory, OutcomeKind.MEMORY),
    (BackendBusy, OutcomeKind.BUSY),
    (DeadlineExceeded, OutcomeKind.TIMEOUT),
    (BackendUnreachable, OutcomeKind.UNREACHABLE),
    (CapabilityMissing, OutcomeKind.REFUSED),
    (PromptTooLong, OutcomeKind.REFUSED),
    (ModelNotFound, OutcomeKind.REFUSED),
    (AskRefused, OutcomeKind.REFUSED),
)


def kind_of(error: BackendError) -> OutcomeKind:
    """Tell what an attempt's error says about the backend; `REFUSED` says nothing, the ask itself was at fault."""
    return next((kind for of, kind in KINDS if isinstance(error, of)), OutcomeKind.FAILED)
