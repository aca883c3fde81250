"""The queue, the servers and what is loaded, as an admin's page is told them: pure, and the same in every language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chatui.backends.registry import BackendStatus
from chatui.domain.jobs import JobId, JobState
from chatui.operations.recorder.tally import first_token_at
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.decision import Place
from chatui.scheduler.job import Job
from chatui.scheduler.limiter import FixedLimiter
from chatui.web.queue_view import Names, show_backend, show_job, show_place, show_run


def show_queue(jobs: Collection[Job], places: Mapping[JobId, Place], names: Names, now: float) -> dict[str, Any]:
    """Who runs, in the order of arrival, and who waits, in the order in which they are expected to begin."""
    running = sorted((job for job in jobs if job.state is JobState.RUNNING), key=lambda job: job.arrival)
    return {
        "running": [show_job(job, names, now) | show_run(job) | {"speed": _speed(job, now)} for job in running],
        "waiting": [
            show_job(job, names, now) | show_place(job, places.get(job.id)) | _class(job, places.get(job.id))
            for job in in_order(jobs, places)
        ],
    }


def in_order(jobs: Collection[Job], places: Mapping[JobId, Place]) -> list[Job]:
    """List the waiting in the order in which they are expected to begin; those without a place come last."""
    waiting = [job for job in jobs if job.state is JobState.QUEUED]
    last = len(jobs)
    return sorted(
        waiting, key=lambda job: (places[job.id].position if job.id in places else last + job.arrival, job.arrival)
    )


def show_servers(backends: Iterable[BackendState], statuses: Iterable[BackendStatus], now: float) -> dict[str, Any]:
    """The servers and how busy they are, what is in their memory and until when, and what is being loaded."""
    known = list(backends)
    return {
        "backends": [show_backend(backend) | _limit(backend) for backend in known],
        "loaded": [
            {
                "backend": status.name,
                "model": model.name,
                "bytes": model.size_bytes,
                "vram": model.vram_bytes,
                "context": model.context_length,
                "until": None if model.expires_at is None else round(model.expires_at.timestamp() * 1000),
            }
            for status in statuses
            for model in status.loaded
        ],
        "loading": [
            {"backend": backend.name, "model": backend.swap.load, "seconds": _since(backend.swap.loading_since, now)}
            for backend in known
            if backend.swap is not None and backend.swap.loading
        ],
    }


def _class(job: Job, place: Place | None) -> dict[str, Any]:
    asked = job.submission
    guess = place.expected if place else None
    return {"priority": asked.priority.name.lower(), "background": asked.background, "guess_s": guess}


def _limit(backend: BackendState) -> dict[str, Any]:
    limiters = [backend.limiter(model) for model in backend.resident]
    return {"fixed": any(isinstance(limiter, FixedLimiter) for limiter in limiters)}


def _speed(job: Job, now: float) -> float | None:
    """Tell how many tokens come in a second; None before the first and in its second."""
    first = first_token_at(job)
    return round((job.pieces - 1) / (now - first), 1) if first is not None and now - first > 1 else None


def _since(began: float | None, now: float) -> float | None:
    return None if began is None else round(now - began)
