"""The breaker of a model: five failures in a row open it, one probe decides what follows."""

from __future__ import annotations

from chatui.scheduler.breaker import Breaker


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        breaker.began()
        breaker.failed(100.0)
    return breaker


def test_five_failures_in_a_row_open_it_for_5_s() -> None:
    breaker = opened()
    assert not breaker.allows(104.9)
    assert breaker.open_until == 105.0
    assert breaker.allows(105.0)


def test_a_success_between_keeps_it_closed() -> None:
    breaker = Breaker()
    for _ in range(5):
        for _ in range(4):
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
    assert breaker.open_until == 210.0
    for at in (300.0, 400.0, 500.0, 600.0, 700.0):
        breaker.began()
        breaker.failed(at)
    assert breaker.open_until == 700.0 + 240.0


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker = opened()
    breaker.began()
    breaker.succeeded()
    assert breaker.allows(0.0)
    assert breaker.open_until is None
