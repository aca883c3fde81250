"""The queue in figures, as it is at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from chatui.domain.jobs import JobState
from chatui.domain.messages import ModelName
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.scheduler import Scheduler


class QueueFigures:
    """Reads how many wait and run, and notices loads of models between two looks."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._loaded: dict[str, dict[ModelName, float]] = {}

    def gauges(self) -> dict[str, float]:
        """Tell how many wait, of each class, how many run, how many might, and how many servers answer."""
        waiting = [job for job in self._scheduler.jobs if job.state is JobState.QUEUED]
        classes = Counter(job.submission.priority.name.lower() for job in waiting)
        backends = self._scheduler.backends().values()
        return {
            "waiting": len(waiting),
            **{f"waiting_{name}": classes[name] for name in ("high", "normal", "low")},
            "running": len(self._scheduler.jobs) - len(waiting),
            "limit": sum(backend.limit for backend in backends if backend.view.healthy),
            "servers": sum(backend.view.healthy for backend in backends),
        }

    def swaps(self) -> int:
        """Count the models that were loaded since the last call; a server seen for the first time has loaded none."""
        backends: Mapping[str, BackendState] = self._scheduler.backends()
        now = {name: dict(backend.loaded_at) for name, backend in backends.items() if backend.view.owns_swaps}
        loads = sum(
            loaded.get(model) != at for name, loaded in self._loaded.items() for model, at in now.get(name, {}).items()
        )
        self._loaded = now
        return loads
