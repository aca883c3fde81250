"""What people meet: refusals, places, control over the waiting, and background work that yields."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from chatui.domain.errors import Draining, QueueFull
from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import UserId
from chatui.scheduler.decision import Fixed, PolicyConfig, Start, Swap, Waits
from chatui.scheduler.entry import Entry
from chatui.scheduler.outcome import Outcome, OutcomeKind
from chatui.scheduler.policy import Policy
from tests.support.entries import AMBER, ANN, BASALT, BEN, CID, entry, view

CONFIG = PolicyConfig(limit=Fixed(1))


def policy(config: PolicyConfig = CONFIG) -> Policy:
    made = Policy(config)
    made.backend_seen(view("box", AMBER), 0.0)
    return made


def starts(made: Policy, now: float) -> list[int]:
    found = []
    while (decision := made.decide(now)) is not None:
        assert isinstance(decision, Start)
        found.append(decision.entry.arrival)
    return found


def busy(made: Policy) -> Entry:
    """Have the only slot taken by somebody else's job."""
    made.submit(running := entry(1000, CID), 0.0)
    assert starts(made, 0.0) == [1000]
    return running


def done(made: Policy, job: Entry, now: float) -> None:
    made.finished(job.job_id, Outcome(OutcomeKind.DONE, 1.0, 100, 10), now)


def test_one_person_may_have_six_waiting() -> None:
    made = policy()
    busy(made)
    for number in range(1, 7):
        made.submit(entry(number), 0.0)
    with pytest.raises(QueueFull) as refused:
        made.submit(entry(7), 0.0)
    assert (refused.value.scope, refused.value.limit) == ("person", 6)
    assert timedelta(seconds=1) <= refused.value.retry_after <= timedelta(seconds=600)
    made.submit(entry(8, BEN), 0.0)
    assert made.waiting() == 7


def test_the_queue_takes_sixty() -> None:
    made = policy()
    busy(made)
    for number in range(1, 61):
        made.submit(entry(number, UserId(UUID(int=number + 50))), 0.0)
    with pytest.raises(QueueFull) as refused:
        made.submit(entry(61, ANN), 0.0)
    assert refused.value.scope == "queue"


def test_a_wait_that_would_be_too_long_is_refused_and_nothing_is_kept() -> None:
    made = Policy(replace(CONFIG, max_wait={Priority.NORMAL: 60.0}))
    made.learn({"estimates": {"writing": [["box", AMBER, 0.1, 1]]}})
    made.backend_seen(view("box", AMBER), 0.0)
    busy(made)
    number = 0
    with pytest.raises(QueueFull) as refused:  # noqa: PT012 (each of them is accepted or the last)
        for number in range(1, 30):
            made.submit(entry(number, UserId(UUID(int=number + 50))), 0.0)
    assert (refused.value.scope, refused.value.limit) == ("wait", 60)
    assert made.waiting() == number - 1
    made.submit(entry(99, ANN, priority=Priority.HIGH), 0.0)


def test_nobody_is_refused_over_a_guess() -> None:
    made = policy(replace(CONFIG, max_wait={Priority.NORMAL: 60.0}, queued_in_all=None))
    busy(made)
    for number in range(1, 200):
        made.submit(entry(number, UserId(UUID(int=number + 50))), 0.0)
    assert made.waiting() == 199


def test_who_was_accepted_earlier_is_never_refused() -> None:
    made = policy()
    for number in range(1, 20):
        made.restore(entry(number), 0.0)
    assert made.waiting() == 19


def test_a_retry_keeps_its_place() -> None:
    made = policy()
    made.submit(first := entry(1), 0.0)
    made.submit(entry(2), 0.0)
    assert starts(made, 0.0) == [1]
    made.requeue(first.job_id, Outcome(OutcomeKind.BUSY, 1.0), 5.0, 1.0)
    assert starts(made, 1.0) == [2]
    place = next(each for each in made.places(1.0) if each.job_id == first.job_id)
    assert (place.waits, place.until) == (Waits.RETRY, 5.0)
    made.submit(entry(3), 2.0)
    done(made, entry(2), 6.0)
    assert starts(made, 6.0) == [1]


def test_places_tell_the_order_and_what_comes_before() -> None:
    made = policy()
    busy(made)
    made.submit(entry(1, ANN), 0.0)
    made.submit(entry(2, BEN, model=BASALT), 0.0)
    made.submit(entry(3, ANN), 0.0)
    places = made.places(0.0)
    assert [place.position for place in places] == [1, 2, 3]
    assert places[0].answers_before == 1
    assert [place.swaps_before for place in places if place.job_id == JobId(UUID(int=2))] == [1]
    assert all(place.low is None and place.expected is not None for place in places), "still learning"
    expected = [place.expected or 0.0 for place in places]
    assert expected == sorted(expected)


def test_an_interval_is_told_once_thirty_turns_were_seen() -> None:
    made, now = policy(), 0.0
    running = busy(made)
    for number in range(1, 40):
        made.submit(job := entry(number, ANN if number % 2 else BEN, at=now), now)
        made.places(now)
        now += 20.0
        made.progressed(running.job_id, 10, now - 10.0)
        done(made, running, now)
        assert starts(made, now) == [number]
        running = job
    made.submit(entry(50, at=now), now)
    place = made.places(now)[0]
    assert place.low is not None
    assert place.high is not None
    assert place.low <= (place.expected or 0.0) <= place.high


def test_places_are_bounded_when_very_many_wait() -> None:
    made = policy(replace(CONFIG, queued_per_user=None, queued_in_all=None, max_wait={}, places=50))
    for number in range(1, 3000):
        made.restore(entry(number, UserId(UUID(int=number))), 0.0)
    places = made.places(0.0)
    assert [place.position for place in places] == list(range(1, 51))


def test_an_admin_puts_a_job_first_and_a_person_lets_others_pass() -> None:
    made = policy()
    running = busy(made)
    for number, user in enumerate((ANN, BEN, ANN), 1):
        made.submit(entry(number, user), 0.0)
    assert made.control.put_first(JobId(UUID(int=3)), 0.0)
    assert made.control.let_pass(JobId(UUID(int=1)), 0.0)
    order = []
    for at in (1.0, 2.0, 3.0):
        done(made, running, at)
        order += starts(made, at)
        running = next(iter(made.running())).entry
    assert order == [3, 2, 1]
    assert not made.control.put_first(JobId(UUID(int=77)), 4.0)


def test_who_was_put_first_stands_first_also_while_the_queue_is_paused() -> None:
    made = policy()
    made.control.pause()
    for number, user in enumerate((ANN, BEN, ANN, BEN), 1):
        made.submit(entry(number, user), 0.0)
    assert [place.job_id.int for place in made.places(0.5)] == [1, 2, 3, 4]
    assert made.control.put_first(JobId(UUID(int=3)), 0.5)
    assert made.control.put_first(JobId(UUID(int=4)), 0.5)
    assert made.control.let_pass(JobId(UUID(int=1)), 0.5)
    assert [place.job_id.int for place in made.places(1.0)] == [4, 3, 2, 1]


def test_a_job_that_is_to_run_when_idle_waits_for_everybody_but_is_not_cut() -> None:
    made = policy()
    running = busy(made)
    made.submit(idle := entry(1), 0.0)
    assert made.control.run_when_idle(idle.job_id, 0.0)
    made.submit(late := entry(2, BEN, priority=Priority.LOW), 500.0)
    assert made.places(500.0)[-1].waits is Waits.IDLE
    done(made, running, 500.0)
    assert starts(made, 500.0) == [2]
    done(made, late, 501.0)
    assert starts(made, 501.0) == [1]
    made.submit(entry(3, BEN), 502.0)
    assert made.preempt(502.0) == []


def test_a_waiting_job_may_change_its_model() -> None:
    made = policy()
    made.submit(job := entry(1, model=BASALT), 0.0)
    assert made.control.choose_model(job.job_id, AMBER, 50, 0.0)
    assert starts(made, 0.0) == [1]


def test_background_work_yields_to_a_person_and_is_told_once() -> None:
    made = policy()
    made.submit(title := entry(1, background=True), 0.0)
    assert starts(made, 0.0) == [1]
    assert made.preempt(1.0) == []
    made.submit(entry(2, BEN), 1.0)
    assert made.preempt(1.0) == [title.job_id]
    assert made.preempt(1.0) == []
    made.requeue(title.job_id, Outcome(OutcomeKind.YIELDED, 1.0), 0.0, 1.2)
    assert starts(made, 1.2) == [2]


def test_background_work_never_evicts_a_model_that_was_just_used() -> None:
    made = policy()
    running = busy(made)
    made.submit(warm_up := entry(1, ANN, model=BASALT, background=True), 5.0)
    assert made.decide(5.0) is None
    done(made, running, 20.0)
    assert made.decide(20.0) is None
    assert made.next_wake(20.0) == 30.0
    assert made.decide(30.0) == Swap("box", BASALT, (), warm_up.job_id)


def test_a_pause_starts_nothing_and_drops_nothing() -> None:
    made = policy()
    made.submit(entry(1), 0.0)
    made.control.pause("box")
    assert made.decide(0.0) is None
    assert made.places(0.0)[0].waits is Waits.PAUSED
    made.control.resume("box")
    assert starts(made, 1.0) == [1]


def test_a_draining_queue_takes_and_starts_nothing_more() -> None:
    made = policy()
    made.submit(entry(1), 0.0)
    made.drain()
    assert made.decide(0.0) is None
    with pytest.raises(Draining):
        made.submit(entry(2), 0.0)
    assert made.waiting() == 1


def test_a_heavy_person_does_not_stand_before_a_light_one() -> None:
    made = policy(replace(CONFIG, queued_per_user=None))
    for number in range(1, 11):
        made.submit(entry(number, ANN), 0.0)
    made.submit(entry(11, BEN), 0.0)
    assert starts(made, 0.0) == [1]
    done(made, entry(1), 31.0)
    assert starts(made, 31.0) == [11]


def test_a_failed_attempt_without_a_word_costs_nothing() -> None:
    made = policy()
    made.submit(job := entry(1, ANN), 0.0)
    made.submit(entry(2, BEN), 0.0)
    assert starts(made, 0.0) == [1]
    made.requeue(job.job_id, Outcome(OutcomeKind.LOAD_FAILED, 1.0), 0.0, 1.0)
    assert starts(made, 1.0) == [1], "as before, the earlier of two who had nothing"


def test_the_third_slot_goes_to_somebody_else_while_anybody_else_can_use_it() -> None:
    made = policy(replace(CONFIG, limit=Fixed(4)))
    for number in range(1, 5):
        made.submit(entry(number, ANN, priority=Priority.HIGH), 0.0)
    made.submit(entry(5, BEN, priority=Priority.LOW), 0.0)
    assert starts(made, 0.0) == [1, 2, 5, 3], "and when nobody can, it is not left idle"
