"""Looks at the queue and the machine every five seconds and notes what it sees."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from chatui.domain.errors import Refused
from chatui.domain.jobs import JobState
from chatui.operations.recorder.history import LOOK_EVERY, History
from chatui.operations.recorder.queue_figures import QueueFigures
from chatui.operations.recorder.sample import Sample
from chatui.operations.recorder.tally import Tally
from chatui.scheduler.scheduler import Scheduler

log = logging.getLogger(__name__)
Figures = Callable[[], Mapping[str, float]]


class Recorder:
    """Puts samples together and into the history.

    `machine` reads figures of the machine: it may take a moment, and is called in a thread.
    """

    def __init__(
        self, scheduler: Scheduler, tally: Tally, history: History, machine: Figures, clock: Callable[[], float]
    ) -> None:
        self._scheduler = scheduler
        self._tally = tally
        self._queue = QueueFigures(scheduler)
        self._machine = machine
        self._clock = clock
        self._listeners: list[Callable[[Sample], None]] = []
        self.history = history

    def subscribe(self, taken: Callable[[Sample], None]) -> Callable[[], None]:
        """Have `taken` called with each sample; returns what ends the subscription."""
        self._listeners.append(taken)
        return lambda: self._listeners.remove(taken)

    async def run(self) -> None:
        """Look again and again until cancelled; what an earlier run noted is taken up first."""
        await self.history.recall()
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            try:
                await self.look()
            except Refused as error:
                log.info("figures were not noted: %s", error)
            except Exception:  # a figure that cannot be read must not end the app
                log.exception("figures were not noted")

    async def look(self) -> None:
        """Look once."""
        machine = await asyncio.to_thread(self._machine)
        self._note_expectations()
        gauges = {**self._queue.gauges(), **machine}
        counts, spans, people = self._tally.taken()
        counts["swaps"] = self._queue.swaps()
        sample = Sample(self.history.now(), gauges, counts, spans, people)
        await self.history.take(sample)
        for taken in tuple(self._listeners):
            taken(sample)

    def _note_expectations(self) -> None:
        if any(job.state is JobState.QUEUED for job in self._scheduler.jobs):
            now = self._clock()
            for place in self._scheduler.places().values():
                self._tally.told(place, now)
