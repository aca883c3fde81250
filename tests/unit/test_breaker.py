"""The breaker of a model: three failures in a row open it, one probe decides what follows."""

from __future__ import annotations

from chatui.scheduler.breaker import Breaker


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(3):
        breaker.began()
        breaker.failed(100.0)
    return breaker


def test_three_failures_in_a_row_open_it_for_30_s() -> None:
    breaker = opened()
    assert not breaker.allows(129.9)
    assert breaker.open_until == 130.0
    assert breaker.allows(130.0)


def test_a_success_between_keeps_it_closed() -> None:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(1.0)
        breaker.failed(1.0)
        breaker.succeeded()
    assert breaker.allows(1.0)


def test_one_probe_at_a_time() -> None:
    breaker = opened()
    breaker.began()
    assert breaker.probing
    assert not breaker.allows(200.0)
    breaker.abandoned()
    assert breaker.allows(200.0)


def test_a_failed_probe_opens_it_for_twice_as_long() -> None:
    breaker = opened()
    breaker.began()
    breaker.failed(200.0)
    assert breaker.open_until == 260.0
    for at in (300.0, 500.0, 900.0):
        breaker.began()
        breaker.failed(at)
    assert breaker.open_until == 900.0 + 240.0


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker = opened()
    breaker.began()
    breaker.succeeded()
    assert breaker.allows(0.0)
    assert breaker.open_until is None
