"""What is suggested rests on what people did."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chatui.domain.messages import ModelName
from chatui.operations.warm_up.habits import suggest
from chatui.operations.warm_up.window import Window

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 4, 13, 5, 0, tzinfo=UTC)  # a Monday; the clocks went forward two weeks before
QWEN = ModelName("qwen3:8b")


def office(model: str, *, weeks: int = 4, until: str = "16:40") -> list[tuple[str, datetime]]:
    """Five days a week somebody asks at about half past eight, and until the afternoon."""
    asks = []
    for ago in range(1, weeks * 7 + 1):
        day = (NOW - timedelta(days=ago)).astimezone(BERLIN).date()
        if day.weekday() < 5:
            times = map(time.fromisoformat, (f"08:{30 + ago % 7:02}", "11:15", until))
            asks += [(model, datetime.combine(day, at, BERLIN).astimezone(UTC)) for at in times]
    return asks


def test_office_hours_are_found_on_the_clocks_of_the_office() -> None:
    (found,) = suggest(office(QWEN), BERLIN, NOW, {})
    assert found.window == Window(frozenset(range(5)), time(8, 20), time(16, 40), BERLIN)
    assert (found.model, found.asked_on, found.of) == (QWEN, 20, 20)
    assert time(8, 30) <= found.first <= time(8, 36)


def test_once_is_no_habit() -> None:
    assert suggest([(QWEN, NOW - timedelta(days=3))], BERLIN, NOW, {}) == []
    assert suggest(office(QWEN, weeks=1), BERLIN, NOW, {}) == []


def test_what_lies_further_back_is_forgotten() -> None:
    old = [(model, at - timedelta(days=60)) for model, at in office(QWEN)]
    assert suggest(old, BERLIN, NOW, {}) == []


def test_a_night_belongs_to_the_evening_before() -> None:
    asks = []
    for week in range(1, 5):
        friday = datetime(2026, 4, 10, 19, 0, tzinfo=UTC) - timedelta(weeks=week - 1)
        asks += [(QWEN, friday), (QWEN, friday + timedelta(hours=4))]
    (found,) = suggest(asks, ZoneInfo("UTC"), NOW, {})
    assert found.window == Window(frozenset({4}), time(18, 50), time(23, 0), ZoneInfo("UTC"))


def test_each_model_has_its_own_hours_and_a_plan_that_covers_them_is_enough() -> None:
    asks = office(QWEN) + office("llama3.2:1b", until="10:00")
    assert [one.model for one in suggest(asks, BERLIN, NOW, {})] == ["llama3.2:1b", QWEN]
    planned = {QWEN: [Window(frozenset(range(7)), time(8, 0), time(18, 0), BERLIN)]}
    assert [one.model for one in suggest(asks, BERLIN, NOW, planned)] == ["llama3.2:1b"]
    late = {QWEN: [Window(frozenset(range(7)), time(10, 0), time(18, 0), BERLIN)]}
    assert [one.model for one in suggest(asks, BERLIN, NOW, late)] == ["llama3.2:1b", QWEN]
