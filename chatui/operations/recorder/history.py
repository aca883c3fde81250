"""Samples at falling resolution: the last quarter of an hour in memory, a day and a month in the database."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from chatui.operations.recorder.sample import Sample, as_json, from_json, merged
from storage.database import Database
from storage.errors import StorageError
from storage.metric_tables import MetricSample
from storage.metrics import purge_samples, put_samples, samples_since

log = logging.getLogger(__name__)
LOOK_EVERY: Final = timedelta(seconds=5)
MINUTE: Final = timedelta(minutes=1)
QUARTER: Final = timedelta(minutes=15)
DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=30)
POINTS: Final = 180
"""A chart has no more of them: what is kept finer is put together."""


class Window(StrEnum):
    """How far back a chart goes."""

    QUARTER = "15m"
    DAY = "24h"
    MONTH = "30d"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return {"15m": QUARTER, "24h": DAY, "30d": MONTH}[self.value]

    @property
    def step(self) -> timedelta:
        """How much time a point of a chart stands for."""
        return self.length / POINTS


class History:
    """Takes samples in and gives them back. What the database refuses is a gap in a chart and no more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looks: deque[Sample] = deque(maxlen=QUARTER // LOOK_EVERY)
        self._minutes: deque[Sample] = deque(maxlen=QUARTER // MINUTE)
        self._open: list[Sample] = []

    async def recall(self) -> None:
        """Take up where an earlier run ended: its last minutes stand for the quarter of an hour before this one."""
        now = self._database.clocks.now()
        self._minutes.extend(await self._read(MINUTE, now - QUARTER))
        self._looks.extend(self._minutes)

    def now(self) -> datetime:
        """Tell the time by the database's clock."""
        return self._database.clocks.now()

    @property
    def newest(self) -> Sample | None:
        """The last sample that was taken in; None before the first."""
        return self._looks[-1] if self._looks else None

    @property
    def recent(self) -> Sequence[Sample]:
        """The samples of the last quarter of an hour, the oldest first."""
        since = self._database.clocks.now() - QUARTER
        return [sample for sample in self._looks if sample.at >= since]

    async def take(self, sample: Sample) -> None:
        """Take in a sample; the minute that it ends is written."""
        self._looks.append(sample)
        if self._open and floor(self._open[0].at, MINUTE) != floor(sample.at, MINUTE):
            await self._close_minute()
        self._open.append(sample)

    async def _close_minute(self) -> None:
        at = floor(self._open[0].at, MINUTE)
        self._minutes.append(merged(self._open, at))
        self._open = []
        quarter = floor(at, QUARTER)
        so_far = merged([minute for minute in self._minutes if minute.at >= quarter], quarter)
        rows = [_row(MINUTE, self._minutes[-1]), _row(QUARTER, so_far)]
        try:
            await self._database.write(lambda session: put_samples(session, rows))
        except StorageError as error:
            log.info("a minute of figures is not kept: %s", error)

    async def purge(self) -> None:
        """Throw away what is older than its resolution is kept."""
        now = self._database.clocks.now()
        for step, kept in ((MINUTE, DAY), (QUARTER, MONTH)):
            await self._database.write(partial(purge_samples, step_s=int(step.total_seconds()), before=now - kept))

    async def points(self, window: Window) -> list[Sample]:
        """Give the samples of a chart, at most about `POINTS`, the oldest first."""
        now = self._database.clocks.now()
        match window:
            case Window.QUARTER:
                return list(self.recent)
            case Window.DAY:
                found = await self._read(MINUTE, now - window.length)
            case Window.MONTH:
                found = await self._read(QUARTER, now - window.length)
        return thinned(found, window.step)

    async def _read(self, step: timedelta, since: datetime) -> list[Sample]:
        seconds = int(step.total_seconds())
        return await self._database.read(
            lambda session: [found for row in samples_since(session, seconds, since) if (found := _sample(row))]
        )


def thinned(samples: Sequence[Sample], step: timedelta) -> list[Sample]:
    """Put the samples of each `step` together."""
    groups: dict[datetime, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(floor(sample.at, step), []).append(sample)
    return [merged(group, at) for at, group in groups.items()]


def floor(at: datetime, step: timedelta) -> datetime:
    """Tell when the step began that a moment lies in."""
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return at - since % step


def _row(step: timedelta, sample: Sample) -> MetricSample:
    return MetricSample(step_s=int(step.total_seconds()), at=sample.at, figures=as_json(sample))


def _sample(row: MetricSample) -> Sample | None:
    try:
        return from_json(row.at, row.figures)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None  # another version's: a gap
