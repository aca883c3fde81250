"""Random runs of the policy: people come and go, loads and answers fail, limits and backends change."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.decision import Auto, Fixed, PersonLimits
from chatui.scheduler.entry import Entry
from chatui.scheduler.outcome import Outcome, OutcomeKind
from tests.property.books import MODELS, USERS, Books, FakeBackend

LIMITS = st.one_of(st.integers(1, 4).map(Fixed), st.integers(1, 6).map(Auto))
PEOPLE = st.builds(
    PersonLimits,
    weight=st.sampled_from([0.01, 0.5, 1.0, 3.0, 100.0]),
    running=st.none() | st.integers(0, 4),
    queued=st.none() | st.integers(0, 6),
)
ENDS = st.sampled_from([kind for kind in OutcomeKind if kind is not OutcomeKind.YIELDED])


class PolicyMachine(RuleBasedStateMachine):
    """What can happen to a queue, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = iter(range(1, 1_000_000))
        self.books = Books()

    @initialize(fits=st.integers(1, 3), second=st.sampled_from(["none", "swaps", "fixed"]))
    def begin(self, fits: int, second: str) -> None:
        self.books.backends["first"] = FakeBackend("first", fits, owns_swaps=True)
        if second != "none":
            self.books.backends["second"] = FakeBackend("second", 1, owns_swaps=second == "swaps")
        for backend in self.books.backends.values():
            self.books.policy.backend_seen(backend.view(), self.books.now)

    @rule(
        user=st.sampled_from(USERS),
        model=st.sampled_from(MODELS),
        priority=st.sampled_from(Priority),
        kind=st.sampled_from(["job", "job", "job", "background", "when idle", "pinned"]),
        tokens=st.integers(0, 2000),
    )
    def submit(self, user: UserId, model: ModelName, priority: Priority, kind: str, tokens: int) -> None:
        number = next(self.numbers)
        entry = Entry(JobId(UUID(int=number)), user, model, priority, number, self.books.now, tokens)
        entry.background = kind == "background"
        entry.when_idle = kind == "when idle"
        entry.only_backend = "first" if kind == "pinned" else None
        self.books.submit(entry)
        self.books.act()

    @rule(user=st.sampled_from(USERS), limits=PEOPLE)
    def limit_person(self, user: UserId, limits: PersonLimits) -> None:
        self.books.limits[user] = limits
        self.books.policy.control.limit_person(user, limits)
        self.books.act()

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 25.0, 90.0, 700.0]))
    def wait(self, seconds: float) -> None:
        self.books.now += seconds
        self.books.act()

    @precondition(lambda self: self.books.running)
    @rule(data=st.data(), tokens=st.integers(1, 600))
    def progress(self, data: st.DataObject, tokens: int) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.books.running)))
        self.books.written[job_id] = self.books.written.get(job_id, 0) + tokens
        self.books.policy.progressed(job_id, self.books.written[job_id], self.books.now)
        self.books.act()

    @precondition(lambda self: self.books.running)
    @rule(data=st.data(), kind=ENDS)
    def finish(self, data: st.DataObject, kind: OutcomeKind) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.books.running)))
        outcome = Outcome(kind, 1.0, 10, self.books.written.pop(job_id, 0))
        del self.books.running[job_id]
        self.books.policy.finished(job_id, outcome, self.books.now)
        self.books.policy.finished(job_id, outcome, self.books.now)  # twice does no harm
        self.books.act()

    @precondition(lambda self: self.books.running)
    @rule(data=st.data(), kind=ENDS, delay=st.sampled_from([0.0, 2.0, 60.0]))
    def retry(self, data: st.DataObject, kind: OutcomeKind, delay: float) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.books.running)))
        self.books.written.pop(job_id, None)
        entry, _ = self.books.running.pop(job_id)
        arrival = entry.arrival
        self.books.waiting[job_id] = entry
        self.books.policy.requeue(job_id, Outcome(kind, 1.0), self.books.now + delay, self.books.now)
        assert entry.arrival == arrival
        self.books.act()

    @precondition(lambda self: self.books.waiting)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.books.waiting)))
        assert self.books.policy.withdraw(job_id, self.books.now) is self.books.waiting.pop(job_id)
        assert self.books.policy.withdraw(job_id, self.books.now) is None
        self.books.act()

    @precondition(lambda self: self.books.waiting)
    @rule(data=st.data(), what=st.sampled_from(["first", "pass", "idle", "high", "hold", "model"]))
    def change_mind(self, data: st.DataObject, what: str) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.books.waiting)))
        control = self.books.policy.control
        match what:
            case "first":
                assert control.put_first(job_id, self.books.now)
            case "pass":
                assert control.let_pass(job_id, self.books.now)
            case "idle":
                assert control.run_when_idle(job_id, self.books.now)
            case "high":
                assert control.reprioritize(job_id, Priority.HIGH, self.books.now)
            case "hold":
                assert self.books.policy.hold(job_id, self.books.now + 5.0, self.books.now)
            case _:
                assert control.choose_model(job_id, MODELS[0], 5, self.books.now)
        self.books.act()

    @precondition(lambda self: any(backend.loading for backend in self.books.backends.values()))
    @rule(data=st.data(), succeeds=st.integers(0, 9).map(lambda drawn: drawn > 2), told=st.booleans())
    def end_load(self, data: st.DataObject, *, succeeds: bool, told: bool) -> None:
        loading = sorted(name for name, backend in self.books.backends.items() if backend.loading)
        self.books.loaded(self.books.backends[data.draw(st.sampled_from(loading))], succeeds=succeeds, told=told)
        self.books.act()

    @rule(data=st.data(), limit=LIMITS)
    def set_limit(self, data: st.DataObject, limit: Fixed | Auto) -> None:
        self.books.policy.control.set_limit(
            data.draw(st.sampled_from(sorted(self.books.backends))), limit, self.books.now
        )
        self.books.act()

    @rule(data=st.data(), healthy=st.booleans())
    def look(self, data: st.DataObject, *, healthy: bool) -> None:
        backend = self.books.backends[data.draw(st.sampled_from(sorted(self.books.backends)))]
        backend.healthy = healthy
        self.books.policy.backend_seen(backend.view(), self.books.now)
        self.books.act()

    @rule(pause=st.booleans())
    def pause(self, *, pause: bool) -> None:
        (self.books.policy.control.pause if pause else self.books.policy.control.resume)()
        self.books.act()

    @rule()
    def look_at_places(self) -> None:
        places = self.books.policy.places(self.books.now)
        assert {place.job_id for place in places} == set(self.books.waiting), "everybody has a place"
        assert [place.position for place in places] == list(range(1, len(places) + 1))

    @invariant()
    def nothing_is_lost(self) -> None:
        self.books.books_agree()

    @invariant()
    def work_is_conserved(self) -> None:
        self.books.work_is_conserved()

    @invariant()
    def waiting_lifts(self) -> None:
        self.books.waiting_lifts()

    def teardown(self) -> None:
        if self.books.backends:
            self.books.play_to_the_end()


def runs(number: int) -> settings:
    return settings(max_examples=number, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))


def test_random_runs_keep_the_invariants() -> None:
    run_state_machine_as_test(PolicyMachine, settings=runs(50))


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_ten_thousand_random_runs_keep_the_invariants() -> None:
    run_state_machine_as_test(PolicyMachine, settings=runs(10_000))
