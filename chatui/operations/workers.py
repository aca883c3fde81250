"""How many answers each backend writes at once: a number that was set, or as many as its machine is thought to bear."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import assert_never

from chatui.operations.ceiling import Ceilings
from chatui.operations.fleet import Fleet
from chatui.scheduler.decision import Auto, Fixed, Limit
from chatui.scheduler.scheduler import Scheduler
from chatui.settings import Settings


class WorkersInForce:
    """Gives each backend the limit that is set, or the most that it may learn, at each change of either.

    `ceilings` advises by the settings of that moment.
    """

    def __init__(
        self,
        now: Callable[[], Settings],
        ceilings: Callable[[Settings], Ceilings],
        fleet: Fleet,
        scheduler: Scheduler,
    ) -> None:
        self._now = now
        self._ceilings = ceilings
        self._fleet = fleet
        self._scheduler = scheduler
        self._measured: dict[str, Limit] = {}

    @contextmanager
    def measuring(self, backend: str, workers: int) -> Iterator[None]:
        """Have a backend write so many answers at once for the length of a block, whatever is set or changes."""
        self._measured[backend] = Fixed(workers)
        self.apply()
        try:
            yield
        finally:
            del self._measured[backend]
            self.apply()

    def apply(self) -> None:
        """Have in force what is set."""
        settings = self._now()
        self._scheduler.set_usual_limit(Auto(1) if settings.workers == "auto" else Fixed(settings.workers))
        for name, limit in {**self._limits(settings), **self._measured}.items():
            if name in self._scheduler.backends():
                self._scheduler.set_limit(name, limit)

    def _limits(self, settings: Settings) -> dict[str, Limit]:
        match settings.workers:
            case "auto":
                return {name: Auto(self._most(settings, advised)) for name, advised in self._advised(settings).items()}
            case int(workers):
                return {status.name: Fixed(workers) for status in self._fleet.statuses()}
            case never:
                assert_never(never)

    def _advised(self, settings: Settings) -> dict[str, int]:
        return dict(self._ceilings(settings).advise(self._fleet.statuses()))

    def _most(self, settings: Settings, advised: int) -> int:
        return advised if settings.max_workers == "auto" else settings.max_workers
