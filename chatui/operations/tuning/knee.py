"""From what was measured to the number of workers that is recommended, and when a measurement has seen enough: pure.

The knee is the fewest workers that write at least `ENOUGH` of the most tokens a second that were seen. A count is out
of the question where an answer begins too late, after `LATEST_FIRST` seconds and `LATER_FIRST` times what one worker
takes, or where each answer is written too slowly to be read along. One worker is never out of the question.

Noise is met in four ways. Each round is held against the rounds with one worker right before and after it, so that
whatever else the machine does meanwhile, which slows all of them down alike, cancels out. Each count is measured in
several rounds that are spread over the whole measurement, of which the median counts. A count is measured again until
half of its rounds agree and it is clear on which side of `ENOUGH` it is, or it was tried often. And one step that
brings nothing does not end the climb, two do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

from chatui.scheduler.limiter import LimiterConfig

ENOUGH: Final = 0.9
LATEST_FIRST: Final = 8.0
LATER_FIRST: Final = 3.0
LEAST_PER_ANSWER: Final = LimiterConfig().least_per_stream
_GROWTH: Final = LimiterConfig().growth
_IN_VAIN: Final = 2  # so many steps without growth end the climb
_ROUNDS: Final = (3, 7)  # at least and at most, for each number of workers
_CLOSE: Final = 0.06  # a speed is close to what is enough that differs from it by no more, as a share of it
_AGREE: Final = 0.05  # rounds agree that differ from their median by no more, as a share of it


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
    """What the rounds with one number of workers came to, at the speed of a machine that does the usual beside it.

    The first token is the soonest, the memory the most used and the least free. It is `settled` when rounds agree.
    """

    workers: int
    rounds: int
    tokens_per_second: float
    first_token: float
    used_bytes: int | None = None
    free_bytes: int | None = None
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most workers to try, and how much of this machine's memory is to stay free, in bytes."""

    maximum: int
    kept_bytes: int = 0


def points_of(readings: Sequence[Reading]) -> list[Point]:
    """Bring rounds together by the number of workers; they stand in the order in which they were made."""
    gains: defaultdict[int, list[float]] = defaultdict(list)
    rounds: defaultdict[int, list[Reading]] = defaultdict(list)
    for index, reading in enumerate(readings):
        gains[reading.workers].append(_gain(readings, index))
        rounds[reading.workers].append(reading)
    alone = median(_alone(readings) or [1.0])
    return [_point(workers, rounds[workers], gains[workers], alone) for workers in sorted(rounds)]


def knee(points: Sequence[Point]) -> Point | None:
    """Recommend one of the points; None where nothing was measured. They begin with one worker."""
    possible = [point for point in points if _too_much(point, points[0]) is None]
    best = max((point.tokens_per_second for point in possible), default=0.0)
    return next((point for point in possible if point.tokens_per_second >= ENOUGH * best), None)


def doubtful(points: Sequence[Point]) -> list[int]:
    """List the numbers of workers that are to be measured again before the knee can be told."""
    least, most = _ROUNDS
    best = max((point.tokens_per_second for point in points), default=0.0)
    enough = ENOUGH * best
    close = {point.workers for point in points if abs(point.tokens_per_second - enough) <= _CLOSE * enough}
    # What is enough is as doubtful as the best speed is.
    if close:
        close |= {point.workers for point in points if point.tokens_per_second == best}
    unclear = [point for point in points if not point.settled or point.rounds < least or point.workers in close - {1}]
    return [point.workers for point in unclear if point.rounds < most]


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


def _alone(readings: Iterable[Reading]) -> list[float]:
    return [reading.tokens_per_second for reading in readings if reading.workers == 1]


def _gain(readings: Sequence[Reading], index: int) -> float:
    """Tell how many times as fast a round was as those with one worker around it; where none was, its own speed."""
    reading = readings[index]
    if reading.workers == 1:
        return 1.0
    around = [*_alone(readings[:index])[-1:], *_alone(readings[index + 1 :])[:1]]
    beside = sum(around) / len(around) if around else 1.0
    return reading.tokens_per_second / beside if beside else 0.0


def _point(workers: int, rounds: Sequence[Reading], gains: Sequence[float], alone: float) -> Point:
    gain = median(gains)
    agreeing = sum(abs(each - gain) <= _AGREE * gain for each in gains)
    return Point(
        workers,
        len(rounds),
        gain * alone,
        min(each.first_token for each in rounds),
        max((each.used_bytes for each in rounds if each.used_bytes is not None), default=None),
        min((each.free_bytes for each in rounds if each.free_bytes is not None), default=None),
        settled=2 * agreeing >= len(gains),
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
