"""The queue for an admin's scripts: who runs and who waits, and the verbs that change it. JSON both ways.

`GET /admin/queue` tells the queue, and so does every verb once it is done; a browser gets the page instead. `GET
/admin/queue/failures` tells the last attempts that failed, newest first.

    POST /admin/queue/pause    {"backend": name}       start nothing more, there or anywhere, also after a restart
    POST /admin/queue/resume   {"backend": name}       take that back, and `drain` where no backend is named
    POST /admin/queue/drain                            take and start nothing more until `resume`
    POST /admin/queue/limit    {"backend": name, "limit": 3 | "auto", "maximum": 8}
    POST /admin/queue/jobs/{id}/first                  before everybody
    POST /admin/queue/jobs/{id}/stop                   anyone's, waiting or running
    POST /admin/queue/jobs/{id}/replay {"model": name} answer once more what failed, by another model where one is named

All of it is for admins alone. What cannot be done is `{"error": one sentence}`: 404 for what is not there, and
for everything to those who are none, 409 for a job whose turn has come, 422 for a body that is not right.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import Forbidden, NotFound, NotWaiting, Refused
from chatui.domain.jobs import JobId, JobState
from chatui.domain.messages import ModelName
from chatui.domain.people import Principal, User
from chatui.operations.queue_control import QueueControl
from chatui.scheduler.decision import Auto, Fixed, Limit
from chatui.scheduler.scheduler import Scheduler
from chatui.web.acting import By
from chatui.web.queue_view import Names, show_backend, show_failure, show_job, show_place, show_run
from chatui.web.wording import wording_for
from storage.tables import Failure

Body = Mapping[str, Any]
FindNames = Callable[[], Awaitable[Names]]
Failures = Callable[[], Awaitable[Sequence[Failure]]]
Replay = Callable[[User, JobId, ModelName | None], Awaitable[object]]

_GONE, _TOO_LATE, _UNPROCESSABLE, _REFUSED = 404, 409, 422, 409
_NOTHING = "There is nothing here."
_MOST_WORKERS = 64


class _BadBody(Exception):
    """The body is not what the verb takes; its text says why."""


class QueueAdmin:
    """Tells the queue and changes it.

    `names` gives people's names, `failures` the last failed attempts, `replay` answers a failed job once more, `clock`
    is the scheduler's.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        control: QueueControl,
        names: FindNames,
        failures: Failures,
        replay: Replay,
        clock: Callable[[], float],
    ) -> None:
        self._scheduler = scheduler
        self._control = control
        self._failures = failures
        self._replay = replay
        self._names = names
        self._clock = clock

    async def show(self, by: User) -> dict[str, Any]:
        """The queue as it is now, the waiting in the order in which they are expected to begin."""
        require(by, Action.ORDER_QUEUE)
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
            "backends": [show_backend(backend) for backend in self._scheduler.backends().values()],
            "running": [show_job(job, names, now) | show_run(job) for job in running],
            "waiting": [show_job(job, names, now) | show_place(job, places.get(job.id)) for job in waiting],
        }

    async def pause(self, by: Principal, body: Body) -> None:
        """Pause one backend, or all."""
        require(by.user, Action.ORDER_QUEUE)
        await self._control.pause(by, _backend(body))

    async def resume(self, by: Principal, body: Body) -> None:
        """Take back a pause or a drain."""
        require(by.user, Action.ORDER_QUEUE)
        await self._control.resume(by, _backend(body))

    async def drain(self, by: Principal, _body: Body) -> None:
        """Let the queue run empty of what runs."""
        require(by.user, Action.ORDER_QUEUE)
        self._control.drain()

    async def limit(self, by: Principal, body: Body) -> None:
        """Set how many jobs a backend runs at once."""
        require(by.user, Action.ORDER_QUEUE)
        backend = _backend(body)
        if backend is None:
            raise _BadBody("Name the backend whose limit is to change.")
        self._scheduler.set_limit(backend, _limit(body))

    async def first(self, by: User, job_id: JobId) -> None:
        """Put a job before everybody's."""
        require(by, Action.ORDER_QUEUE)
        await self._control.put_first(job_id)

    async def stop(self, by: User, job_id: JobId) -> None:
        """Stop anyone's job."""
        require(by, Action.ORDER_QUEUE)
        if (job := self._scheduler.job(job_id)) is None:
            raise NotFound
        require(by, Action.STOP_JOB, Owned(job.submission.user))
        await self._scheduler.stop(job_id)

    async def failures(self, by: User) -> dict[str, Any]:
        """The last attempts that failed, with the ids of their jobs."""
        require(by, Action.READ_FAILURES)
        names = await self._names()
        return {"failures": [show_failure(failure, names) for failure in await self._failures()]}

    async def replay(self, by: User, job_id: JobId, body: Body) -> None:
        """Answer a failed job once more."""
        require(by, Action.ORDER_QUEUE)
        model = body.get("model")
        if model is not None and not isinstance(model, str):
            raise _BadBody("The model is named by a text.")
        await self._replay(by, job_id, ModelName(model) if model else None)


def queue_routes(admin: QueueAdmin, page: Callable[[Request], Awaitable[Response]]) -> APIRouter:
    """The routes; the guard has found out who acts, and let through no other site's page.

    `page` draws the queue for a browser.
    """
    routes = APIRouter(prefix="/admin/queue", include_in_schema=False)
    verbs = {"pause": admin.pause, "resume": admin.resume, "drain": admin.drain, "limit": admin.limit}
    job_verbs = {"first": admin.first, "stop": admin.stop}

    @routes.get("")
    async def show(request: Request, by: By) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return await page(request)
        return await _answer(lambda: admin.show(by.user))

    @routes.get("/failures")
    async def failures(by: By) -> JSONResponse:
        return await _answer(lambda: admin.failures(by.user))

    @routes.post("/{verb}")
    async def change(verb: str, request: Request, by: By) -> JSONResponse:
        if (work := verbs.get(verb)) is None:
            return _error(_GONE, "There is no such verb.")
        return await _changed(admin, by, lambda: _with_body(work, by, request), "There is no such backend.")

    @routes.post("/jobs/{job_id}/replay")
    async def replay(job_id: str, request: Request, by: By) -> JSONResponse:
        def work(by: Principal, body: Body) -> Awaitable[None]:
            return admin.replay(by.user, _job_id(job_id), body)

        return await _changed(admin, by, lambda: _with_body(work, by, request), "There is no such job that failed.")

    @routes.post("/jobs/{job_id}/{verb}")
    async def change_job(job_id: str, verb: str, by: By) -> JSONResponse:
        if (work := job_verbs.get(verb)) is None:
            return _error(_GONE, "There is no such verb.")
        return await _changed(admin, by, lambda: work(by.user, _job_id(job_id)), "There is no such job in the queue.")

    return routes


async def _changed(admin: QueueAdmin, by: Principal, work: Callable[[], Awaitable[None]], gone: str) -> JSONResponse:
    """Do what was asked, and answer with the queue as it is then; `gone` says what was not there."""

    async def change() -> dict[str, Any]:
        await work()
        return await admin.show(by.user)

    return await _answer(change, gone)


async def _answer(work: Callable[[], Awaitable[dict[str, Any]]], gone: str = "") -> JSONResponse:
    """Answer with what comes of the work, or with why nothing does."""
    try:
        return JSONResponse(await work())
    except NotFound:
        return _error(_GONE, gone)
    except Forbidden:
        return _error(_GONE, _NOTHING)
    except NotWaiting:
        return _error(_TOO_LATE, "The job does not wait: its turn has come.")
    except _BadBody as error:
        return _error(_UNPROCESSABLE, str(error))
    except Refused as refusal:
        return _error(_REFUSED, wording_for("en").refused(refusal))


async def _with_body(work: Callable[[Principal, Body], Awaitable[None]], by: Principal, request: Request) -> None:
    text = await request.body()
    try:
        body = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise _BadBody("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise _BadBody("The body is not a JSON object.")
    await work(by, body)


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
