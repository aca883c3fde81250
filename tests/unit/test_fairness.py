"""Virtual tokens: nobody saves up, nobody is forgiven, memory follows the active."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chatui.domain.messages import UserId
from chatui.scheduler.decision import PersonLimits
from chatui.scheduler.fairness import Accounts
from tests.support.entries import ANN, BEN, CID


def accounts() -> Accounts:
    return Accounts(cap=2, allowance=1000.0)


def test_who_comes_back_is_lifted_to_the_least_charged_of_the_active() -> None:
    people = accounts()
    people.join(ANN)
    people.charge(ANN, 500.0)
    people.join(BEN)
    assert people.tokens_of(BEN) == 500.0


def test_who_had_more_keeps_it() -> None:
    people = accounts()
    people.join(ANN)
    people.join(BEN)
    people.charge(ANN, 500.0)
    people.leave(ANN)
    people.join(ANN)
    assert people.tokens_of(ANN) == 500.0


def test_a_night_of_work_alone_is_no_debt_in_the_morning() -> None:
    people = accounts()
    people.join(ANN)
    people.charge(ANN, 1e6)
    people.leave(ANN)
    people.join(BEN)
    people.join(ANN)
    assert people.tokens_of(ANN) == people.tokens_of(BEN)


def test_the_usual_limits_cost_no_memory() -> None:
    people = accounts()
    people.limit(ANN, PersonLimits(weight=2.0))
    people.limit(ANN, PersonLimits())
    people.limit(BEN, PersonLimits())
    assert not people._limits


def test_the_cap_is_reached_and_left_once() -> None:
    people = accounts()
    assert [people.took(ANN), people.took(ANN), people.took(ANN)] == [False, True, False]
    assert people.capped(ANN)
    assert [people.gave_back(ANN), people.gave_back(ANN), people.gave_back(ANN)] == [False, True, False]
    assert people.running_of(ANN) == 0


def test_a_cap_of_ones_own_is_reached_and_left() -> None:
    people = accounts()
    people.limit(ANN, PersonLimits(running=1))
    assert [people.took(ANN), people.took(ANN)] == [True, False]
    people.limit(ANN, PersonLimits(running=3))
    assert not people.capped(ANN)
    people.limit(BEN, PersonLimits(running=0))
    assert people.capped(BEN)


def test_over_is_who_had_an_allowance_more_than_somebody_active() -> None:
    people = accounts()
    people.join(ANN)
    people.charge(ANN, 5000.0)
    assert not people.over(ANN), "alone nobody is over"
    people.join(BEN)
    people.charge(ANN, 1001.0)
    assert people.over(ANN)
    people.leave(BEN)
    assert not people.over(ANN)


def test_memory_follows_the_active() -> None:
    people = accounts()
    for number in range(500):
        user = UserId(UUID(int=number + 10))
        people.join(user)
        people.charge(user, 10.0)
        people.leave(user)
    assert len(people._tokens) <= 2


@given(st.lists(st.tuples(st.sampled_from((ANN, BEN, CID)), st.integers(-50, 100)), max_size=60))
def test_the_least_charged_is_found_whatever_rose_or_fell(charges: list[tuple[UserId, int]]) -> None:
    people = accounts()
    for user in (ANN, BEN, CID):
        people.join(user)
    for user, tokens in charges:
        people.charge(user, tokens)
        assert people._minimum() == min(people.tokens_of(each) for each in (ANN, BEN, CID))
