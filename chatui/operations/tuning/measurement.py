"""The guided measurement: from one worker upward while it is worth it, then again over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from chatui.domain.errors import OutOfMemory
from chatui.operations.tuning.answers import Answers, Disturbed, RoundFailed, Target
from chatui.operations.tuning.knee import Bounds, Halt, Reading, doubtful, halt, points_of
from chatui.operations.tuning.quiet import Quiet

_LOAD: Final = timedelta(minutes=15)
_LONGEST: Final = timedelta(minutes=2)
_PATIENCE: Final = timedelta(minutes=15)
_MOST_DISTURBED: Final = 20
_FIRST_TOKENS: Final = 8


class Phase(StrEnum):
    """What a measurement does at the moment."""

    WAITING = "waiting"  # until nobody else wants the server
    LOADING = "loading"  # and a first answer that does not count
    MEASURING = "measuring"


@dataclass(frozen=True, slots=True)
class Step:
    """What is done now, with so many workers; `round` counts from 1."""

    phase: Phase
    workers: int = 0
    round: int = 0


class NeverQuiet(Exception):
    """People needed the server all the time."""


class Measurement:
    """Measures one target. `readings` grows, round by round.

    Only while nobody else wants anything: whoever comes is served first and at once, the round is given up and done
    again when it has been quiet for a while. `workers_allowed` has the queue run as many at once as are measured.
    """

    def __init__(
        self,
        answers: Answers,
        quiet: Quiet,
        target: Target,
        bounds: Bounds,
        workers_allowed: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._answers = answers
        self._quiet = quiet
        self._target = target
        self._bounds = bounds
        self._workers_allowed = workers_allowed
        self._disturbed = 0
        self.readings: list[Reading] = []

    async def run(self, told: Callable[[Step], Awaitable[None]]) -> Halt:
        """Measure, and tell each step before it; returns why no more workers were tried.

        Raises RoundFailed, and NeverQuiet after a quarter of an hour in which people came.
        """
        await self._round(Step(Phase.LOADING, 1), told)
        while True:
            room = await self._climb(told)
            await self._beside(told)
            await self._repeat(told)
            reason = halt(points_of(self.readings), self._bounds)
            # What one round made look like the end may not be it.
            if reason is not None or not room:
                return reason or Halt.MEMORY

    async def _climb(self, told: Callable[[Step], Awaitable[None]]) -> bool:
        """Add workers while it is worth it; False when the server had no memory for the last one."""
        while halt(points_of(self.readings), self._bounds) is None:
            workers = 1 + max((reading.workers for reading in self.readings), default=0)
            try:
                await self._measure(workers, told)
            except RoundFailed as failed:
                if workers > 1 and isinstance(failed.error, OutOfMemory):
                    return False
                raise
        return True

    async def _repeat(self, told: Callable[[Step], Awaitable[None]]) -> None:
        """Measure again what is in doubt yet, from the top down and from the bottom up in turn."""
        downward = True
        while numbers := doubtful(points_of(self.readings)):
            for workers in reversed(numbers) if downward else numbers:
                await self._measure(workers, told)
            await self._beside(told)
            downward = not downward

    async def _beside(self, told: Callable[[Step], Awaitable[None]]) -> None:
        """Have a round with one worker beside the last one, which is held against it."""
        if self.readings and self.readings[-1].workers > 1:
            await self._read(1, told)

    async def _measure(self, workers: int, told: Callable[[Step], Awaitable[None]]) -> None:
        if workers > 1:
            await self._beside(told)
        await self._read(workers, told)

    async def _read(self, workers: int, told: Callable[[Step], Awaitable[None]]) -> None:
        done = sum(reading.workers == workers for reading in self.readings)
        self.readings.append(await self._round(Step(Phase.MEASURING, workers, done + 1), told))

    async def _round(self, step: Step, told: Callable[[Step], Awaitable[None]]) -> Reading:
        """Do one round when it is quiet, as often as it takes."""
        for _ in self._tries():
            if not self._quiet.now:
                await told(Step(Phase.WAITING, step.workers, step.round))
                await self._come_quiet()
            await told(step)
            try:
                return await self._undisturbed(step)
            except Disturbed:
                await told(Step(Phase.WAITING, step.workers, step.round))
                await self._come_quiet()
        raise NeverQuiet

    def _tries(self) -> Iterator[int]:
        while self._disturbed < _MOST_DISTURBED:
            yield self._disturbed
            self._disturbed += 1

    async def _come_quiet(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                await self._quiet.come()
        except TimeoutError:
            raise NeverQuiet from None

    async def _undisturbed(self, step: Step) -> Reading:
        """Do one round; raises Disturbed as soon as somebody wants something, with nothing left in their way."""
        with self._workers_allowed():
            asking = asyncio.create_task(self._ask(step))
            ending = asyncio.create_task(self._quiet.end())
            try:
                await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
                if not asking.done() or not self._quiet.now:
                    raise Disturbed
                return asking.result()
            finally:
                await _ended(asking, ending)

    async def _ask(self, step: Step) -> Reading:
        if step.phase is Phase.LOADING:
            return await self._answers.at_once(self._target, 1, _LOAD, _FIRST_TOKENS)
        return await self._answers.at_once(self._target, step.workers, _LONGEST)


async def _ended(*tasks: asyncio.Task[object]) -> None:
    """Give up what is still under way; its own error is nobody's then."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
