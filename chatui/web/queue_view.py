"""What a script is told of the queue: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatui.domain.events import AttemptStarted, RetryScheduled
from chatui.domain.jobs import JobState
from chatui.domain.messages import UserId
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.decision import Place
from chatui.scheduler.job import Job
from storage.tables import Failure

Names = Mapping[UserId, str]


def show_backend(backend: BackendState) -> dict[str, Any]:
    """A backend, and how busy it is."""
    return {
        "name": backend.name,
        "healthy": backend.view.healthy,
        "paused": backend.paused,
        "limit": backend.limit,
        "running": len(backend.running),
    }


def show_job(job: Job, names: Names, now: float) -> dict[str, Any]:
    """Whose job it is, and how it goes; never what was asked."""
    asked = job.submission
    return {
        "id": str(job.id),
        "person": names.get(asked.user, str(asked.user)),
        "model": asked.request.model,
        "stage": _stage(job),
        "waited_s": round(_waited(job, now), 1),
    }


def show_failure(failure: Failure, names: Names) -> dict[str, Any]:
    """A failed attempt, and the state of the machine at that moment."""
    person = UserId(failure.account_id) if failure.account_id else None
    return {
        "job": str(failure.job_id) if failure.job_id else None,
        "person": names.get(person) if person else None,
        "at": failure.created_at.isoformat(),
        "code": failure.code,
        "detail": failure.detail,
        "stage": failure.stage,
        "attempt": failure.attempt_number,
        "backend": failure.backend,
        "model": failure.model,
        "memory_available": failure.memory_available,
    }


def show_run(job: Job) -> dict[str, Any]:
    """What only a running job has."""
    return {"backend": job.backend, "attempt": job.attempt, "tokens": job.pieces}


def show_place(job: Job, place: Place | None) -> dict[str, Any]:
    """What only a waiting job has."""
    interval = None if place is None or place.low is None else [place.low, place.high]
    return {
        "place": place.position if place else None,
        "waits": place.waits if place else None,
        "expected_s": interval,
        "turn": job.submission.turn,
    }


def _stage(job: Job) -> str:
    return job.stage or ("retry" if isinstance(job.timeline[-1], RetryScheduled) else "queued")


def _waited(job: Job, now: float) -> float:
    """How long the job has waited, or did until its running attempt began, in seconds."""
    if job.state is JobState.QUEUED:
        return now - job.timeline[0].at
    began = [event.at for event in job.timeline if isinstance(event, AttemptStarted)]
    return began[-1] - job.timeline[0].at
