"""What a person may take of the queue: their group's limits over the app's own, decided by pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from chatui.domain.errors import InvalidInput, ModelForbidden, QuotaSpent
from chatui.domain.jobs import Priority
from chatui.domain.messages import ModelName
from chatui.domain.people import AccountRole

HEAVIEST = 100.0
LIGHTEST = 0.01


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for a person. None: `running` and `queued` are the queue's own, tokens and models are not limited."""

    weight: float = 1.0
    priority: Priority = Priority.NORMAL
    running: int | None = None
    queued: int | None = None
    tokens_per_day: int | None = None
    models: frozenset[ModelName] | None = None


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """What a group sets; None leaves it to the app. Raises InvalidInput for figures that make no sense."""

    weight: float | None = None
    priority: Priority | None = None
    running: int | None = None
    queued: int | None = None
    tokens_per_day: int | None = None
    models: frozenset[ModelName] | None = None

    def __post_init__(self) -> None:
        if self.weight is not None and not (math.isfinite(self.weight) and LIGHTEST <= self.weight <= HEAVIEST):
            raise InvalidInput(f"a weight goes from {LIGHTEST:g} to {HEAVIEST:g}")
        if any(limit is not None and limit < 0 for limit in (self.running, self.queued, self.tokens_per_day)):
            raise InvalidInput("a limit is not below 0")


_READING_ALONE = Limits(running=0, queued=0, tokens_per_day=0, models=frozenset())


def effective_limits(role: AccountRole, group: GroupLimits | None, defaults: Limits) -> Limits:
    """Give what holds for a person of that role and group: the group's figure where it sets one, else the app's.

    A viewer asks nothing, whatever the group.
    """
    if role is AccountRole.VIEWER:
        return _READING_ALONE
    if group is None:
        return defaults
    return Limits(
        weight=defaults.weight if group.weight is None else group.weight,
        priority=defaults.priority if group.priority is None else group.priority,
        running=defaults.running if group.running is None else group.running,
        queued=defaults.queued if group.queued is None else group.queued,
        tokens_per_day=defaults.tokens_per_day if group.tokens_per_day is None else group.tokens_per_day,
        models=defaults.models if group.models is None else group.models,
    )


def require_within(limits: Limits, model: ModelName, used_today: int, now: datetime) -> None:
    """Return when a person may ask `model` now; raises ModelForbidden or QuotaSpent.

    The answer that crosses the line is still written: what it takes is known only at its end.
    """
    require_model(limits, model)
    if limits.tokens_per_day is not None and used_today >= limits.tokens_per_day:
        raise QuotaSpent(limits.tokens_per_day, until_tomorrow(now))


def require_model(limits: Limits, model: ModelName) -> None:
    """Return when a person may use a model; raises ModelForbidden."""
    if limits.models is not None and model not in limits.models:
        raise ModelForbidden(model)


def day_of(now: datetime) -> date:
    """Tell the day of UTC that a moment counts for."""
    return now.astimezone(UTC).date()


def until_tomorrow(now: datetime) -> timedelta:
    """Tell how long the day of UTC goes on."""
    tomorrow = datetime.combine(day_of(now) + timedelta(days=1), time(), UTC)
    return tomorrow - now
