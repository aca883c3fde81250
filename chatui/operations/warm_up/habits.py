"""When a team begins to ask a model, learned from the last weeks: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chatui.domain.messages import ModelName
from chatui.operations.warm_up.window import Window

LOOKED_BACK: Final = timedelta(days=28)
_FEWEST_DAYS: Final = 2  # of the same weekday: once is no habit
_NIGHT_ENDS: Final = 4  # what is asked before belongs to the evening before
_HEAD_START: Final = 10  # minutes, so that a slow load is over
_STEP: Final = 5  # minutes to which a time is rounded down
_EARLY, _LATE = 0.2, 0.8  # of the first and the last questions of the days
_SHORTEST: Final = 60  # minutes
_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hours in which a model was usually asked, and what that rests on.

    On `asked_on` of the last `of` such days it was asked, first at about `first`.
    """

    model: ModelName
    window: Window
    asked_on: int
    of: int
    first: time


def suggest(
    asks: Iterable[tuple[str, datetime]],
    zone: ZoneInfo,
    now: datetime,
    planned: Mapping[ModelName, Collection[Window]],
) -> list[Suggestion]:
    """Suggest hours for every model that has habits, except those that a plan covers already; by model.

    A weekday counts where the model was asked on at least half of such days.
    """
    suggestions = []
    for model, days in sorted(_by_day(asks, zone).items()):
        found = _of_model(ModelName(model), days, zone, now)
        if found is not None and not any(_covers(window, found.window) for window in planned.get(found.model, ())):
            suggestions.append(found)
    return suggestions


def _by_day(asks: Iterable[tuple[str, datetime]], zone: ZoneInfo) -> Mapping[str, Mapping[date, list[int]]]:
    """Give for each model and day the minutes at which it was asked; those of a night follow its evening's."""
    days: defaultdict[str, defaultdict[date, list[int]]] = defaultdict(lambda: defaultdict(list))
    for model, at in asks:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        day = local.date()
        if local.hour < _NIGHT_ENDS:
            day, minute = day - timedelta(days=1), minute + _DAY_MINUTES
        days[model][day].append(minute)
    return days


def _of_model(model: ModelName, days: Mapping[date, list[int]], zone: ZoneInfo, now: datetime) -> Suggestion | None:
    weeks = LOOKED_BACK.days // 7
    today = now.astimezone(zone).date()
    past = {day: minutes for day, minutes in days.items() if today - LOOKED_BACK <= day < today}
    weekdays = [day.weekday() for day in past]
    usual = frozenset(day for day in range(7) if weekdays.count(day) >= max(_FEWEST_DAYS, weeks // 2))
    habits = [minutes for day, minutes in past.items() if day.weekday() in usual]
    if not habits:
        return None
    first = _share(sorted(map(min, habits)), _EARLY)
    if first >= _DAY_MINUTES:
        return None  # a night's work alone, which needs no early start
    last = _share(sorted(map(max, habits)), _LATE)
    begins = max(0, (first - _HEAD_START) // _STEP * _STEP)
    ends = min(max(-(-last // _STEP) * _STEP, begins + _SHORTEST), begins + _DAY_MINUTES)
    window = Window(usual, _time(begins), _time(ends), zone)
    return Suggestion(model, window, len(habits), len(usual) * weeks, _time(first))


def _share(ordered: list[int], share: float) -> int:
    return ordered[int(share * (len(ordered) - 1))]


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _covers(planned: Window, found: Window) -> bool:
    """Whether a plan warms the model up in time on all of the days."""
    return planned.zone == found.zone and found.days <= planned.days and planned.begins <= _later(found.begins)


def _later(begins: time) -> time:
    """A plan that begins somewhat later than suggested was meant so."""
    return _time(min(begins.hour * 60 + begins.minute + 4 * _STEP, _DAY_MINUTES - 1))
