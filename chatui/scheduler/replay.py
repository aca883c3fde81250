"""One future: the policy's own decisions played on, over the lengths and the asks that were drawn for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from math import inf

from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName
from chatui.scheduler.backend_state import Slot
from chatui.scheduler.chances import Chance
from chatui.scheduler.decision import Start, Swap
from chatui.scheduler.dispatch import next_decision
from chatui.scheduler.entry import Entry
from chatui.scheduler.situation import Situation

STEPS = 1000  # of a replay at most: what has no turn by then is told none


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn as played through: seconds from now, and what comes before it on the backend that takes it."""

    seconds: float
    answers_before: int
    swaps_before: int


@dataclass(frozen=True, slots=True)
class _Load:
    backend: str
    model: ModelName


@dataclass(slots=True)
class _Stream:
    """A running answer: how long it still takes at the usual pace, and how many times as fast it goes now."""

    model: ModelName
    left: float
    pace: float = 1.0


class Replay:
    """Plays a situation's future through with the same decisions; `coming` are those who will ask."""

    def __init__(self, twin: Situation, now: float, chance: Chance, coming: Iterator[Entry]) -> None:
        self._situation = twin
        self._began = now
        self._chance = chance
        self._coming = coming
        self._next = next(coming, None)
        self._streams: dict[str, dict[JobId, _Stream]] = {name: {} for name in twin.backends}
        self._loads: list[tuple[float, int, _Load]] = []
        self._number = count()
        self._answers: Counter[str] = Counter()
        self._swaps: Counter[str] = Counter()
        self.steps = 0
        for running in twin.running.values():
            self._begin(running, self._remaining(running, now))
        for name in self._streams:
            self._set_paces(name)
        for backend in twin.backends.values():
            if backend.swap is not None and backend.swap.loading_since is not None:
                ends = backend.swap.loading_since + twin.estimates.load(backend.name, backend.swap.load)
                self._load(max(ends, now + 0.5), _Load(backend.name, backend.swap.load))

    def turns(self) -> dict[JobId, Turn]:
        """Tell the turns of all who wait now, in order; what never gets one (no backend, paused) is left out."""
        found: dict[JobId, Turn] = {}
        wanted = len(self._situation.queue)
        now: float | None = self._began
        while now is not None and len(found) < wanted and self.steps < STEPS:
            self.steps += 1
            found.update(self._decide(now))
            now = self._step(now)
        return found

    def _decide(self, now: float) -> Iterator[tuple[JobId, Turn]]:
        if all(backend.full for backend in self._situation.backends.values()):
            # Nothing starts; what that blocks is noted at the next end.
            self._situation.queue.advance(now)
            self._situation.wake_at = None
            return
        while (decision := next_decision(self._situation, now)) is not None:
            match decision:
                case Start(entry, backend):
                    self._run(self._situation.running[entry.job_id], self._seconds(entry, backend, 0))
                    if entry.arrived_at <= self._began:
                        yield entry.job_id, Turn(now - self._began, self._answers[backend], self._swaps[backend])
                case Swap(backend, model):
                    self._load(now + self._situation.estimates.load(backend, model), _Load(backend, model))

    def _step(self, now: float) -> float | None:
        """Go on to the next end, ask or time that changes a decision; None when nothing more will happen."""
        ends, ending = self._next_end(now)
        wakes = [when for when in (self._situation.queue.next_due(), self._situation.wake_at) if when is not None]
        loaded = self._loads[0][0] if self._loads else inf
        asked = self._next.arrived_at if self._next else inf
        until = max(now, min(ends, loaded, asked, *wakes))
        if until == inf or (ending is None and not self._loads and not len(self._situation.queue)):
            return None
        self._write(until - now)
        if ending is not None and ends <= until:
            self._end(ending, until)
        while self._loads and self._loads[0][0] <= until:
            self._loaded(heappop(self._loads)[2], until)
        while self._next is not None and self._next.arrived_at <= until:
            self._ask(self._next, until)
            self._next = next(self._coming, None)
        return until

    def _next_end(self, now: float) -> tuple[float, JobId | None]:
        streams = (pair for of_backend in self._streams.values() for pair in of_backend.items())
        return min(((now + stream.left / stream.pace, job_id) for job_id, stream in streams), default=(inf, None))

    def _write(self, seconds: float) -> None:
        for streams in self._streams.values():
            for stream in streams.values():
                stream.left -= seconds * stream.pace

    def _ask(self, entry: Entry, now: float) -> None:
        most = self._situation.most_queued(entry.user)
        if most is None or self._situation.queue.waiting_of(entry.user) < most:
            self._situation.add(entry, now)

    def _end(self, job_id: JobId, now: float) -> None:
        running = self._situation.release(job_id, now)
        assert running is not None
        self._answers[running.backend] += 1
        del self._streams[running.backend][job_id]
        self._set_paces(running.backend)
        self._situation.leave(running.entry)

    def _loaded(self, load: _Load, now: float) -> None:
        self._swaps[load.backend] += 1
        backend = self._situation.backends[load.backend]
        left = set() if backend.swap is None else backend.swap.leaving
        self._situation.end_load(backend, (backend.resident - left) | {load.model}, now)

    def _load(self, when: float, load: _Load) -> None:
        heappush(self._loads, (when, next(self._number), load))

    def _run(self, running: Slot, seconds: float) -> None:
        self._begin(running, seconds)
        self._set_paces(running.backend)

    def _begin(self, running: Slot, seconds: float) -> None:
        streams = self._streams.setdefault(running.backend, {})
        streams[running.entry.job_id] = _Stream(running.entry.model, seconds)

    def _set_paces(self, backend: str) -> None:
        streams, pace = self._streams[backend], self._situation.estimates.paces.pace
        for stream in streams.values():
            stream.pace = pace(backend, stream.model, len(streams))

    def _remaining(self, running: Slot, now: float) -> float:
        if running.first_token_at is not None:
            return self._seconds(running.entry, running.backend, running.written, reading=0.0)
        return max(0.5, self._seconds(running.entry, running.backend, 0) - (now - running.started_at))

    def _seconds(self, entry: Entry, backend: str, written: int, reading: float = 1.0) -> float:
        estimates = self._situation.estimates
        left = estimates.lengths.left(entry.user, entry.model, written, self._chance.of(entry.job_id))
        return estimates.seconds(backend, entry.model, reading * entry.prompt_tokens, left)
