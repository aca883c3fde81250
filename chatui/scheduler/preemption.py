"""Background work yields as soon as a person could use its slot."""

from __future__ import annotations

from chatui.domain.jobs import JobId
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.situation import Situation


def to_yield(situation: Situation, now: float) -> list[JobId]:
    """Tell which background jobs should stop, each once: they hold the last slots, or a model nobody waits for."""
    situation.queue.advance(now)
    if situation.paused:
        return []
    return [job_id for backend in situation.backends.values() for job_id in _of_backend(situation, backend, now)]


def _of_backend(situation: Situation, backend: BackendState, now: float) -> list[JobId]:
    background = [running for running in backend.running.values() if running.entry.background]
    if not background or not backend.open:
        return []
    wanted = {lane.model for lane in situation.queue.lanes.values() if lane.busy and backend.serves(lane, now)}
    if not wanted:
        return []
    crowded = backend.full or backend.swap is not None
    yielding = [slot for slot in background if not slot.yielding and (crowded or slot.entry.model not in wanted)]
    for slot in yielding:
        slot.yielding = True
    return [slot.entry.job_id for slot in yielding]
