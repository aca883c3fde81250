"""Background work yields as soon as a person could use its slot."""

from __future__ import annotations

from chatui.domain.jobs import JobId
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.situation import Situation


def to_yield(situation: Situation, now: float) -> list[JobId]:
    """Tell which background jobs should stop, each once: as many as people wait for on their backend."""
    situation.queue.advance(now)
    if situation.paused:
        return []
    return [job_id for backend in situation.backends.values() for job_id in _of_backend(situation, backend, now)]


def _of_backend(situation: Situation, backend: BackendState, now: float) -> list[JobId]:
    background = [running for running in backend.running.values() if running.entry.background]
    if not background or not backend.open:
        return []
    wanted = {lane.model for lane in situation.queue.lanes.values() if lane.busy and backend.serves(lane, now)}
    yielded = []
    for running in background:
        if running.yielding or not _in_the_way(backend, running.entry.model in wanted, bool(wanted)):
            continue
        running.yielding = True
        yielded.append(running.entry.job_id)
    return yielded


def _in_the_way(backend: BackendState, same_model: bool, anybody: bool) -> bool:  # noqa: FBT001 (two facts, no switch)
    """Whether background work keeps people waiting: it holds the last slots, or a model they do not want."""
    return anybody and (backend.full or not same_model or backend.swap is not None)
