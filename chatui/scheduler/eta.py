"""How long it takes until a job's turn: several futures of the policy played through, then calibrated."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, pstdev

from chatui.domain.jobs import JobId, Priority
from chatui.scheduler.arrivals import Arrivals
from chatui.scheduler.chances import Chances
from chatui.scheduler.entry import Entry
from chatui.scheduler.replay import Replay, Turn
from chatui.scheduler.situation import Situation

FUTURES = 18
STEPS = 1350  # of all futures together, about: with many waiting chance evens out in each of them
SHORT = 40  # a line; a longer one gets one future, of the middle of everything
FEW = 4  # futures tell too little of their own spread
SURE = 0.05
CLOSE = 0.3  # a guess is good that misses by no more than this share
SMOOTH = 0.4  # of the logarithm: how far a handful of futures is spread to stand for all


@dataclass(frozen=True, slots=True)
class Expected:
    """A turn as the futures have it: seconds from now, how far they are apart (of the logarithm), what comes before."""

    job_id: JobId
    seconds: float
    spread: float
    answers_before: int
    swaps_before: int


def foresee(
    situation: Situation, waiting: Sequence[Entry], arrivals: Arrivals, now: float, rng: random.Random
) -> list[Expected]:
    """List the turns in the expected order; what has none in most futures (no backend, paused) is left out."""
    futures = FUTURES if len(waiting) <= SHORT else 1
    chances = Chances(futures, rng)
    found: dict[JobId, list[Turn]] = {}
    steps, number = 0, 0
    while number < futures and steps < STEPS:
        chance = chances.of(number)
        replay = Replay(situation.twin(waiting, now), now, chance, arrivals.coming(now, chance))
        for job_id, turn in replay.turns().items():
            found.setdefault(job_id, []).append(turn)
        steps, number = steps + replay.steps, number + 1
    spread = situation.estimates.lengths.spread
    lists = [(job_id, sorted(turns, key=_seconds)) for job_id, turns in found.items() if 2 * len(turns) > number]
    # By the middle of each: who is before somebody else in all futures is so here.
    lists.sort(key=lambda pair: pair[1][len(pair[1]) // 2].seconds)
    return [_expected(job_id, turns, spread) for job_id, turns in lists]


def _seconds(turn: Turn) -> float:
    return turn.seconds


def _expected(job_id: JobId, turns: Sequence[Turn], spread: float) -> Expected:
    middle, logs = turns[len(turns) // 2], [math.log(turn.seconds + 1) for turn in turns]
    apart = pstdev(logs) if len(turns) >= FEW else spread / math.sqrt(max(1, middle.answers_before))
    seconds = math.exp(_best(logs)) - 1 if apart > SURE else middle.seconds
    return Expected(job_id, max(0.0, seconds), max(SURE, apart), middle.answers_before, middle.swaps_before)


def _best(logs: Sequence[float]) -> float:
    """Tell the guess that would be good in the largest share of the futures, of logarithms in order."""
    steps = [logs[0] + (logs[-1] - logs[0]) * step / 20 for step in range(21)]
    return max(steps, key=lambda guess: sum(_good(guess - each) for each in logs))


def _good(off: float) -> float:
    """Tell how likely a guess is good that is `off` from one future, which stands for those about it."""
    least, most = (off - math.log1p(CLOSE)) / SMOOTH, (off - math.log1p(-CLOSE)) / SMOOTH
    return math.erf(most / math.sqrt(2)) - math.erf(least / math.sqrt(2))


class Calibration:
    """How the expected compared to what came, for each class, over its last 300 jobs.

    A miss is the logarithm of actual over expected, in spreads of the futures: so that a wait for a load, which is
    known well, is not doubted for what answers did that nobody can know. A second is added to both sides of a ratio, so
    that waits of nothing make no wild ones. The futures are their own best guess: they are corrected only by what
    chance does not explain.
    """

    KEPT = 300
    ENOUGH = 30
    FAR = 5.0
    DOUBT = 2.5  # standard errors of a median: a tenth more than twice that of a mean

    def __init__(self) -> None:
        self._misses: dict[Priority, deque[float]] = {each: deque(maxlen=self.KEPT) for each in Priority}

    def add(self, priority: Priority, expected: Expected, actual: float) -> None:
        """Take in how long a job was expected to wait and how long it did, in seconds."""
        miss = math.log((actual + 1) / (expected.seconds + 1)) / expected.spread
        self._misses[priority].append(max(-self.FAR, min(self.FAR, miss)))

    def interval(self, priority: Priority, expected: Expected) -> tuple[float, float] | None:
        """Tell the interval that 8 of 10 such jobs met, in seconds; None while fewer than 30 were seen."""
        misses = sorted(self._misses[priority])
        if len(misses) < self.ENOUGH:
            return None
        outside = (len(misses) + 1) // 10
        return _moved(expected, misses[outside - 1]), _moved(expected, misses[-outside])

    def centre(self, priority: Priority, expected: Expected) -> float:
        """Tell the expectation, corrected where jobs of the class were missed to one side."""
        misses = self._misses[priority]
        if len(misses) < self.ENOUGH:
            return expected.seconds
        side, doubt = median(misses), self.DOUBT * pstdev(misses) / math.sqrt(len(misses))
        return _moved(expected, math.copysign(max(0.0, abs(side) - doubt), side))

    def learned(self) -> dict[str, list[float]]:
        """Export what was seen."""
        return {priority.name: list(misses) for priority, misses in self._misses.items()}

    def learn(self, kept: Mapping[str, Iterable[float]]) -> None:
        """Import what `learned` exported."""
        for name, misses in kept.items():
            self._misses[Priority[name]].extend(map(float, misses))


def _moved(expected: Expected, miss: float) -> float:
    return max(0.0, (expected.seconds + 1) * math.exp(miss * expected.spread) - 1)
