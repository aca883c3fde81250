"""The adaptive limit: it climbs while it helps, falls on failures, and forgets when the machine changed."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from chatui.scheduler.limiter import AdaptiveLimiter, LimiterConfig

PLATEAU = (20.0, 27.5, 33.0, 37.5, 41.0, 43.5)


def rate(limit: int) -> float:
    return PLATEAU[min(limit, len(PLATEAU)) - 1]


def played(
    limiter: AdaptiveLimiter, seconds: int, speed: Callable[[int], float] = rate, begin: float = 0.0
) -> list[int]:
    limits = []
    for second in range(seconds):
        limiter.on_sample(1.0, round(1000 * speed(limiter.limit)), begin + second)
        limits.append(limiter.limit)
    return limits


def limiter_of(maximum: int) -> AdaptiveLimiter:
    """Tokens are counted in thousandths here, so that whole numbers carry the speeds."""
    return AdaptiveLimiter(maximum, LimiterConfig(least_per_stream=4500.0))


def test_it_starts_at_one_and_finds_the_plateau() -> None:
    limiter = limiter_of(16)
    limits = played(limiter, 1200)
    assert limits[0] == 1
    assert limits[-1] == 6
    assert limiter.settled
    assert max(limits) == 7, "one step beyond is tried, and taken back"


def test_it_does_not_climb_past_its_maximum() -> None:
    limiter = limiter_of(3)
    assert max(played(limiter, 600)) == 3


def test_it_does_not_climb_where_every_stream_would_crawl() -> None:
    limiter = limiter_of(16)
    assert max(played(limiter, 600, lambda limit: 4.0 * limit)) == 1


def test_a_crash_halves_it_and_sets_a_ceiling_for_an_hour() -> None:
    limiter = limiter_of(16)
    played(limiter, 1200)
    limiter.on_crash(6, 1200.0)
    assert limiter.limit == 3
    assert max(played(limiter, 3000, begin=1200.0)) == 5
    assert played(limiter, 8000, begin=4900.0)[-1] == 6, "after an hour it may be tried again"


def test_a_refusal_takes_a_quarter() -> None:
    limiter = AdaptiveLimiter(16)
    limiter.start_at(8)
    limiter.on_refusal(0.0)
    assert limiter.limit == 6


def test_it_finds_a_lower_plateau_when_the_machine_changes() -> None:
    limiter = limiter_of(16)
    played(limiter, 1200)
    slower = (12.0, 16.0, 19.0, 17.0, 14.0, 11.0, 9.0)
    limits = played(limiter, 900, lambda limit: slower[limit - 1], begin=1200.0)
    assert limits[-1] == 3


def test_it_starts_where_it_was_left() -> None:
    limiter = AdaptiveLimiter(4)
    limiter.start_at(9)
    assert limiter.limit == 4


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("sample"), st.integers(0, 30), st.integers(0, 3000)),
            st.tuples(st.just("crash"), st.integers(1, 20), st.just(0)),
            st.tuples(st.just("refusal"), st.just(0), st.just(0)),
            st.tuples(st.just("maximum"), st.integers(1, 12), st.just(0)),
        ),
        max_size=120,
    ),
)
def test_the_limit_is_never_below_one_nor_above_its_maximum(events: list[tuple[str, int, int]]) -> None:
    limiter, now = AdaptiveLimiter(8), 0.0
    for what, number, tokens in events:
        now += number
        match what:
            case "sample":
                limiter.on_sample(float(number), tokens, now)
            case "crash":
                limiter.on_crash(number, now)
            case "refusal":
                limiter.on_refusal(now)
            case _:
                limiter.maximum = number
        assert 1 <= limiter.limit <= limiter.maximum
