"""Sees to it that the measurements which are asked for are made, one at a time, and keeps how they go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from chatui.backends.base import BackendKind, ModelInfo
from chatui.backends.registry import BackendStatus
from chatui.domain.errors import Refused
from chatui.domain.messages import ModelName
from chatui.operations.advice import GIB, Memory, advised_workers
from chatui.operations.fleet import Fleet
from chatui.operations.tuning.answers import Answers, Target
from chatui.operations.tuning.knee import Bounds, knee, points_of
from chatui.operations.tuning.measurement import Measurement, NeverQuiet, Step
from chatui.operations.tuning.quiet import Quiet
from chatui.operations.tuning.states import OPEN, Cause, State
from chatui.operations.workers import WorkersInForce
from chatui.scheduler.scheduler import Scheduler
from chatui.scheduler.tasks import Tasks
from storage import tunings
from storage.database import Database
from storage.errors import StorageError
from storage.tables import TuningRun

log = logging.getLogger(__name__)

LOOK_EVERY: Final = timedelta(milliseconds=500)
USUAL_MAXIMUM: Final = 8
_MOST_KEPT_BYTES: Final = GIB
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What a measurement stands on. `widened` gives the built-in model so many contexts for the length of a block."""

    scheduler: Scheduler
    fleet: Fleet
    workers: WorkersInForce
    answers: Answers
    memory: Callable[[], Memory]
    context_tokens: Callable[[], int]
    widened: Callable[[int], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class _End:
    state: State
    reason: str
    detail: str = ""
    knee: int | None = None


class Tunings:
    """Looks at what is asked for, in the database, so that the console can ask as well."""

    def __init__(self, database: Database, ground: Ground) -> None:
        self._database = database
        self.ground = ground
        self._listeners: list[Callable[[], None]] = []
        self._tasks = Tasks()
        self._measuring: asyncio.Task[_End] | None = None
        self._measured_id: UUID | None = None
        self._cause = Cause.RESTART
        self.step: Step | None = None

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever something of a measurement is new."""
        self._listeners.append(changed)

    async def recover(self) -> None:
        """Close what a restart broke off."""
        for row in await self._open():
            await self._keep(row.id, _End(State.STOPPED, Cause.RESTART))

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            try:
                await self.look()
            except (Refused, StorageError) as error:
                log.warning("it was not looked what is to be measured: %s", error)

    async def look(self) -> None:
        """Begin what is asked for, and stop what is not wanted any more."""
        for row in await self._open():
            if row.stop_wanted and row.id == self._measured_id:
                self._give_up(Cause.ASKED)
            elif row.stop_wanted:
                await self._keep(row.id, _End(State.STOPPED, Cause.ASKED))
            elif self._measuring is None:
                self._measured_id = row.id
                self._measuring = asyncio.create_task(self._measure(row))
                self._tasks.spawn(self._follow(row.id, self._measuring))

    def settings_changed(self, *_: object) -> None:
        """Give up what is under way: what was measured so far was measured with other settings."""
        self._give_up(Cause.SETTINGS)

    async def settle(self) -> None:
        """Return when nothing is being measured any more."""
        await self._tasks.wait()

    async def close(self) -> None:
        """Give up what is under way, as the app ends."""
        self._give_up(Cause.RESTART)
        await self.settle()

    def _give_up(self, cause: Cause) -> None:
        if self._measuring is not None:
            self._cause = cause
            self._measuring.cancel()

    async def _follow(self, run_id: UUID, measuring: asyncio.Task[_End]) -> None:
        await asyncio.wait({measuring})
        try:
            await self._keep(run_id, _end_of(measuring, self._cause))
        except StorageError as error:
            log.warning("how a measurement went is not kept: %s", error)
        finally:
            self._measuring = self._measured_id = self.step = None
            self._tell()

    async def _measure(self, row: TuningRun) -> _End:
        """Measure; raises LookupError where no server that answers has the model, and as `Measurement.run` does."""
        status, info = self._place(row.model)
        maximum = row.maximum or self._usual_maximum(status)
        await self._change(row.id, state=State.RUNNING, model=info.name, backend=status.name, maximum=maximum)
        measurement = self._measurement(status, info, maximum)

        async def told(step: Step) -> None:
            self.step = step
            await self._change(row.id, points=_points(measurement))

        with ExitStack() as stack:
            if status.kind is BackendKind.EMBEDDED:
                stack.enter_context(self.ground.widened(maximum))
            halt = await measurement.run(told)
        await self._change(row.id, points=_points(measurement))
        best = knee(points_of(measurement.readings))
        return _End(State.FOUND, halt, knee=best.workers if best else None)

    def _measurement(self, status: BackendStatus, info: ModelInfo, maximum: int) -> Measurement:
        ground = self.ground
        here = (urlsplit(status.url).hostname or "localhost") in _HERE
        return Measurement(
            ground.answers,
            Quiet(ground.scheduler, ground.answers.own),
            Target(info.name, status.name, "thinking" in info.capabilities, here),
            Bounds(maximum, min(_MOST_KEPT_BYTES, ground.memory().total_bytes // 10)),
            lambda: ground.workers.measuring(status.name, maximum),
        )

    def _place(self, model: str) -> tuple[BackendStatus, ModelInfo]:
        name = ModelName(model) if model else self.ground.fleet.default()
        info = None if name is None else self.ground.fleet.find(name)
        for status in self.ground.fleet.statuses():
            if info is not None and status.ok and status.has(info.name):
                return status, info
        raise LookupError(model)

    def _usual_maximum(self, status: BackendStatus) -> int:
        """The most workers to try where nobody says: each context of the built-in model takes memory from the start."""
        if status.kind is not BackendKind.EMBEDDED:
            return USUAL_MAXIMUM
        return min(USUAL_MAXIMUM, advised_workers(self.ground.memory(), None, self.ground.context_tokens()))

    async def _open(self) -> Sequence[TuningRun]:
        return await self._database.read(lambda session: tunings.runs_in(session, OPEN))

    async def _keep(self, run_id: UUID, end: _End) -> None:
        log.info("measurement %s: %s", run_id, end)
        await self._change(run_id, **asdict(end), finished_at=self._database.clocks.now())

    async def _change(self, run_id: UUID, **values: Any) -> None:
        await self._database.write(lambda session: tunings.change_run(session, run_id, **values))
        self._tell()

    def _tell(self) -> None:
        for changed in self._listeners:
            changed()


def _points(measurement: Measurement) -> list[dict[str, Any]]:
    return [asdict(point) for point in points_of(measurement.readings)]


def _end_of(measuring: asyncio.Task[_End], cause: Cause) -> _End:
    if measuring.cancelled():
        return _End(State.STOPPED, cause)
    match measuring.exception():
        case None:
            return measuring.result()
        case NeverQuiet():
            return _End(State.STOPPED, Cause.PEOPLE)
        case LookupError():
            return _End(State.FAILED, Cause.NO_MODEL)
        case error:
            log.info("a measurement failed", exc_info=error)
            return _End(State.FAILED, Cause.ERROR, str(error))
