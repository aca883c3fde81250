"""The throttle: never more failed tries in a window than allowed, nobody else delayed, memory bounded."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.accounts.rules import TryRules
from chatui.accounts.throttle import SignInThrottle, Throttle, network_of
from chatui.domain.errors import TooManyTries

RULES = TryRules(5)
WINDOW = RULES.window.total_seconds()
names = st.sampled_from(["ada", "bob", "eve"])
addresses = st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"])
pauses = st.integers(0, 400)


@dataclass(frozen=True)
class Failed:
    """A wrong password that was looked at."""

    name: str
    network: str
    at: float


def attempt(throttle: SignInThrottle, name: str, address: str, now: float) -> bool:
    try:
        throttle.spend(name, address, now)
    except TooManyTries:
        return False
    return True


@given(st.lists(st.tuples(names, addresses, pauses), max_size=80))
def test_five_fail_in_any_quarter_of_an_hour(tries: list[tuple[str, str, int]]) -> None:
    throttle, now, failed = SignInThrottle(RULES), 0.0, list[Failed]()
    for name, address, pause in tries:
        now += pause
        if attempt(throttle, name, address, now):
            failed.append(Failed(name, network_of(address), now))
    for last in failed:
        recent = [each for each in failed if last.at - WINDOW < each.at <= last.at]
        assert len([each for each in recent if each.name == last.name]) <= 5
        assert len([each for each in recent if each.network == last.network]) <= 5


@given(st.lists(st.tuples(names, pauses), max_size=60), st.integers(0, 2_000))
def test_the_delay_is_told_to_the_second_and_then_over(tries: list[tuple[str, int]], pause: int) -> None:
    throttle, now = Throttle(RULES), 0.0
    for name, between in tries:
        now += between
        if not throttle.wait([(name,)], now):
            throttle.spend([(name,)], now)
    now += pause
    wait = throttle.wait([("ada",)], now).total_seconds()
    assert not throttle.wait([("ada",)], now + wait)
    if wait:
        assert throttle.wait([("ada",)], now + wait - 1)
        with pytest.raises(TooManyTries) as refusal:
            throttle.spend([("ada",)], now)
        assert refusal.value.retry_after.total_seconds() == wait


@given(st.lists(st.tuples(names, addresses, pauses), max_size=60))
def test_people_at_home_are_delayed_by_nobody(tries: list[tuple[str, str, int]]) -> None:
    throttle, now = SignInThrottle(RULES), 0.0
    throttle.acquaint("zoe", "192.0.2.1")
    for name, address, pause in tries:
        now += pause
        attempt(throttle, name, address, now)
        attempt(throttle, "zoe", "203.0.113.9", now)
        throttle.succeeded(throttle.spend("zoe", "192.0.2.1", now), "zoe", "192.0.2.1")


def test_people_at_home_have_five_tries_as_well() -> None:
    throttle = SignInThrottle(RULES)
    throttle.acquaint("ada", "192.0.2.1")
    assert [attempt(throttle, "ada", "192.0.2.1", 0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert attempt(throttle, "ada", "192.0.2.2", 0)


def test_one_success_does_not_forgive_an_address_what_it_tried_with_others() -> None:
    throttle = SignInThrottle(RULES)
    for name in ("ada", "bob", "cyd", "dan"):
        throttle.spend(name, "192.0.2.1", 0)
    throttle.succeeded(throttle.spend("eve", "192.0.2.1", 0), "eve", "192.0.2.1")
    assert attempt(throttle, "fay", "192.0.2.1", 1)
    assert not attempt(throttle, "gus", "192.0.2.1", 1)


def test_a_refused_try_counts_for_nothing() -> None:
    throttle = Throttle(RULES)
    for _ in range(5):
        throttle.spend([("ada",), ("home",)], 0)
    for second in range(1, 900):
        with pytest.raises(TooManyTries):
            throttle.spend([("ada",), ("away",)], second)
    throttle.spend([("ada",), ("away",)], 900)
    assert not throttle.wait([("bob",), ("away",)], 900)


@given(st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 20)), max_size=300))
def test_memory_is_bounded(tries: list[tuple[int, int]]) -> None:
    throttle, now = Throttle(RULES, capacity=10), 0.0
    for key, pause in tries:
        now += pause
        if not throttle.wait([(str(key),)], now):
            throttle.spend([(str(key),)], now)
        assert len(throttle) <= 10
    throttle.spend([("last",)], now + WINDOW)
    assert len(throttle) == 1


def test_the_key_tried_longest_ago_is_forgotten_first() -> None:
    throttle = Throttle(TryRules(1), capacity=3)
    tried = [throttle.spend([(name,)], now) for now, name in enumerate("abc")]
    throttle.give_back(tried[0])
    throttle.spend([("a",)], 3)
    throttle.spend([("d",)], 4)
    assert [bool(throttle.wait([(name,)], 5)) for name in "abcd"] == [True, False, True, True]
    throttle = Throttle(TryRules(2), capacity=2)
    for now, name in enumerate("abac"):
        throttle.spend([(name,)], now)
    assert throttle.wait([("a",)], 4)


def test_one_person_holds_a_whole_network_of_ipv6() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("nowhere") == "nowhere"
