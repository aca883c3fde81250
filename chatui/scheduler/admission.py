"""Who is let into the queue: refused at once, with the reason and when to come back."""

from __future__ import annotations

from datetime import timedelta

from chatui.domain.errors import QueueFull
from chatui.scheduler.entry import Entry
from chatui.scheduler.places import Places
from chatui.scheduler.situation import Situation

SOONEST, LATEST = 1.0, 600.0


class Admission:
    """Bounds per person and in all, and on the expected wait per class."""

    def __init__(self, situation: Situation, places: Places) -> None:
        self._situation = situation
        self._places = places

    def check_room(self, entry: Entry) -> None:
        """Raise `QueueFull` of scope `person` or `queue` when there is no room for the entry."""
        config, queue = self._situation.config, self._situation.queue
        most = self._situation.most_queued(entry.user)
        if most is not None and queue.waiting_of(entry.user) >= most and (most or not self._begins(entry)):
            raise QueueFull("person", most, _when(self._next_slot()))
        if config.queued_in_all is not None and len(queue) >= config.queued_in_all:
            raise QueueFull("queue", config.queued_in_all, _when(self._next_slot()))

    def check_wait(self, entry: Entry, now: float) -> None:
        """Raise `QueueFull` of scope `wait` when the entry, which waits already, would wait too long.

        The replay is only asked when the queue is long enough for the answer to be in doubt: with many answers under
        way it takes milliseconds. Nobody is refused over a guess: the first burst on a model that was never seen waits
        within the bounds of the queue.
        """
        most = self._situation.config.max_wait.get(entry.priority)
        if most is None or entry.idle or not self._situation.estimates.knows_pace(entry.model):
            return
        if self._begins(entry) or self._at_worst(entry) <= most:
            return
        self._places.changed()
        expected = self._places.expected(entry.job_id, now)
        if expected is not None and expected > most:
            raise QueueFull("wait", round(most), _when(expected - most))

    def _begins(self, entry: Entry) -> bool:
        """Tell whether nobody else waits and a backend can begin with the entry now, be it with its model's load."""
        situation = self._situation
        itself = situation.queue.entry(entry.job_id) is not None
        if len(situation.queue) > itself or situation.paused:
            return False
        open_now = (backend for backend in situation.backends.values() if backend.open and not backend.full)
        return any(entry.model in backend.view.models for backend in open_now)

    def _next_slot(self) -> float:
        """Tell about how long it takes until one more of the waiting starts."""
        slots = sum(backend.limit for backend in self._situation.backends.values() if backend.open) or 1
        return self._job_seconds() / slots

    def _at_worst(self, entry: Entry) -> float:
        """Tell how long the whole queue takes with one worker and a swap before every second job."""
        costs = [self._situation.estimates.swap_cost(name, entry.model) for name in self._situation.backends]
        each = self._job_seconds() + 0.5 * max(costs, default=0.0)
        return each * (len(self._situation.queue) + len(self._situation.running))

    def _job_seconds(self) -> float:
        return self._situation.estimates.job_seconds()


def _when(seconds: float) -> timedelta:
    return timedelta(seconds=round(min(max(seconds, SOONEST), LATEST)))
