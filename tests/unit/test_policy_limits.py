"""What holds for one person in the queue: their share, what they may run, and what they may have waiting."""

from __future__ import annotations

import pytest

from chatui.domain.errors import QueueFull
from chatui.domain.messages import UserId
from chatui.scheduler.decision import Fixed, PersonLimits, PolicyConfig, Start, Swap
from chatui.scheduler.entry import Entry
from chatui.scheduler.outcome import Outcome, OutcomeKind
from chatui.scheduler.policy import Policy
from tests.support.entries import AMBER, ANN, BASALT, BEN, CID, entry, view

TOKENS = 100


def policy(workers: int = 1) -> Policy:
    made = Policy(PolicyConfig(limit=Fixed(workers)))
    made.backend_seen(view("box", AMBER), 0.0)
    return made


def starts(made: Policy, now: float) -> list[int]:
    found = []
    while (decision := made.decide(now)) is not None:
        assert isinstance(decision, Start)
        found.append(decision.entry.arrival)
    return found


def done(made: Policy, job: Entry, now: float, tokens: int = TOKENS) -> None:
    made.finished(job.job_id, Outcome(OutcomeKind.DONE, 1.0, job.prompt_tokens, tokens), now)


def tokens_of(made: Policy, user: UserId) -> float:
    return made._situation.accounts.tokens_of(user)


def both_ask(made: Policy, times: int) -> None:
    for number in range(times):
        made.submit(entry(2 * number + 1, ANN), 0.0)
        made.submit(entry(2 * number + 2, BEN), 0.0)


def serve(made: Policy, times: int, since: float = 0.0) -> list[UserId]:
    """Give the only slot so many times; tell to whom."""
    served = []
    for number in range(times):
        assert len(starts(made, since + number)) == 1
        running = next(iter(made.running())).entry
        served.append(running.user)
        done(made, running, since + number + 0.5)
    return served


def test_who_weighs_three_times_as_much_is_served_three_times_as_often() -> None:
    made = policy()
    made.control.limit_person(ANN, PersonLimits(weight=3.0))
    both_ask(made, 6)
    assert serve(made, 8).count(ANN) == 6


def test_a_share_counts_at_once_for_what_waits() -> None:
    made = policy()
    both_ask(made, 6)
    assert serve(made, 4).count(ANN) == 2
    made.control.limit_person(BEN, PersonLimits(weight=100.0))
    assert serve(made, 5, since=4.0).count(BEN) == 4


def test_what_runs_is_charged_and_given_back_by_the_share_it_began_with() -> None:
    made = policy()
    made.submit(job := entry(1), 0.0)
    made.submit(entry(2), 0.0)
    assert starts(made, 0.0) == [1]
    made.control.limit_person(ANN, PersonLimits(weight=0.01))
    done(made, job, 1.0, tokens=10)
    assert tokens_of(made, ANN) == job.prompt_tokens + 2 * 10


@pytest.mark.parametrize("most", [0, 2, 9])
def test_nobody_has_more_waiting_than_they_may(most: int) -> None:
    made = policy()
    made.submit(entry(100, CID), 0.0)
    assert starts(made, 0.0) == [100]
    made.control.limit_person(ANN, PersonLimits(queued=most))
    for number in range(1, most + 1):
        made.submit(entry(number), 0.0)
    with pytest.raises(QueueFull) as refused:
        made.submit(entry(50), 0.0)
    assert (refused.value.scope, refused.value.limit) == ("person", most)
    for number in range(60, 66):
        made.submit(entry(number, BEN), 0.0)
    with pytest.raises(QueueFull) as refused:
        made.submit(entry(66, BEN), 0.0)
    assert refused.value.limit == PolicyConfig().queued_per_user, "the others have the queue's own"


def test_who_may_have_nothing_waiting_asks_while_nobody_else_does() -> None:
    made = policy()
    made.control.limit_person(ANN, PersonLimits(queued=0))
    made.submit(first := entry(1), 0.0)
    assert starts(made, 0.0) == [1]
    with pytest.raises(QueueFull):
        made.submit(entry(2), 1.0)
    done(made, first, 2.0)
    made.submit(entry(3, model=BASALT), 3.0)
    assert isinstance(made.decide(3.0), Swap), "the load of its model is no wait behind anybody"
    with pytest.raises(QueueFull):
        made.submit(entry(4), 3.0)


def test_who_may_have_nothing_waiting_asks_nothing_of_a_queue_that_stands() -> None:
    made = policy()
    made.control.limit_person(ANN, PersonLimits(queued=0))
    made.control.pause()
    with pytest.raises(QueueFull):
        made.submit(entry(1), 0.0)
    made.control.resume()
    made.control.pause("box")
    with pytest.raises(QueueFull):
        made.submit(entry(2), 0.0)


def test_a_lower_cap_of_waiting_drops_nothing() -> None:
    made = policy()
    for number in range(1, 5):
        made.submit(entry(number), 0.0)
    made.control.limit_person(ANN, PersonLimits(queued=1))
    assert made.waiting() == 4


def test_a_cap_of_running_counts_at_once_for_what_waits() -> None:
    made = policy(workers=3)
    made.control.limit_person(ANN, PersonLimits(running=0))
    for number in range(1, 4):
        made.submit(entry(number), 0.0)
    for number in range(4, 6):
        made.submit(entry(number, BEN), 1.0)
    assert starts(made, 1.0) == [4, 5, 1], "only the slot that nobody else can use"
    made.control.limit_person(ANN, PersonLimits(running=2))
    made.submit(entry(6, CID), 2.0)
    made.control.limit_person(CID, PersonLimits(running=0))
    done(made, entry(4, BEN), 3.0)
    assert starts(made, 3.0) == [2], "Ann is below the cap now, and Cid at it before a first job runs"


def test_a_slot_is_never_idle_for_the_sake_of_a_cap() -> None:
    made = policy(workers=3)
    made.control.limit_person(ANN, PersonLimits(running=1))
    for number in range(1, 5):
        made.submit(entry(number), 0.0)
    assert starts(made, 0.0) == [1, 2, 3]
