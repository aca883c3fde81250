"""How far a person can fall behind another, and how long a blocked model waits: bounds that hold for every load."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chatui.domain.jobs import Priority
from chatui.domain.messages import UserId
from chatui.scheduler.decision import Fixed, PersonLimits, PolicyConfig
from chatui.scheduler.policy import Policy
from tests.property.world import BACKEND, MODELS, Ask, World

CONFIG = PolicyConfig(queued_per_user=None, queued_in_all=None, max_wait={}, default_output_tokens=30)
LONGEST = 60
TOKENS = st.integers(1, LONGEST)


@given(
    slots=st.integers(1, 3),
    mine=st.lists(TOKENS, min_size=12, max_size=40),
    theirs=st.lists(TOKENS, min_size=12, max_size=40),
    others=st.lists(st.tuples(TOKENS, st.floats(0, 300)), max_size=10),
)
def test_backlogged_people_are_served_alike(
    slots: int, mine: list[int], theirs: list[int], others: list[tuple[int, float]]
) -> None:
    """Invariant 6: while both wait at the top, service differs by at most (D + 1)(l_u + l_v)."""
    asks = [Ask(0.0, 1, tokens) for tokens in mine] + [Ask(0.0, 2, tokens) for tokens in theirs]
    asks += [Ask(at, 3, tokens) for tokens, at in others]
    world = World(Policy(replace(CONFIG, limit=Fixed(slots))))
    weight = CONFIG.output_weight
    bound = (slots + 1) * 2 * weight * LONGEST
    for _ in world.steps(asks):
        waiting = {ask.user for job_id, ask in world.asks.items() if job_id not in world.started}
        if not {1, 2} <= waiting:
            break
        served = {
            user: weight * sum(world.asks[job_id].tokens for job_id in world.ended if world.asks[job_id].user == user)
            for user in (1, 2)
        }
        assert abs(served[1] - served[2]) <= bound


@given(
    slots=st.integers(1, 3),
    shares=st.tuples(st.sampled_from([0.25, 1.0, 2.0]), st.sampled_from([1.0, 3.0, 8.0])),
    mine=st.lists(TOKENS, min_size=12, max_size=40),
    theirs=st.lists(TOKENS, min_size=12, max_size=40),
)
def test_backlogged_people_are_served_by_their_weights(
    slots: int, shares: tuple[float, float], mine: list[int], theirs: list[int]
) -> None:
    """Invariant 6 with shares: what each was served, over their weight, differs by (D + 1)(l_u / w_u + l_v / w_v)."""
    asks = [Ask(0.0, 1, tokens) for tokens in mine] + [Ask(0.0, 2, tokens) for tokens in theirs]
    policy = Policy(replace(CONFIG, limit=Fixed(slots), running_per_user=slots))
    weights = dict(zip((1, 2), shares, strict=True))
    for user, weight in weights.items():
        policy.control.limit_person(UserId(UUID(int=user)), PersonLimits(weight=weight))
    world = World(policy)
    bound = (slots + 1) * CONFIG.output_weight * LONGEST * sum(1 / weight for weight in shares)
    for _ in world.steps(asks):
        waiting = {ask.user for job_id, ask in world.asks.items() if job_id not in world.started}
        if not {1, 2} <= waiting:
            break
        served = {
            user: sum(world.asks[job_id].tokens for job_id in world.ended if world.asks[job_id].user == user)
            for user in weights
        }
        apart = CONFIG.output_weight * (served[1] / weights[1] - served[2] / weights[2])
        assert abs(apart) <= bound


@given(
    slots=st.integers(1, 4),
    backlog=st.lists(TOKENS, min_size=60, max_size=90),
    priority=st.sampled_from([Priority.HIGH, Priority.NORMAL]),
    at=st.floats(0, 200),
    tokens=TOKENS,
)
def test_a_backlog_on_one_model_does_not_lock_out_another(
    slots: int, backlog: list[int], priority: Priority, at: float, tokens: int
) -> None:
    """Invariant 7: a blocked head waits at most K + 2 swap costs, the longest answer and one swap.

    In K others may pass it; in 2 more, what is urgent may use the slots that its drain leaves idle.
    The newcomer may have to wait for a slot to be looked at first; the cost is what the policy learned it to be.
    """
    world = World(Policy(replace(CONFIG, limit=Fixed(slots))))
    asks = [Ask(0.0, 1, each) for each in backlog] + [Ask(at, 2, tokens, MODELS[1], priority)]
    for _ in world.steps(asks):
        pass
    other = next(job_id for job_id, ask in world.asks.items() if ask.user == 2)
    bound = (max(CONFIG.stay) + CONFIG.grace_urgent) * world.most_cost + 2 * LONGEST + world.load_seconds
    assert world.started[other] - at <= bound


@given(
    slots=st.integers(1, 4),
    asks=st.lists(
        st.builds(
            Ask,
            at=st.floats(0, 600),
            user=st.integers(1, 4),
            tokens=TOKENS,
            model=st.sampled_from(MODELS[:2]),
            priority=st.sampled_from(Priority),
        ),
        min_size=10,
        max_size=80,
    ),
)
def test_a_blocked_head_is_never_blocked_for_long(slots: int, asks: list[Ask]) -> None:
    """Invariant 7, for every head there ever is, with everybody asking for everything."""
    world = World(Policy(replace(CONFIG, limit=Fixed(slots))))
    for _ in world.steps(asks):
        since = world.policy.backends()[BACKEND].blocked_since
        bound = (max(CONFIG.stay) + CONFIG.grace_urgent) * world.most_cost + LONGEST + world.load_seconds
        assert since is None or world.now - since <= bound
    assert len(world.ended) == len(asks)


@given(high=st.lists(TOKENS, min_size=40, max_size=60), tokens=TOKENS)
def test_low_gets_its_turn_beside_a_stream_of_high(high: list[int], tokens: int) -> None:
    """Invariant 8: after 690 s low stands at the top, where who had least goes first."""
    world = World(Policy(replace(CONFIG, limit=Fixed(1))))
    at, asks = 0.0, []
    for each in high:
        asks.append(Ask(at, 1, each))
        at += each * 0.9
    asks.append(Ask(1.0, 2, tokens, priority=Priority.LOW))
    for _ in world.steps(asks):
        pass
    low = next(job_id for job_id, ask in world.asks.items() if ask.user == 2)
    assert world.started[low] <= 1.0 + CONFIG.ages.low + CONFIG.ages.normal + 2 * LONGEST
