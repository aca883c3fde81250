"""The stages of one attempt, each held to its limit on the event loop's monotonic clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Self, TypeVar

from chatui.domain.errors import DeadlineExceeded

T = TypeVar("T")


class StageTimer:
    """Hold an attempt to the limit of the stage it is in, and to `total` from now on, if given.

    The time counts from `enter`, not from the last byte: a server that drips bytes moves no stage on. Only waiting for
    the server is timed out; what the consumer of a stream does between two waits counts towards `total` alone.

    An answer is waited for thousands of times, so one alarm stands for all the waits: it is set for the first end in
    sight, and looks then whether that end was moved. To be used as a context, at whose end the alarm is taken back.
    """

    def __init__(self, stage: str, limit: timedelta, *, total: timedelta | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._total = total
        self._attempt_ends_at = float("inf") if total is None else self._loop.time() + total.total_seconds()
        self._alarm: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._late = False
        self.enter(stage, limit)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def enter(self, stage: str, limit: timedelta) -> None:
        """Go on to `stage`, which may take `limit` from now."""
        self._stage = stage
        self._limit = limit
        self._stage_ends_at = self._loop.time() + limit.total_seconds()

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Await what the server does; raises `DeadlineExceeded` at the stage's or the attempt's end."""
        task = asyncio.current_task(self._loop)
        assert task is not None, "waiting is done in a task"
        self._set_alarm()
        self._waiting, cancelled_before = task, task.cancelling()
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            if self._late and task.cancelling() <= cancelled_before + 1:
                raise self._exceeded() from error
            raise
        finally:
            self._waiting = None
            if self._late:
                self._late = False
                task.uncancel()

    def _set_alarm(self) -> None:
        ends_at = min(self._stage_ends_at, self._attempt_ends_at)
        if self._alarm is None or ends_at < self._alarm.when():
            self.__exit__()
            self._alarm = self._loop.call_at(ends_at, self._look)

    def _look(self) -> None:
        """Cancel the wait whose end has come, as `asyncio.timeout` does; else set the alarm anew."""
        assert self._alarm is not None
        now, self._alarm = self._alarm.when(), None
        if self._waiting is None:
            return
        if now >= min(self._stage_ends_at, self._attempt_ends_at):
            self._late = True
            self._waiting.cancel()
        else:
            self._set_alarm()

    def _exceeded(self) -> DeadlineExceeded:
        if self._total is not None and self._attempt_ends_at <= self._stage_ends_at:
            return DeadlineExceeded("total", self._total)
        return DeadlineExceeded(self._stage, self._limit)
