"""The waiting queue: who is next, who rises, who is held."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from chatui.domain.jobs import Priority
from chatui.domain.messages import UserId
from chatui.scheduler.entry import BOTTOM, MIDDLE, TOP, Ages, Entry
from chatui.scheduler.queue import WaitingQueue
from tests.support.entries import AMBER, ANN, BASALT, BEN, CID, entry


@dataclass
class Standing:
    tokens: dict[UserId, float] = field(default_factory=dict)
    at_cap: set[UserId] = field(default_factory=set)
    had_much: set[UserId] = field(default_factory=set)

    def tokens_of(self, user: UserId) -> float:
        return self.tokens.get(user, 0.0)

    def capped(self, user: UserId) -> bool:
        return user in self.at_cap

    def over(self, user: UserId) -> bool:
        return user in self.had_much


def filled(standing: Standing, *entries: Entry) -> WaitingQueue:
    queue = WaitingQueue(Ages(), standing)
    for each in entries:
        queue.add(each, each.arrived_at)
    return queue


def next_of(queue: WaitingQueue) -> Entry | None:
    head = queue.lanes[AMBER, None].head()
    return head[1] if head else None


def test_classes_go_before_tokens_and_tokens_before_arrival() -> None:
    standing = Standing({ANN: 5.0})
    first, second = entry(1, ANN), entry(2, BEN)
    high = entry(3, ANN, priority=Priority.HIGH)
    queue = filled(standing, first, second, high)
    order = []
    while queue.lanes:
        head = next_of(queue)
        assert head is not None
        order.append(head.arrival)
        queue.remove(head.job_id)
    assert order == [3, 2, 1]


def test_tokens_that_rose_or_fell_while_waiting_count() -> None:
    standing = Standing()
    queue = filled(standing, entry(1, ANN), entry(2, BEN))
    standing.tokens[ANN] = 10.0
    assert next_of(queue) is queue.entry(entry(2).job_id)
    standing.tokens[ANN] = -1.0
    queue.renew(ANN)
    assert next_of(queue) is queue.entry(entry(1).job_id)


def test_a_class_counts_nothing_for_who_had_far_more() -> None:
    standing = Standing({ANN: 9000.0}, had_much={ANN})
    queue = filled(standing, entry(1, ANN, priority=Priority.HIGH), entry(2, BEN, priority=Priority.LOW))
    assert next_of(queue) is queue.entry(entry(2).job_id)


def test_people_at_their_cap_stand_apart() -> None:
    standing = Standing(at_cap={ANN})
    queue = filled(standing, entry(1, ANN), entry(2, BEN))
    lane = queue.lanes[AMBER, None]
    assert next_of(queue) is queue.entry(entry(2).job_id)
    capped = lane.capped_head()
    assert capped is not None
    assert capped[1].user == ANN
    standing.at_cap.clear()
    queue.renew(ANN)
    assert next_of(queue) is queue.entry(entry(1).job_id)


def test_normal_rises_after_90_s_and_low_after_690_s() -> None:
    ages = Ages()
    assert ages.level(entry(1, at=10.0), 99.9) == (MIDDLE, 100.0)
    assert ages.level(entry(1, at=10.0), 100.0) == (TOP, None)
    low = entry(2, priority=Priority.LOW, at=10.0)
    assert ages.level(low, 609.0) == (BOTTOM, 610.0)
    assert ages.level(low, 610.0) == (MIDDLE, 700.0)
    assert ages.level(low, 700.0) == (TOP, None)


def test_waiting_lifts_past_who_came_later() -> None:
    queue = filled(Standing(), entry(1, priority=Priority.LOW), entry(2, BEN, at=600.0))
    assert next_of(queue) is queue.entry(entry(2).job_id)
    assert queue.next_due() == 600.0
    queue.advance(690.0)
    assert next_of(queue) is queue.entry(entry(1).job_id)


def test_a_held_entry_comes_back_at_its_old_place() -> None:
    queue = filled(Standing(), entry(2, at=1.0))
    held = entry(1)
    held.not_before = 30.0
    queue.add(held, 1.0)
    assert next_of(queue) is not held
    assert queue.next_due() == 30.0
    queue.advance(30.0)
    assert next_of(queue) is held


def test_an_admin_puts_one_before_all_classes() -> None:
    front = entry(9, CID, priority=Priority.LOW)
    front.rank = -1
    assert next_of(filled(Standing(), entry(1, priority=Priority.HIGH), front)) is front


def test_lanes_are_by_model_and_backend_and_vanish_when_empty() -> None:
    pinned = entry(2, model=BASALT)
    pinned.only_backend = "box"
    queue = filled(Standing(), entry(1), pinned)
    assert set(queue.lanes) == {(AMBER, None), (BASALT, "box")}
    queue.remove(pinned.job_id)
    assert set(queue.lanes) == {(AMBER, None)}
    assert queue.remove(pinned.job_id) is None


def test_the_first_of_many_are_found_without_walking_all() -> None:
    queue = filled(Standing(), *(entry(number, UserId(entry(number).job_id)) for number in range(1, 2000)))
    assert [each.arrival for each in queue.first(5)] == [1, 2, 3, 4, 5]


@given(
    st.lists(
        st.tuples(st.sampled_from((ANN, BEN, CID)), st.sampled_from(Priority), st.integers(0, 3), st.booleans()),
        max_size=30,
    ),
)
def test_the_head_is_always_the_smallest_key(asks: list[tuple[UserId, Priority, int, bool]]) -> None:
    """The lazy heaps agree with a plain search, whatever rises, falls and leaves in between."""
    standing = Standing()
    queue = WaitingQueue(Ages(), standing)
    waiting: dict[int, Entry] = {}
    for number, (user, priority, tokens, leaves) in enumerate(asks, 1):
        waiting[number] = entry(number, user, priority=priority)
        queue.add(waiting[number], 0.0)
        fell = tokens < standing.tokens_of(user)
        standing.tokens[user] = float(tokens)
        if fell:
            queue.renew(user)
        if leaves:
            gone = waiting.pop(min(waiting))
            queue.remove(gone.job_id)
        best = min(
            waiting.values(),
            key=lambda each: (each.priority, standing.tokens_of(each.user), each.arrival),
            default=None,
        )
        assert (next_of(queue) if queue.lanes else None) is best
