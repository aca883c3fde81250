"""What holds for a person, from their role, their group and the app's own figures."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.accounts.limits import GroupLimits, Limits, day_of, effective_limits, require_within, until_tomorrow
from chatui.domain.errors import InvalidInput, ModelForbidden, QuotaSpent
from chatui.domain.jobs import Priority
from chatui.domain.messages import ModelName
from chatui.domain.people import AccountRole

MODELS = [ModelName("qwen3:4b"), ModelName("gemma3:1b"), ModelName("smol")]
counts = st.none() | st.integers(0, 1_000_000)
models = st.none() | st.frozensets(st.sampled_from(MODELS))
weights = st.floats(0.01, 100)
priorities = st.sampled_from(Priority)
defaults = st.builds(
    Limits, weight=weights, priority=priorities, running=counts, queued=counts, tokens_per_day=counts, models=models
)
groups = st.builds(
    GroupLimits,
    weight=st.none() | weights,
    priority=st.none() | priorities,
    running=counts,
    queued=counts,
    tokens_per_day=counts,
    models=models,
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
asking = st.sampled_from([AccountRole.ADMIN, AccountRole.MEMBER])


@given(asking, groups, defaults)
def test_the_figure_of_a_group_holds_where_it_sets_one(role: AccountRole, group: GroupLimits, own: Limits) -> None:
    found = effective_limits(role, group, own)
    for field in fields(Limits):
        of_group = getattr(group, field.name)
        assert getattr(found, field.name) == (getattr(own, field.name) if of_group is None else of_group)


@given(asking, defaults)
def test_without_a_group_or_in_one_that_sets_nothing_the_app_decides(role: AccountRole, own: Limits) -> None:
    assert effective_limits(role, None, own) == effective_limits(role, GroupLimits(), own) == own


@given(groups, defaults, st.sampled_from(MODELS))
def test_a_viewer_asks_nothing(group: GroupLimits, own: Limits, model: ModelName) -> None:
    found = effective_limits(AccountRole.VIEWER, group, own)
    assert found.running == found.queued == found.tokens_per_day == 0
    with pytest.raises(ModelForbidden):
        require_within(found, model, 0, datetime.now(UTC))


@given(defaults, st.sampled_from(MODELS), st.integers(0, 2_000_000), moments)
def test_what_is_within_is_let_through_and_nothing_else(
    limits: Limits, model: ModelName, used: int, now: datetime
) -> None:
    model_ok = limits.models is None or model in limits.models
    tokens_ok = limits.tokens_per_day is None or used < limits.tokens_per_day
    if model_ok and tokens_ok:
        require_within(limits, model, used, now)
        return
    with pytest.raises(QuotaSpent if model_ok else ModelForbidden):
        require_within(limits, model, used, now)


@given(moments, st.integers(-14, 14))
def test_a_day_is_a_day_of_utc(now: datetime, hours: int) -> None:
    there = now.astimezone(timezone(timedelta(hours=hours)))
    assert day_of(there) == now.date()
    assert timedelta() < until_tomorrow(there) <= timedelta(days=1)
    assert day_of(now + until_tomorrow(now)) == day_of(now) + timedelta(days=1)


@pytest.mark.parametrize(
    "figures",
    [{"weight": 0.0}, {"weight": -1.0}, {"weight": float("nan")}, {"weight": float("inf")}, {"weight": 101.0},
     {"running": -1}, {"queued": -1}, {"tokens_per_day": -1}],
)  # fmt: skip
def test_figures_without_sense_are_refused(figures: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        GroupLimits(**figures)  # type: ignore[arg-type]
