"""The hours of a week in which a model is to be in memory: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from chatui.operations.schedules import next_time

CHECK_EVERY: Final = timedelta(minutes=5)
"""How often it is seen to, while a window is open, that the model is still there."""

_DAY: Final = timedelta(days=1)


class WindowRefused(ValueError):
    """The hours cannot be read; `flaws` says for each field what is wrong with it."""

    def __init__(self, flaws: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {flaw}" for field, flaw in flaws.items()))
        self.flaws = flaws


@dataclass(frozen=True, slots=True)
class Window:
    """From `begins` to `ends` on the clocks of `zone`, on weekdays from 0 for Monday.

    It ends the next day where `ends` is not later than `begins`, and is a whole day where they are the same.
    """

    days: frozenset[int]
    begins: time
    ends: time
    zone: ZoneInfo

    def opens(self, after: datetime) -> datetime:
        """Tell when it opens next, in UTC."""
        return next_time(self.days, self.begins, self.zone, after)

    def closes(self, at: datetime) -> datetime | None:
        """Tell when the window closes that is open at `at`; None while none is."""
        today = at.astimezone(self.zone).date()
        for day in (today, today - _DAY):
            if day.weekday() in self.days and self._moment(day, self.begins) <= at < (end := self._end(day)):
                return end
        return None

    def opened(self, at: datetime) -> datetime | None:
        """Tell when the window opened last, in the eight days before `at`."""
        today = at.astimezone(self.zone).date()
        opened = (self._moment(today - ago * _DAY, self.begins) for ago in range(9))
        return next((moment for moment in opened if moment <= at and self._day(moment) in self.days), None)

    def due(self, after: datetime) -> datetime:
        """Tell when the model is to be looked at next: again and again while the window is open, or when it opens."""
        closes = self.closes(after)
        again = after + CHECK_EVERY
        opens = self.opens(after)
        return min(again, opens) if closes is not None and again < closes else opens

    def _day(self, moment: datetime) -> int:
        return moment.astimezone(self.zone).weekday()

    def _end(self, day: date) -> datetime:
        return self._moment(day if self.ends > self.begins else day + _DAY, self.ends)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def read_window(fields: Mapping[str, str]) -> Window:
    """Read `days`, a digit for each, `begins` and `ends` as `HH:MM`, and `zone`; raises WindowRefused."""
    flaws: dict[str, str] = {}
    days = frozenset(map(int, filter(set("0123456").__contains__, fields.get("days", ""))))
    if not days:
        flaws["days"] = "no_day"
    begins, ends = (_time(fields.get(name, "")) for name in ("begins", "ends"))
    flaws |= {name: "no_time" for name, found in (("begins", begins), ("ends", ends)) if found is None}
    zone = fields.get("zone", "").strip()
    if zone not in available_timezones():
        flaws["zone"] = "no_zone"
    if flaws or begins is None or ends is None:
        raise WindowRefused(flaws)
    return Window(days, begins, ends, ZoneInfo(zone))


def _time(text: str) -> time | None:
    try:
        found = time.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0) if found.tzinfo is None else None
