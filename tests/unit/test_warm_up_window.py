"""The hours in which a model is to be in memory, over changes of the clocks and past midnight."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.operations.warm_up.window import CHECK_EVERY, Window, WindowRefused, read_window

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = frozenset(range(7))
MOMENTS = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
WINDOWS = st.builds(
    Window,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0)),
    st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(["Europe/Berlin", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]).map(ZoneInfo),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_clocks_change_and_the_hours_stay() -> None:
    window = Window(DAILY, time(8), time(18), BERLIN)
    assert window.opens(utc("2026-03-28T00:00")) == utc("2026-03-28T07:00")
    assert window.opens(utc("2026-03-28T07:00")) == utc("2026-03-29T06:00")
    assert window.closes(utc("2026-03-29T06:00")) == utc("2026-03-29T16:00")
    assert window.opens(utc("2026-10-24T12:00")) == utc("2026-10-25T07:00")


def test_a_time_that_is_left_out_comes_later_and_one_that_comes_twice_counts_once() -> None:
    window = Window(DAILY, time(2, 30), time(2, 45), BERLIN)
    assert window.opens(utc("2026-03-28T12:00")) == utc("2026-03-29T01:30")
    assert window.opens(utc("2026-10-24T12:00")) == utc("2026-10-25T00:30")
    assert window.opens(utc("2026-10-25T00:30")) == utc("2026-10-26T01:30")


def test_a_window_past_midnight_belongs_to_the_day_on_which_it_opens() -> None:
    window = Window(frozenset({4}), time(22), time(2), ZoneInfo("UTC"))
    saturday = utc("2026-11-28T01:00")
    assert saturday.weekday() == 5
    assert window.closes(saturday) == utc("2026-11-28T02:00")
    assert window.opened(saturday) == utc("2026-11-27T22:00")
    assert window.closes(utc("2026-11-29T01:00")) is None


def test_an_open_window_is_looked_into_until_it_closes() -> None:
    window = Window(frozenset({0}), time(8), time(8, 12), ZoneInfo("UTC"))
    due = [utc("2026-11-23T07:00")]
    while len(due) < 5:
        due.append(window.due(due[-1]))
    assert [f"{at:%d %H:%M}" for at in due] == ["23 07:00", "23 08:00", "23 08:05", "23 08:10", "30 08:00"]


@given(WINDOWS, MOMENTS)
def test_what_opens_is_open_then(window: Window, after: datetime) -> None:
    opens = window.opens(after)
    assert after < opens <= after + timedelta(days=9)
    assert window.opened(opens) == opens
    closes = window.closes(opens)
    if window.ends != window.begins:
        # Hours that lie in what a change of the clocks leaves out are none.
        assert closes is None or opens < closes <= opens + timedelta(hours=25)
    assert window.opened(opens - timedelta(microseconds=1)) != opens


@given(WINDOWS, MOMENTS)
def test_it_is_due_at_each_opening_and_never_stands_still(window: Window, after: datetime) -> None:
    due = [after]
    for _ in range(20):
        due.append(window.due(due[-1]))
    for before, then in pairwise(due):
        assert before < then <= window.opens(before)
        assert then == window.opens(before) or then - before == CHECK_EVERY


def test_what_is_typed_is_read_or_refused_field_by_field() -> None:
    right = {"days": "01234", "begins": "08:00", "ends": "18:30", "zone": "Europe/Berlin"}
    assert read_window(right) == Window(frozenset(range(5)), time(8), time(18, 30), BERLIN)
    with pytest.raises(WindowRefused) as refusal:
        read_window({"days": "", "begins": "25:00", "ends": "soon", "zone": "Mars/Olympus"})
    assert refusal.value.flaws == {"days": "no_day", "begins": "no_time", "ends": "no_time", "zone": "no_zone"}
