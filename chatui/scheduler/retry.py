"""Whether a failed attempt is tried again, and when."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from chatui.domain.errors import BackendError, OutOfMemory

# Errors that a second try seldom cures get fewer of them.
FEWER: Mapping[type[BackendError], int] = MappingProxyType({OutOfMemory: 1})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Full jitter: a delay anywhere from 0 to `base * 2^n`, n counting the failures before, at most `most`.

    The server's own Retry-After is the least delay, where it is no longer than `most`; a server that wants longer
    gets no retry. Never sleeps; the caller waits.
    """

    base: timedelta = timedelta(seconds=2)
    most: timedelta = timedelta(seconds=60)
    retries: int = 3
    fewer: Mapping[type[BackendError], int] = field(default_factory=lambda: FEWER)

    def next_delay(self, error: BackendError, attempt: int, rng: random.Random) -> timedelta | None:
        """Tell how long to wait after attempt `attempt` (from 1) failed with `error`; None to give up."""
        if not error.retryable or attempt > self._allowed(error):
            return None
        asked = error.retry_after or timedelta()
        if asked > self.most:
            return None
        jitter = rng.uniform(0, min(self.most, self.base * 2 ** (attempt - 1)).total_seconds())
        return max(timedelta(seconds=jitter), asked)

    def _allowed(self, error: BackendError) -> int:
        return min((most for kind, most in self.fewer.items() if isinstance(error, kind)), default=self.retries)


class RetryBudget:
    """Retries of one backend, at most a share of its attempts, so that they cannot become the load.

    Every first attempt puts `share` into the purse, a retry takes 1; `spare` lets a quiet backend retry as well.
    """

    def __init__(self, share: float = 0.2, spare: float = 10.0) -> None:
        self._share = share
        self._most = spare
        self._purse = spare

    def attempted(self) -> None:
        """Take in a first attempt."""
        self._purse = min(self._most, self._purse + self._share)

    def take(self) -> bool:
        """Ask for one retry; False when the budget is spent."""
        if self._purse < 1:
            return False
        self._purse -= 1
        return True
