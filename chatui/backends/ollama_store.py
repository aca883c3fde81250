"""The models on Ollama's disk: downloaded, uploaded, made, copied, deleted."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from chatui.backends.base import Deadlines, ModelRecipe, PullProgress
from chatui.backends.deadlines import StageTimer
from chatui.backends.http import HttpClient
from chatui.backends.ollama_replies import read_progress
from chatui.backends.ollama_requests import recipe_body
from chatui.backends.wire import JsonObject
from chatui.domain.errors import ReplyTruncated
from chatui.domain.messages import ModelName


class OllamaStore:
    """Changes what an Ollama server has. What takes long has no limit on the whole, only on the silence in it."""

    def __init__(self, http: HttpClient, deadlines: Deadlines) -> None:
        self._http = http
        self._deadlines = deadlines

    async def pull(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Download a model."""
        async with aclosing(self._progress("/api/pull", {"model": model, "stream": True})) as steps:
            async for step in steps:
                yield step

    async def push(self, model: ModelName) -> AsyncGenerator[PullProgress, None]:
        """Upload a model."""
        async with aclosing(self._progress("/api/push", {"model": model, "stream": True})) as steps:
            async for step in steps:
                yield step

    async def create(self, recipe: ModelRecipe) -> AsyncGenerator[PullProgress, None]:
        """Make a model."""
        async with aclosing(self._progress("/api/create", recipe_body(recipe))) as steps:
            async for step in steps:
                yield step

    async def copy(self, source: ModelName, target: ModelName) -> None:
        """Give a model a second name."""
        await self._http.order("POST", "/api/copy", {"source": source, "destination": target})

    async def delete(self, model: ModelName) -> None:
        """Delete a model."""
        await self._http.order("DELETE", "/api/delete", {"model": model})

    async def _progress(self, path: str, body: JsonObject) -> AsyncGenerator[PullProgress, None]:
        timer = StageTimer("progress", self._deadlines.load)
        async with self._http.open("POST", path, body, timer) as reply, aclosing(reply.lines()) as lines:
            while came := await timer.wait(anext(lines, None)):
                timer.enter("progress", self._deadlines.load)
                for progress in map(read_progress, came):
                    yield progress
                    if progress.status == "success":
                        return
        raise ReplyTruncated(f"{path} ended without success")
