"""Ollama's verbs that change what a server has: for admins' keys with the scope for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from chatui.accounts.keys import KeyHolder, Keys
from chatui.backends.base import PullProgress
from chatui.domain.errors import SamovarError
from chatui.gateway.models import Models
from chatui.web.api.answering import Attended, Line
from chatui.web.api.fields import Fields
from chatui.web.api.keyed import body_of, keyed
from chatui.web.api.ollama_asks import model_name, recipe_of
from chatui.web.api.ollama_says import line_of, progress_step
from chatui.web.api.problems import problem_of

_NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class OllamaVerbs:
    """Takes the requests."""

    models: Models

    async def pull(self, request: Request, by: KeyHolder) -> Response:
        """Download a model."""
        body = await body_of(request)
        return await _progressing(body, self.models.pull(by, model_name(body)))

    async def push(self, request: Request, by: KeyHolder) -> Response:
        """Upload a model."""
        body = await body_of(request)
        return await _progressing(body, self.models.push(by, model_name(body)))

    async def create(self, request: Request, by: KeyHolder) -> Response:
        """Make a model of another one."""
        body = await body_of(request)
        return await _progressing(body, self.models.create(by, recipe_of(body)))

    async def copy(self, request: Request, by: KeyHolder) -> Response:
        """Give a model a second name."""
        body = await body_of(request)
        await self.models.copy(by, body.needed("source"), body.needed("destination"))
        return Response()

    async def delete(self, request: Request, by: KeyHolder) -> Response:
        """Delete a model."""
        await self.models.delete(by, model_name(await body_of(request)))
        return Response()


class Progressing(Attended):
    """Tells how far a work is, line by line; what fails after the first is a line, too."""

    def __init__(self, first: PullProgress, steps: AsyncGenerator[PullProgress, None]) -> None:
        self.background = None
        self._first = first
        self._steps = steps

    async def answer(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Tell it."""
        line = Line(send, lambda media: {"content-type": media, "x-accel-buffering": "no"})
        async with aclosing(self._steps) as steps:
            await line.write(line_of(progress_step(self._first)), _NDJSON)
            try:
                async for step in steps:
                    await line.write(line_of(progress_step(step)), _NDJSON)
            except SamovarError as error:
                await line.write(line_of(problem_of(error).in_ollamas_shape()), _NDJSON)
        await line.end(b"", _NDJSON)


async def _progressing(body: Fields, steps: AsyncGenerator[PullProgress, None]) -> Response:
    """Answer with the course of a work, or with its end alone where no stream is wanted."""
    if body.flag("stream") is not False:
        # What is refused is refused before the first step.
        return Progressing(await anext(steps), steps)
    last = PullProgress("success")
    async with aclosing(steps):
        async for step in steps:
            last = step
    return JSONResponse({"status": last.status})


def ollama_verb_routes(verbs: OllamaVerbs, keys: Keys) -> APIRouter:
    """The routes; each asks for a key by itself."""
    routes = APIRouter(prefix="/api", include_in_schema=False)
    for path, handler in (
        ("/pull", verbs.pull),
        ("/push", verbs.push),
        ("/create", verbs.create),
        ("/copy", verbs.copy),
    ):
        routes.add_api_route(path, keyed(keys, handler), methods=["POST"])
    routes.add_api_route("/delete", keyed(keys, verbs.delete), methods=["DELETE"])
    return routes
