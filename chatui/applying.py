"""What is told of a setting that changed: each part in its own words, at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from chatui.backends.base import Deadlines
from chatui.backends.registry import Registry
from chatui.configuration import caps_of, deadlines_of, embedded_for
from chatui.logs import Console
from chatui.operations.schedules import Schedules
from chatui.operations.settings.definitions import DEFINITIONS, Part
from chatui.operations.settings.in_force import Stored
from chatui.operations.upkeep import Upkeep
from chatui.operations.workers import WorkersInForce
from chatui.scheduler.retry import RetryPolicy
from chatui.scheduler.scheduler import Scheduler
from chatui.settings import Settings


@dataclass(frozen=True, slots=True)
class Applying:
    """The parts that are told; all others read a setting when they need it. `now` gives what holds."""

    now: Callable[[], Settings]
    scheduler: Scheduler
    workers: WorkersInForce
    deadlines: Deadlines
    registry: Registry
    upkeep: Upkeep
    schedules: Schedules

    def changed(self, before: Settings, _stored: Stored) -> None:
        """Tell each part of what is another now."""
        now = self.now()
        for part in Part:
            if any(getattr(before, one.name) != getattr(now, one.name) for one in DEFINITIONS if part in one.told):
                STEPS[part](self, now)

    def limits(self, _: Settings) -> None:
        """Have another number of workers in force."""
        self.workers.apply()

    def queue(self, now: Settings) -> None:
        """Have other caps in force."""
        self.scheduler.set_caps(caps_of(now))

    def retries(self, now: Settings) -> None:
        """Try failures again as often as is set."""
        self.scheduler.retry_by(RetryPolicy(retries=now.retries))

    def stages(self, now: Settings) -> None:
        """Have other deadlines in force."""
        self.deadlines.become(deadlines_of(now))

    def embedded(self, now: Settings) -> None:
        """Give the built-in model as many and as long contexts as are set."""
        config = embedded_for(now)
        if config is not None:
            self.registry.serve_embedded_as(config)

    def backups(self, now: Settings) -> None:
        """Have backups at another interval."""
        self.upkeep.schedule_backups(self.schedules, timedelta(hours=now.backup_hours))

    def log(self, now: Settings) -> None:
        """Show more or less on the console."""
        set_log_level(now.log_level)


STEPS: Final[Mapping[Part, Callable[[Applying, Settings], None]]] = MappingProxyType(
    {
        Part.EMBEDDED: Applying.embedded,
        Part.LIMITS: Applying.limits,
        Part.QUEUE: Applying.queue,
        Part.RETRIES: Applying.retries,
        Part.DEADLINES: Applying.stages,
        Part.SCHEDULES: Applying.backups,
        Part.LOG: Applying.log,
    }
)


def set_log_level(name: str) -> None:
    """Show messages of that level and above on the console, also the web server's."""
    for logger in ("", "uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(logger or None).setLevel(name.upper())
    for handler in logging.getLogger().handlers:
        if isinstance(handler, Console):
            handler.setLevel(name.upper())
