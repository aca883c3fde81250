"""The queue for an admin's scripts: who runs and who waits, and the verbs that change it. JSON both ways.

`GET /admin/queue` tells the queue, and so does every verb once it is done; `GET /admin/queue/failures` tells the last
attempts that failed, newest first.

    POST /admin/queue/pause    {"backend": name}       start nothing more, there or anywhere; what runs goes on
    POST /admin/queue/resume   {"backend": name}       take that back, and `drain` where no backend is named
    POST /admin/queue/drain                            take and start nothing more until `resume`
    POST /admin/queue/limit    {"backend": name, "limit": 3 | "auto", "maximum": 8}
    POST /admin/queue/jobs/{id}/first                  before everybody
    POST /admin/queue/jobs/{id}/stop                   anyone's, waiting or running
    POST /admin/queue/jobs/{id}/replay {"model": name} answer once more what failed, by another model where one is named

What cannot be done is `{"error": one sentence}`: 404 for what is not there, 409 for a job whose turn has come, 422
for a body that is not right.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from chatui.domain.errors import NotFound, NotWaiting, Refused
from chatui.domain.events import AttemptStarted, RetryScheduled
from chatui.domain.jobs import JobId, JobState
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.decision import Auto, Fixed, Limit, Place
from chatui.scheduler.job import Job
from chatui.scheduler.scheduler import Scheduler
from chatui.web.wording import wording_for
from storage.tables import Failure

Body = Mapping[str, Any]
Names = Callable[[], Awaitable[Mapping[UserId, str]]]
Failures = Callable[[], Awaitable[Sequence[Failure]]]
Replay = Callable[[JobId, ModelName | None], Awaitable[object]]

_GONE, _TOO_LATE, _UNPROCESSABLE, _REFUSED = 404, 409, 422, 409
_MOST_WORKERS = 64


class _BadBody(Exception):
    """The body is not what the verb takes; its text says why."""


class QueueAdmin:
    """Tells the queue and changes it.

    `names` gives people's names, `failures` the last failed attempts, `replay` answers a failed job once more, `clock`
    is the scheduler's.
    """

    def __init__(
        self, scheduler: Scheduler, names: Names, failures: Failures, replay: Replay, clock: Callable[[], float]
    ) -> None:
        self._scheduler = scheduler
        self._failures = failures
        self._replay = replay
        self._names = names
        self._clock = clock

    async def show(self) -> dict[str, Any]:
        """The queue as it is now, the waiting in the order in which they are expected to begin."""
        names, places, now = await self._names(), self._scheduler.places(), self._clock()
        jobs = sorted(self._scheduler.jobs, key=lambda job: job.arrival)
        running = [job for job in jobs if job.state is JobState.RUNNING]
        waiting = sorted(
            (job for job in jobs if job.state is JobState.QUEUED),
            key=lambda job: places[job.id].position if job.id in places else len(jobs) + job.arrival,
        )
        return {
            "paused": self._scheduler.paused,
            "draining": self._scheduler.draining,
            "backends": [_show_backend(backend) for backend in self._scheduler.backends().values()],
            "running": [_show_job(job, names, now) | _show_run(job) for job in running],
            "waiting": [_show_job(job, names, now) | _show_place(job, places.get(job.id)) for job in waiting],
        }

    async def pause(self, body: Body) -> None:
        """Pause one backend, or all."""
        self._scheduler.pause(_backend(body))

    async def resume(self, body: Body) -> None:
        """Take back a pause or a drain."""
        self._scheduler.resume(_backend(body))

    async def drain(self, _body: Body) -> None:
        """Let the queue run empty of what runs."""
        self._scheduler.close()

    async def limit(self, body: Body) -> None:
        """Set how many jobs a backend runs at once."""
        backend = _backend(body)
        if backend is None:
            raise _BadBody("Name the backend whose limit is to change.")
        self._scheduler.set_limit(backend, _limit(body))

    async def first(self, job_id: JobId) -> None:
        """Put a job before everybody's."""
        self._scheduler.put_first(job_id)

    async def stop(self, job_id: JobId) -> None:
        """Stop anyone's job."""
        if self._scheduler.job(job_id) is None:
            raise NotFound
        await self._scheduler.stop(job_id)

    async def failures(self) -> dict[str, Any]:
        """The last attempts that failed, with the ids of their jobs."""
        names = await self._names()
        return {"failures": [_show_failure(failure, names) for failure in await self._failures()]}

    async def replay(self, job_id: JobId, body: Body) -> None:
        """Answer a failed job once more."""
        model = body.get("model")
        if model is not None and not isinstance(model, str):
            raise _BadBody("The model is named by a text.")
        await self._replay(job_id, ModelName(model) if model else None)


def queue_routes(admin: QueueAdmin) -> APIRouter:
    """The routes; the guard has let through only what comes from this machine and from no other site's page."""
    routes = APIRouter(prefix="/admin/queue", include_in_schema=False)
    verbs = {"pause": admin.pause, "resume": admin.resume, "drain": admin.drain, "limit": admin.limit}
    job_verbs = {"first": admin.first, "stop": admin.stop}

    @routes.get("")
    async def show() -> JSONResponse:
        return JSONResponse(await admin.show())

    @routes.get("/failures")
    async def failures() -> JSONResponse:
        return JSONResponse(await admin.failures())

    @routes.post("/{verb}")
    async def change(verb: str, request: Request) -> JSONResponse:
        if (work := verbs.get(verb)) is None:
            return _error(_GONE, "There is no such verb.")
        return await _answer(admin, lambda: _with_body(work, request), "There is no such backend.")

    @routes.post("/jobs/{job_id}/replay")
    async def replay(job_id: str, request: Request) -> JSONResponse:
        return await _answer(
            admin,
            lambda: _with_body(lambda body: admin.replay(_job_id(job_id), body), request),
            "There is no such job that failed.",
        )

    @routes.post("/jobs/{job_id}/{verb}")
    async def change_job(job_id: str, verb: str) -> JSONResponse:
        if (work := job_verbs.get(verb)) is None:
            return _error(_GONE, "There is no such verb.")
        return await _answer(admin, lambda: work(_job_id(job_id)), "There is no such job in the queue.")

    return routes


async def _answer(admin: QueueAdmin, work: Callable[[], Awaitable[None]], gone: str) -> JSONResponse:
    try:
        await work()
    except NotFound:
        return _error(_GONE, gone)
    except NotWaiting:
        return _error(_TOO_LATE, "The job does not wait: its turn has come.")
    except _BadBody as error:
        return _error(_UNPROCESSABLE, str(error))
    except Refused as refusal:
        return _error(_REFUSED, wording_for("en").refused(refusal))
    return JSONResponse(await admin.show())


async def _with_body(work: Callable[[Body], Awaitable[None]], request: Request) -> None:
    text = await request.body()
    try:
        body = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise _BadBody("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise _BadBody("The body is not a JSON object.")
    await work(body)


def _error(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status)


def _job_id(text: str) -> JobId:
    try:
        return JobId(UUID(text))
    except ValueError as error:
        raise NotFound from error


def _backend(body: Body) -> str | None:
    backend = body.get("backend")
    if backend is not None and not isinstance(backend, str):
        raise _BadBody("The backend is named by a text.")
    return backend


def _limit(body: Body) -> Limit:
    workers, maximum = _count(body.get("limit")), _count(body.get("maximum", 8))
    if workers is not None:
        return Fixed(workers)
    if body.get("limit") == "auto" and maximum is not None:
        return Auto(maximum)
    raise _BadBody(f'The limit is a number from 1 to {_MOST_WORKERS}, or "auto" with a "maximum" in that range.')


def _count(value: object) -> int | None:
    counts = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_WORKERS
    return value if counts and isinstance(value, int) else None


def _show_backend(backend: BackendState) -> dict[str, Any]:
    return {
        "name": backend.name,
        "healthy": backend.view.healthy,
        "paused": backend.paused,
        "limit": backend.limit,
        "running": len(backend.running),
    }


def _show_job(job: Job, names: Mapping[UserId, str], now: float) -> dict[str, Any]:
    asked = job.submission
    return {
        "id": str(job.id),
        "person": names.get(asked.user, str(asked.user)),
        "model": asked.request.model,
        "stage": _stage(job),
        "waited_s": round(_waited(job, now), 1),
    }


def _show_failure(failure: Failure, names: Mapping[UserId, str]) -> dict[str, Any]:
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


def _show_run(job: Job) -> dict[str, Any]:
    return {"backend": job.backend, "attempt": job.attempt, "tokens": job.pieces}


def _show_place(job: Job, place: Place | None) -> dict[str, Any]:
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
