"""One's own jobs in the queue, for programs; the page's own script may read them, too, with its session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chatui.accounts.keys import KeyHolder, Keys
from chatui.domain.errors import Forbidden, NotFound
from chatui.domain.jobs import JobId, JobState
from chatui.domain.people import KeyScope, User
from chatui.gateway.service import Gateway
from chatui.scheduler.job import Job
from chatui.web.acting import visitor
from chatui.web.api.bearer import token_of
from chatui.web.api.keyed import keyed
from chatui.web.queue_view import show_job, show_place, show_run

FromUs = Callable[[Headers], bool]


@dataclass(frozen=True, slots=True)
class OwnQueue:
    """Takes the requests. `clock` is the scheduler's, `from_us` tells whether a page of ours asks."""

    gateway: Gateway
    keys: Keys
    clock: Callable[[], float]
    from_us: FromUs

    async def show(self, request: Request) -> Response:
        """Tell the jobs of whoever asks: with a key, or with a session from a page of ours."""
        by = visitor(request)
        if by is not None and token_of(request.headers) is None and self.from_us(request.headers):
            return self._shown(by.user)
        return await keyed(self.keys, self._show)(request)

    async def stop(self, request: Request, by: KeyHolder) -> Response:
        """Stop a job."""
        _require_scope(by)
        await self.gateway.stop(by.user, _job_id(request.path_params["job_id"]))
        return Response(status_code=204)

    async def _show(self, _request: Request, by: KeyHolder) -> Response:
        _require_scope(by)
        return self._shown(by.user)

    def _shown(self, user: User) -> Response:
        return JSONResponse({"jobs": [self._job(job, user) for job in self.gateway.jobs(user)]})

    def _job(self, job: Job, user: User) -> dict[str, Any]:
        shown = show_job(job, {user.id: user.name}, self.clock())
        waits = job.state is JobState.QUEUED
        return shown | (show_place(job, self.gateway.place(job)) if waits else show_run(job))


def own_queue_routes(queue: OwnQueue) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/queue", include_in_schema=False)
    routes.add_api_route("", queue.show, methods=["GET"])
    routes.add_api_route("/{job_id}", keyed(queue.keys, queue.stop), methods=["DELETE"])
    return routes


def _require_scope(by: KeyHolder) -> None:
    if KeyScope.QUEUE not in by.card.scopes:
        raise Forbidden("the key is not for the queue")


def _job_id(text: str) -> JobId:
    try:
        return JobId(UUID(text))
    except ValueError as error:
        raise NotFound("no such job") from error
