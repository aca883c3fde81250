"""Where a job goes: loaded first, then the least busy; swaps, drains and what is learned about memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatui.domain.jobs import Priority
from chatui.domain.messages import ModelName
from chatui.scheduler.decision import Auto, BackendView, Fixed, PolicyConfig, Start, Swap, Waits
from chatui.scheduler.entry import Entry
from chatui.scheduler.outcome import Outcome, OutcomeKind
from chatui.scheduler.policy import Policy
from tests.support.entries import AMBER, ANN, BASALT, BEN, CID, COBALT, entry, view

CONFIG = PolicyConfig(limit=Fixed(2))


def policy(*views: BackendView, config: PolicyConfig = CONFIG) -> Policy:
    made = Policy(config)
    for each in views:
        made.backend_seen(each, 0.0)
    return made


def decisions(made: Policy, now: float) -> list[Start | Swap]:
    found = []
    while (decision := made.decide(now)) is not None:
        found.append(decision)
    return found


def done(made: Policy, job: Entry, now: float, kind: OutcomeKind = OutcomeKind.DONE) -> None:
    made.finished(job.job_id, Outcome(kind, 1.0, 100, 10), now)


def loaded(made: Policy, model: ModelName, now: float, *resident: ModelName, name: str = "box") -> None:
    made.swapped(name, model, 2.0, now)
    made.backend_seen(view(name, *(resident or (model,))), now)


def test_a_job_goes_where_its_model_is_loaded() -> None:
    made = policy(view("one"), view("two", AMBER))
    made.submit(job := entry(1), 0.0)
    assert decisions(made, 0.0) == [Start(job, "two")]


def test_among_loaded_ones_it_goes_to_the_least_busy() -> None:
    made = policy(view("one", AMBER), view("two", AMBER))
    for number, user in enumerate((ANN, BEN, CID, ANN), 1):
        made.submit(entry(number, user), 0.0)
    places = [each.backend for each in decisions(made, 0.0) if isinstance(each, Start)]
    assert sorted(places) == ["one", "one", "two", "two"]
    assert places[0] != places[1]


def test_what_comes_before_a_job_is_counted_on_the_backend_that_takes_it() -> None:
    made = policy(view("one", AMBER), view("two", BASALT), config=PolicyConfig(limit=Fixed(1)))
    for number in range(1, 9):
        made.submit(entry(number, (ANN, BEN, CID)[number % 3], model=AMBER if number % 2 else BASALT), 0.0)
    assert len(decisions(made, 0.0)) == 2
    places = made.places(0.0)
    for parity in (0, 1):
        before = [place.answers_before for place in places if place.job_id.int % 2 == parity]
        assert all(1 <= answers <= 3 for answers in before)


def test_a_backend_that_fails_its_check_is_left_out_until_it_recovers() -> None:
    made = policy(view("box", AMBER, healthy=False))
    made.submit(job := entry(1), 0.0)
    assert decisions(made, 0.0) == []
    assert made.places(0.0)[0].waits is Waits.NO_BACKEND
    made.backend_seen(view("box", AMBER), 5.0)
    assert decisions(made, 5.0) == [Start(job, "box")]


def test_a_second_load_is_paid_once_the_wait_was_as_long() -> None:
    made = policy(view("one", AMBER), view("two"), config=replace(CONFIG, limit=Fixed(1)))
    made.submit(entry(1), 0.0)
    made.submit(waiting := entry(2, BEN), 0.0)
    assert [each.backend for each in decisions(made, 0.0)] == ["one"]
    assert made.next_wake(0.0) == 10.0
    assert decisions(made, 10.0) == [Swap("two", AMBER, (), waiting.job_id)]


def test_models_that_are_not_known_to_fit_are_loaded_beside_each_other_once_nothing_runs() -> None:
    made = policy(view("box", AMBER))
    made.submit(first := entry(1), 0.0)
    assert decisions(made, 0.0) == [Start(first, "box")]
    made.submit(other := entry(2, BEN, model=BASALT), 0.0)
    assert decisions(made, 1.0) == [], "a running answer is not disturbed"
    done(made, first, 2.0)
    assert decisions(made, 2.0) == [Swap("box", BASALT, (), other.job_id)], "the backend decides what has to go"


def test_models_that_fit_are_loaded_beside_what_runs() -> None:
    made = policy(view("box", AMBER, BASALT), view("box", AMBER))
    made.submit(entry(1), 0.0)
    made.submit(entry(2, BEN), 0.0)
    made.submit(other := entry(3, CID, model=BASALT), 0.0)
    assert decisions(made, 0.0)[-1] == Swap("box", BASALT, (), other.job_id)


def test_a_model_that_does_not_fit_is_unloaded_explicitly_the_next_time() -> None:
    made = policy(view("box", AMBER))
    made.submit(job := entry(1, model=BASALT), 0.0)
    assert decisions(made, 0.0) == [Swap("box", BASALT, (), job.job_id)]
    loaded(made, BASALT, 5.0)
    assert decisions(made, 5.0) == [Start(job, "box")]
    done(made, job, 6.0)
    made.submit(back := entry(2, model=AMBER), 6.0)
    assert decisions(made, 6.0) == [Swap("box", AMBER, (BASALT,), back.job_id)]


def started(made: Policy, now: float) -> list[int]:
    """Decide, and tell the arrivals of what starts."""
    return [each.entry.arrival for each in decisions(made, now) if isinstance(each, Start)]


def blocked(made: Policy, priority: Priority = Priority.NORMAL) -> Entry:
    """Have a backlog on amber, two of it running, and basalt asked for by somebody else; learn that they exclude."""
    made.backend_seen(view("box", AMBER), 0.0)
    made.backends()["box"].memory.evicted(frozenset((AMBER, BASALT)), frozenset((BASALT,)))
    for number in range(2, 7):
        made.submit(entry(number), 0.0)
    made.submit(other := entry(1, BEN, model=BASALT, priority=priority), 0.0)
    assert started(made, 0.0) == [2, 3]
    return other


def test_a_resident_model_is_served_past_a_blocked_head_for_a_bounded_time() -> None:
    made = policy(view("box", AMBER))
    other = blocked(made)
    done(made, entry(2), 20.0)
    assert started(made, 20.0) == [4]
    stays_until = CONFIG.stay[Priority.NORMAL] * CONFIG.default_swap_cost
    done(made, entry(3), stays_until)
    assert decisions(made, stays_until) == [], "a drain is committed: nothing more starts on amber"
    done(made, entry(4), 110.0)
    assert decisions(made, 110.0) == [Swap("box", BASALT, (AMBER,), other.job_id)]


def test_high_priority_is_passed_for_less_long() -> None:
    made = policy(view("box", AMBER))
    other, now = blocked(made, Priority.HIGH), drain(made)
    done(made, entry(4), now + 1)
    assert decisions(made, now + 1) == [Swap("box", BASALT, (AMBER,), other.job_id)]


def test_what_an_admin_puts_first_is_passed_for_less_long() -> None:
    made = policy(view("box", AMBER))
    other = blocked(made)
    assert made.control.put_first(other.job_id, 0.0)
    drain(made)


def drain(made: Policy) -> float:
    """Have the drain begin that an urgent one may wait for: one slot idle, on the other an answer just begun."""
    now = CONFIG.stay_urgent * CONFIG.default_swap_cost
    done(made, entry(2), now - 1)
    assert started(made, now - 1) == [4], "until then others pass"
    done(made, entry(3), now)
    assert decisions(made, now) == []
    return now


def test_a_slot_that_a_drain_leaves_idle_takes_what_is_urgent_for_a_bounded_time() -> None:
    made = policy(view("box", AMBER))
    blocked(made, Priority.HIGH)
    now = drain(made)
    until = now + CONFIG.grace_urgent * CONFIG.default_swap_cost
    for number, at in ((7, now), (8, until)):
        made.submit(entry(10 * number, CID, at=at), at)
        made.submit(urgent := entry(number, CID, priority=Priority.HIGH, at=at), at)
        assert started(made, at) == ([number] if at < until else [])
        done(made, urgent, until)


def test_a_night_without_a_question_makes_no_swap_dear() -> None:
    made, morning = policy(view("box", AMBER)), 8 * 3600.0
    made.backends()["box"].memory.evicted(frozenset((AMBER, BASALT)), frozenset((BASALT,)))
    made.submit(first := entry(1, model=BASALT, priority=Priority.HIGH), morning)
    assert decisions(made, morning) == [Swap("box", BASALT, (AMBER,), first.job_id)]
    loaded(made, BASALT, morning + 2)
    for number in range(2, 7):
        made.submit(entry(number, model=BASALT), morning + 2)
    made.submit(entry(7, BEN, priority=Priority.HIGH), morning + 2)
    assert [each.entry.arrival for each in decisions(made, morning + 2) if isinstance(each, Start)] == [1, 2]
    done(made, first, morning + 200)
    assert decisions(made, morning + 200) == [], "the other model's turn has come: a drain is committed"


def test_a_drain_nobody_wants_any_more_is_given_up() -> None:
    made = policy(view("box", AMBER))
    other = blocked(made)
    done(made, entry(2), 200.0)
    assert decisions(made, 200.0) == []
    made.withdraw(other.job_id, 201.0)
    assert len(decisions(made, 201.0)) == 1


def test_a_view_from_before_the_load_does_not_take_the_model_away() -> None:
    made = policy(view("box"))
    made.submit(job := entry(1), 0.0)
    decisions(made, 0.0)
    made.swapped("box", AMBER, 2.0, 5.0)
    made.backend_seen(replace(view("box"), asked_at=4.0), 5.1)
    assert decisions(made, 5.1) == [Start(job, "box")]


def test_a_backend_that_loads_for_itself_is_never_asked_to() -> None:
    made = policy(view("vllm", owns_swaps=False))
    for number, model in enumerate((AMBER, BASALT), 1):
        made.submit(entry(number, model=model), 0.0)
    assert [type(each) for each in decisions(made, 0.0)] == [Start, Start]


def test_five_failed_loads_open_the_breaker_and_other_models_go_on() -> None:
    made = policy(view("box"))
    made.submit(entry(1), 0.0)
    for at in range(5):
        assert len(decisions(made, at)) == 1
        made.swapped("box", AMBER, None, at + 0.5)
    assert decisions(made, 5.0) == []
    place = made.places(5.0)[0]
    assert (place.waits, place.until) == (Waits.BREAKER, 9.5)
    assert made.next_wake(5.0) == 9.5
    made.submit(other := entry(2, BEN, model=COBALT), 6.0)
    assert decisions(made, 6.0) == [Swap("box", COBALT, (), other.job_id)]


def test_one_crash_that_ends_many_jobs_counts_once() -> None:
    made = Policy(replace(CONFIG, limit=Auto(16), queued_per_user=None))
    made.learn({"limits": [["box", AMBER, 8]]})
    made.backend_seen(view("box", AMBER), 0.0)
    jobs = [entry(number) for number in range(1, 9)]
    for job in jobs:
        made.submit(job, 0.0)
    assert len(decisions(made, 0.0)) == 8
    for job in jobs:
        done(made, job, 10.0, OutcomeKind.MEMORY)
    assert made.backends()["box"].limit == 4


@pytest.mark.parametrize(("limit", "most"), [(Fixed(3), 3), (Auto(1), 1)])
def test_a_limit_may_change_at_any_time(limit: Fixed | Auto, most: int) -> None:
    made = policy(view("box", AMBER))
    made.control.set_limit("box", limit, 0.0)
    for number in range(1, 6):
        made.submit(entry(number), 0.0)
    assert len(decisions(made, 0.0)) == most


def test_what_was_learned_survives_a_restart() -> None:
    made = policy(view("box", AMBER, BASALT))
    kept = made.learned()
    other = Policy(CONFIG)
    other.learn(kept)
    other.backend_seen(view("box", AMBER), 0.0)
    assert other.backends()["box"].memory.fits(frozenset((AMBER, BASALT))) is True


def test_jobs_of_a_backend_that_went_away_can_still_be_reported() -> None:
    made = policy(view("box", AMBER))
    made.submit(job := entry(1), 0.0)
    decisions(made, 0.0)
    made.backend_gone("box", 1.0)
    done(made, job, 2.0, OutcomeKind.UNREACHABLE)
    assert list(made.running()) == []
    assert made.waiting() == 0
