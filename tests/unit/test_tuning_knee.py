"""Which number of workers a measurement recommends, and when it has seen enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.operations.tuning.knee import (
    ENOUGH,
    LATEST_FIRST,
    LEAST_PER_ANSWER,
    Bounds,
    Halt,
    Point,
    Reading,
    doubtful,
    halt,
    knee,
    points_of,
)

GIB = 1024**3
SPEEDS = st.floats(20, 500)
WIDE = Bounds(maximum=32)


def points(*tokens_per_second: float, first_token: float = 0.5) -> list[Point]:
    return [Point(number, 1, speed, first_token) for number, speed in enumerate(tokens_per_second, 1)]


def climbed(
    speed: Callable[[int], float], bounds: Bounds = WIDE, first: Callable[[int], float] = lambda _: 0.5
) -> tuple[Halt, list[Point]]:
    """Go up from one worker until it is enough, as a measurement does."""
    seen: list[Point] = []
    while (reason := halt(seen, bounds)) is None:
        number = len(seen) + 1
        seen.append(Point(number, 1, speed(number), first(number)))
    return reason, seen


def recommended(seen: Sequence[Point]) -> int:
    found = knee(seen)
    assert found is not None
    return found.workers


def test_nothing_measured_recommends_nothing() -> None:
    assert knee([]) is None
    assert halt([], WIDE) is None


@given(st.lists(SPEEDS, min_size=1, max_size=16))
def test_the_knee_is_fast_enough_and_none_with_fewer_workers_is(speeds: list[float]) -> None:
    seen = points(*speeds)
    readable = [one for one in seen if one.workers == 1 or one.tokens_per_second >= LEAST_PER_ANSWER * one.workers]
    best = max(one.tokens_per_second for one in readable)
    found = recommended(seen)
    assert seen[found - 1].tokens_per_second >= ENOUGH * best
    assert all(one.tokens_per_second < ENOUGH * best for one in readable if one.workers < found)


@given(st.integers(1, 8), st.floats(40, 60), st.floats(0, 0.02))
def test_a_server_that_is_full_at_some_number_has_its_knee_there(full: int, each: float, more: float) -> None:
    reason, seen = climbed(lambda number: each * min(number, full) * (1 + more * max(0, number - full)))
    assert (reason, recommended(seen)) == (Halt.SPEED, full)
    assert len(seen) <= full + 3


@given(st.integers(2, 10), st.lists(st.floats(-0.03, 0.03), min_size=32, max_size=32))
def test_noise_of_a_few_percent_moves_the_knee_by_one_at_most(full: int, noise: list[float]) -> None:
    _, seen = climbed(lambda number: 40 * min(number, full) * (1 + noise[number]))
    assert abs(recommended(seen) - full) <= 1


@given(st.lists(SPEEDS, min_size=1, max_size=16), st.floats(1, 50))
def test_a_machine_that_is_faster_throughout_has_its_knee_no_lower(speeds: list[float], factor: float) -> None:
    slow, fast = points(*speeds), points(*(factor * speed for speed in speeds))
    if all(one.tokens_per_second >= LEAST_PER_ANSWER * one.workers for one in slow):
        assert recommended(fast) == recommended(slow)


@given(st.integers(2, 8))
def test_a_late_first_token_ends_the_climb_and_is_not_recommended(late: int) -> None:
    reason, seen = climbed(lambda number: 40.0 * number, first=lambda n: 0.5 if n < late else LATEST_FIRST + 1)
    assert (reason, recommended(seen)) == (Halt.FIRST_TOKEN, late - 1)


def test_a_server_that_is_slow_with_one_worker_may_be_so_with_two() -> None:
    seen = points(10, 19, first_token=8)
    assert recommended(seen) == 2
    assert recommended([seen[0], replace(seen[1], first_token=25)]) == 1


def test_answers_too_slow_to_be_read_along_end_the_climb() -> None:
    reason, seen = climbed(lambda number: 5.0 * min(number, 3) + number)
    assert (reason, recommended(seen)) == (Halt.READING, 3)
    assert recommended(points(1.0)) == 1


def test_the_maximum_ends_the_climb() -> None:
    reason, seen = climbed(lambda number: 40.0 * number, Bounds(maximum=4))
    assert (reason, recommended(seen), len(seen)) == (Halt.MAXIMUM, 4, 4)


@pytest.mark.parametrize(("free_gib", "reason"), [(8, None), (2.5, None), (1.5, Halt.MEMORY), (0.5, Halt.MEMORY)])
def test_memory_ends_the_climb_before_it_is_used_up(free_gib: float, reason: Halt | None) -> None:
    """One more worker takes as much as the last one did, here a gigabyte; as much is to stay free."""
    first = Point(1, 1, 40, 0.5, used_bytes=4 * GIB, free_bytes=12 * GIB)
    second = Point(2, 1, 80, 0.5, used_bytes=5 * GIB, free_bytes=int(free_gib * GIB))
    assert halt([first, second], Bounds(maximum=8, kept_bytes=GIB)) is reason
    assert recommended([first, second]) == 2


def test_one_step_in_vain_does_not_end_the_climb() -> None:
    assert halt(points(40, 40), WIDE) is None
    assert halt(points(40, 40, 80), WIDE) is None
    assert halt(points(40, 40, 40), WIDE) is Halt.SPEED


def test_a_round_is_held_against_those_with_one_worker_around_it() -> None:
    """The machine is half as fast for a while, and a fourth as fast then."""
    rounds = [
        Reading(1, 40, 0.5, 4, 4),
        Reading(2, 80, 0.6, 5, 3),
        Reading(1, 40, 0.5, 4, 4),
        Reading(2, 60, 9.0, 6, 2),
        Reading(1, 20, 0.9, 4, 4),
        Reading(3, 25, 0.7, None, None),
        Reading(2, 22, 0.7, None, None),
    ]
    one, two, three = points_of(rounds)
    assert one == Point(1, 3, 40, 0.5, 4, 4)
    assert (two.rounds, two.tokens_per_second, two.first_token, two.used_bytes, two.free_bytes) == (3, 80, 0.6, 6, 2)
    assert (three.rounds, three.tokens_per_second) == (1, 50)
    assert points_of([Reading(2, 80, 0.5)])[0].tokens_per_second == 80


@given(st.lists(st.floats(1.2, 2), min_size=1, max_size=9))
def test_a_number_is_in_doubt_until_half_of_its_rounds_agree_or_after_seven(gains: list[float]) -> None:
    readings = [reading for gain in gains for reading in (Reading(1, 40, 0.5), Reading(2, 40 * gain, 0.5))]
    seen = points_of(readings)

    def agree(within: float) -> bool:
        return 2 * sum(abs(gain - median(gains)) <= within * median(gains) for gain in gains) >= len(gains)

    if len(gains) >= 7 or (len(gains) >= 3 and agree(0.0499)):
        assert 2 not in doubtful(seen)
    elif len(gains) < 3 or not agree(0.0501):
        assert 2 in doubtful(seen)
    assert seen[1].tokens_per_second == pytest.approx(40 * median(gains))


def test_a_speed_close_to_what_is_enough_is_measured_more_often_and_the_best_with_it() -> None:
    seen = [Point(1, 3, 40, 0.5), Point(2, 3, 75, 0.5), Point(3, 3, 91, 0.5), Point(4, 3, 100, 0.5)]
    assert doubtful(seen) == [3, 4]
    assert doubtful([replace(one, rounds=7) for one in seen]) == []
    assert doubtful([*seen[:2], replace(seen[3], workers=3)]) == []
    assert doubtful([]) == []
