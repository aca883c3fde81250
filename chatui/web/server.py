"""Puts the web side together and serves it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# Gradio reads these when it is imported: nothing is reported, and nothing is summed up after each of its events.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")

import gradio as gr
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from typing_extensions import override

from chatui.web.acting import acting
from chatui.web.blocks import MOUNT, build_chat_page
from chatui.web.front_page import STATIC, front_page
from chatui.web.guard import Guard
from chatui.web.live import LiveLine


def build_app(line: LiveLine, routes: APIRouter) -> ASGIApp:
    """Everything that is served, behind the guard."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(routes)
    page = front_page()

    @app.get("/", include_in_schema=False)
    async def home() -> HTMLResponse:
        return HTMLResponse(page, headers={"cache-control": "no-cache"})

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await line.serve(socket, acting(socket))

    app.mount("/ui", _OwnFiles(directory=STATIC), name="ui")
    # Gradio's event queue looks for work a thousand times a second (4 % of a core). No page of ours has a listener, so
    # it is not started: its start is all that Gradio adds to the lifespan.
    lifespan = app.router.lifespan_context
    gr.mount_gradio_app(app, build_chat_page(), path="/", **MOUNT)
    app.router.lifespan_context = lifespan
    return Guard(app)


class _OwnFiles(StaticFiles):
    """The page's own files: asked for anew each time, so that an upgrade never mixes old scripts with new ones."""

    @override
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the application decides when to stop, after it has drained."""

    def __init__(self, app: ASGIApp, log_level: str) -> None:
        self._started: Callable[[], None] = lambda: None
        super().__init__(
            uvicorn.Config(
                app,
                log_level=log_level,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=2,
                ws_per_message_deflate=False,
                ws_max_size=16 * 1024 * 1024,
            ),
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def serve_on(self, listener: socket.socket, started: Callable[[], None]) -> None:
        """Serve until `should_exit`; calls `started` once requests are answered."""
        self._started = started
        await self.serve(sockets=[listener])

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started()
