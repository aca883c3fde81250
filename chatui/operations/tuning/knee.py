"""From what was measured to the number of workers that is recommended, and when a measurement has seen enough: pure.

The knee is the fewest workers that write at least `ENOUGH` of the most tokens a second that were seen. A count is out
of the question where an answer begins too late, after `LATEST_FIRST` seconds and `LATER_FIRST` times what one worker
takes, or where each answer is written too slowly to be read along. One worker is never out of the question.

Noise is met in four ways: each count is measured in several rounds that are spread over the whole measurement, so that
whatever else the machine does meanwhile hits every count alike; the best round counts, since all that can disturb a
round makes it slower; a count is measured again until its two best rounds agree, or it was tried often; and one step
that brings nothing does not end the climb, two do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chatui.scheduler.limiter import LimiterConfig

ENOUGH: Final = 0.9
LATEST_FIRST: Final = 5.0
LATER_FIRST: Final = 3.0
LEAST_PER_ANSWER: Final = LimiterConfig().least_per_stream
_GROWTH: Final = LimiterConfig().growth
_IN_VAIN: Final = 2  # so many steps without growth end the climb
_ROUNDS: Final = (3, 7)  # at least and at most, for each number of workers
_AGREE: Final = 0.95  # the second best round has this share of the best one's speed


class Halt(StrEnum):
    """Why a measurement tries no more workers."""

    MAXIMUM = "maximum"
    SPEED = "speed"  # more of them are no faster
    FIRST_TOKEN = "first_token"  # noqa: S105 - the name of a reason  # nosec B105
    READING = "reading"  # each answer would come too slowly
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Reading:
    """One round with so many answers at once: all their tokens a second, and the slowest first token in seconds.

    The memory is this machine's, in bytes; None where the server is on another one.
    """

    workers: int
    tokens_per_second: float
    first_token: float
    used_bytes: int | None = None
    free_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """What the rounds with one number of workers came to: the best ones; of the memory the most used and least free.

    It is `settled` when its two fastest rounds agree.
    """

    workers: int
    rounds: int
    tokens_per_second: float
    first_token: float
    used_bytes: int | None = None
    free_bytes: int | None = None
    settled: bool = True

    @property
    def believed(self) -> bool:
        """Whether it was measured well enough."""
        least, most = _ROUNDS
        return self.rounds >= most or (self.settled and self.rounds >= least)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most workers to try, and how much of this machine's memory is to stay free, in bytes."""

    maximum: int
    kept_bytes: int = 0


def points_of(readings: Iterable[Reading]) -> list[Point]:
    """Bring rounds together, by the number of workers."""
    rounds: defaultdict[int, list[Reading]] = defaultdict(list)
    for reading in readings:
        rounds[reading.workers].append(reading)
    return [_point(workers, rounds[workers]) for workers in sorted(rounds)]


def knee(points: Sequence[Point]) -> Point | None:
    """Recommend one of the points; None where nothing was measured. They begin with one worker."""
    possible = [point for point in points if _too_much(point, points[0]) is None]
    best = max((point.tokens_per_second for point in possible), default=0.0)
    return next((point for point in possible if point.tokens_per_second >= ENOUGH * best), None)


def halt(points: Sequence[Point], bounds: Bounds) -> Halt | None:
    """Tell why there is nothing beyond the last of the points to try; None where one more worker is to be tried."""
    if not points:
        return None
    if (limit := _too_much(points[-1], points[0])) is not None:
        return limit
    if _in_vain(points) >= _IN_VAIN:
        return Halt.SPEED
    if points[-1].workers >= bounds.maximum:
        return Halt.MAXIMUM
    return Halt.MEMORY if _no_room(points, bounds) else None


def _point(workers: int, rounds: Sequence[Reading]) -> Point:
    best, second = sorted([0.0, *(each.tokens_per_second for each in rounds)], reverse=True)[:2]
    return Point(
        workers,
        len(rounds),
        best,
        min(each.first_token for each in rounds),
        max((each.used_bytes for each in rounds if each.used_bytes is not None), default=None),
        min((each.free_bytes for each in rounds if each.free_bytes is not None), default=None),
        settled=second >= _AGREE * best,
    )


def _too_much(point: Point, one: Point) -> Halt | None:
    """Tell why so many answers at once would be bad for those who read them."""
    if point.workers == 1:
        return None
    if point.first_token > max(LATEST_FIRST, LATER_FIRST * one.first_token):
        return Halt.FIRST_TOKEN
    return Halt.READING if point.tokens_per_second < LEAST_PER_ANSWER * point.workers else None


def _no_room(points: Sequence[Point], bounds: Bounds) -> bool:
    """Whether one more worker, which takes as much memory as the last one did, would take what is to stay free."""
    last = points[-1]
    if last.free_bytes is None:
        return False
    before = points[-2].used_bytes if len(points) > 1 else last.used_bytes
    grown = (last.used_bytes or 0) - (before or 0)
    return last.free_bytes - max(0, grown) < bounds.kept_bytes


def _in_vain(points: Sequence[Point]) -> int:
    """Count the last steps since one was clearly faster than all before it."""
    best, vain = 0.0, 0
    for point in points:
        vain = 0 if point.tokens_per_second >= _GROWTH * best else vain + 1
        best = max(best, point.tokens_per_second)
    return vain
