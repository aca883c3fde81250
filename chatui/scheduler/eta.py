"""How long it takes until a job's turn: the policy's own order played through on expected costs, then calibrated."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from statistics import median

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName
from chatui.scheduler.backend_state import Slot
from chatui.scheduler.decision import Start, Swap
from chatui.scheduler.dispatch import next_decision
from chatui.scheduler.situation import Situation

# An answer that is longer than expected goes on for about this share of what was expected.
RESIDUAL = 0.3
STEPS = 2000  # of a replay at most: what has no turn by then is told none


@dataclass(frozen=True, slots=True)
class Expected:
    """A turn as played through: seconds from now, and what comes before it."""

    job_id: JobId
    seconds: float
    answers_before: int
    swaps_before: int


@dataclass(frozen=True, slots=True)
class _Load:
    backend: str
    model: ModelName


class Replay:
    """Plays a situation's future through with the same decisions, as if nobody came and all cost what is expected."""

    def __init__(self, twin: Situation, now: float) -> None:
        self._situation = twin
        self._began = now
        self._ends: list[tuple[float, int, JobId | _Load]] = []
        self._number = count()
        self._answers = 0
        self._swaps = 0
        for running in twin.running.values():
            self._at(now + self._remaining(running), running.entry.job_id)
        for backend in twin.backends.values():
            if backend.swap is not None and backend.swap.loading_since is not None:
                ends = backend.swap.loading_since + twin.estimates.load(backend.name, backend.swap.load)
                self._at(max(ends, now + 0.5), _Load(backend.name, backend.swap.load))

    def turns(self, at_most: int) -> list[Expected]:
        """List the turns in order, at most so many; what never gets a turn (no backend, paused) is left out."""
        found: list[Expected] = []
        now: float | None = self._began
        for _ in range(STEPS):
            if now is None or len(found) >= at_most:
                break
            found.extend(self._decide(now))
            now = self._step(now)
        return found

    def _decide(self, now: float) -> list[Expected]:
        started = []
        while (decision := next_decision(self._situation, now)) is not None:
            match decision:
                case Start(entry, backend):
                    started.append(Expected(entry.job_id, now - self._began, self._answers, self._swaps))
                    running = self._situation.running[entry.job_id]
                    self._at(now + self._seconds(running, backend), entry.job_id)
                case Swap(backend, model):
                    self._at(now + self._situation.estimates.load(backend, model), _Load(backend, model))
        return started

    def _step(self, now: float) -> float | None:
        """Go on to the next end or time that changes a decision; None when nothing more will happen."""
        wakes = [self._ends[0][0]] if self._ends else []
        wakes += [when for when in (self._situation.queue.next_due(), self._situation.wake_at) if when is not None]
        if not wakes:
            return None
        until = max(now, min(wakes))
        while self._ends and self._ends[0][0] <= until:
            self._end(heappop(self._ends)[2], until)
        return until

    def _end(self, what: JobId | _Load, now: float) -> None:
        if not isinstance(what, _Load):
            running = self._situation.release(what, now)
            if running is not None:
                self._answers += 1
                self._situation.leave(running.entry)
            return
        self._swaps += 1
        backend = self._situation.backends[what.backend]
        left = set() if backend.swap is None else backend.swap.leaving
        self._situation.end_load(backend, (backend.resident - left) | {what.model}, now)

    def _at(self, when: float, what: JobId | _Load) -> None:
        heappush(self._ends, (when, next(self._number), what))

    def _seconds(self, running: Slot, backend: str) -> float:
        entry = running.entry
        return self._situation.estimates.seconds(backend, entry.model, entry.prompt_tokens, running.charged)

    def _remaining(self, running: Slot) -> float:
        """Tell how long a running job still takes; what is longer than expected is expected to go on."""
        entry, estimates = running.entry, self._situation.estimates
        expected = estimates.output_tokens(entry.user, entry.model)
        left = max(expected - running.written, RESIDUAL * expected)
        reading = 0 if running.first_token_at is not None else entry.prompt_tokens
        return estimates.seconds(running.backend, entry.model, reading, left)


class Calibration:
    """How the expected compared to what came, for each class, over its last 300 jobs.

    Waits are compared with those that were expected to be about as long, since short ones vary far more. A second is
    added to both sides of a ratio, so that waits of nothing make no wild ones.
    """

    KEPT = 300
    ENOUGH = 30
    ALIKE = 100

    def __init__(self) -> None:
        self._seen: dict[Priority, deque[tuple[float, float]]] = {each: deque(maxlen=self.KEPT) for each in Priority}

    def add(self, priority: Priority, expected: float, actual: float) -> None:
        """Take in how long a job was expected to wait and how long it did, in seconds."""
        self._seen[priority].append((expected + 1, (actual + 1) / (expected + 1)))

    def interval(self, priority: Priority, expected: float) -> tuple[float, float] | None:
        """Tell the interval that 8 of 10 such jobs met, in seconds; None while fewer than 30 were seen."""
        ratios = self._alike(priority, expected)
        if len(ratios) < self.ENOUGH:
            return None
        low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
        return max(0.0, (expected + 1) * low - 1), max(0.0, (expected + 1) * high - 1)

    def centre(self, priority: Priority, expected: float) -> float:
        """Tell the expectation, corrected so that its relative error was least for such jobs."""
        ratios = self._alike(priority, expected)
        if len(ratios) < self.ENOUGH:
            return expected
        return max(0.0, (expected + 1) * _closest(ratios) - 1)

    def _alike(self, priority: Priority, expected: float) -> list[float]:
        """List the ratios of the waits that were expected to be most alike, in order."""
        seen = sorted(self._seen[priority])
        if len(seen) > self.ALIKE:
            middle = bisect_left(seen, (expected + 1, 0.0))
            begin = min(max(0, middle - self.ALIKE // 2), len(seen) - self.ALIKE)
            seen = seen[begin : begin + self.ALIKE]
        return sorted(ratio for _, ratio in seen)

    def learned(self) -> dict[str, list[tuple[float, float]]]:
        """Export what was seen."""
        return {priority.name: list(seen) for priority, seen in self._seen.items()}

    def learn(self, kept: Mapping[str, Iterable[Sequence[float]]]) -> None:
        """Import what `learned` exported."""
        for name, seen in kept.items():
            self._seen[Priority[name]].extend((expected, ratio) for expected, ratio in seen)


def _closest(ratios: Sequence[float]) -> float:
    """Tell the factor with the least median relative error, of some between the quartiles."""
    candidates = ratios[len(ratios) // 5 : 3 * len(ratios) // 4 : max(1, len(ratios) // 20)]
    return min(candidates, key=lambda factor: median(abs(factor / ratio - 1) for ratio in ratios))
