"""The stages of one attempt, each held to its limit on the event loop's monotonic clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

from chatui.domain.errors import DeadlineExceeded

T = TypeVar("T")


class StageTimer:
    """Hold an attempt to the limit of the stage it is in, and to `total` from now on, if given.

    The time counts from `enter`, not from the last byte: a server that drips bytes moves no stage on. Only waiting for
    the server is timed out; what the consumer of a stream does between two waits counts towards `total` alone.
    """

    def __init__(self, stage: str, limit: timedelta, *, total: timedelta | None = None) -> None:
        self._total = total
        self._attempt_ends_at = float("inf") if total is None else _now() + total.total_seconds()
        self.enter(stage, limit)

    def enter(self, stage: str, limit: timedelta) -> None:
        """Go on to `stage`, which may take `limit` from now."""
        self._stage = stage
        self._limit = limit
        self._stage_ends_at = _now() + limit.total_seconds()

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Await what the server does; raises `DeadlineExceeded` at the stage's or the attempt's end."""
        ends_at = min(self._stage_ends_at, self._attempt_ends_at)
        try:
            async with asyncio.timeout_at(ends_at) as scope:
                return await awaitable
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise self._exceeded() from error

    def _exceeded(self) -> DeadlineExceeded:
        if self._total is not None and self._attempt_ends_at <= self._stage_ends_at:
            return DeadlineExceeded("total", self._total)
        return DeadlineExceeded(self._stage, self._limit)


def _now() -> float:
    return asyncio.get_running_loop().time()
