"""Puts the web side together and serves it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# Gradio reads these when it is imported: nothing is reported, and nothing is summed up after each of its events.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")

import gradio as gr
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from typing_extensions import override

from chatui.accounts.service import AccountService
from chatui.domain.errors import Forbidden, NotFound, Refused
from chatui.web.acting import acting
from chatui.web.api.problems import problem_of
from chatui.web.blocks import MOUNT, build_chat_page
from chatui.web.connections import ConnectionLimits, Connections
from chatui.web.cookies import token_in
from chatui.web.front_page import PERSON, STATIC, front_page
from chatui.web.guard import Guard
from chatui.web.hosts import TrustedHosts
from chatui.web.live import LiveLine
from chatui.web.pages import Pages, language_of
from chatui.web.paths import Need, is_gradios, need_of
from chatui.web.request_ids import RequestIds
from chatui.web.statuses import retry_after, status_of
from chatui.web.wording import wording_for


def build_app(line: LiveLine, routes: Sequence[APIRouter], hosts: TrustedHosts, accounts: AccountService) -> ASGIApp:
    """Everything that is served, behind the guard."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for router in routes:
        app.include_router(router)
    page = front_page()

    @app.get("/", include_in_schema=False)
    async def home(request: Request) -> HTMLResponse:
        person = str(acting(request).user.id)
        return HTMLResponse(page.replace(PERSON, person), headers={"cache-control": "no-store"})

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        by, token = acting(socket), token_in(socket.scope) or ""
        await line.serve(socket, by, lambda: accounts.principal_for(token, by.address))

    pages = Pages()
    app.add_exception_handler(Refused, _why_not_with(pages))
    app.add_exception_handler(HTTPException, _unserved)
    app.mount("/ui", _OwnFiles(directory=STATIC), name="ui")
    # Gradio's event queue looks for work a thousand times a second (4 % of a core). No page of ours has a listener, so
    # it is not started: its start is all that Gradio adds to the lifespan.
    lifespan = app.router.lifespan_context
    gr.mount_gradio_app(app, build_chat_page(), path="/", **MOUNT)
    app.router.lifespan_context = lifespan
    _narrow(app.router.routes[-1], pages)
    return RequestIds(Guard(app, hosts, accounts.principal_for))


def _why_not_with(pages: Pages) -> Callable[[Request, Exception], Response]:
    """What somebody gets whose request was refused: for what is not theirs the same as for what is not there."""

    def why_not(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refused)
        if isinstance(refusal, Forbidden | NotFound):
            return pages.show(request, "not_there", {}, status_of(NotFound()))
        sentence = wording_for(language_of(request)).refused(refusal)
        return PlainTextResponse(sentence, status_of(refusal), retry_after(refusal))

    return why_not


async def _unserved(request: Request, error: Exception) -> Response:
    """What somebody gets for a path or a method that there is not: programs in the shape of their API."""
    assert isinstance(error, HTTPException)
    if need_of(request.url.path) is Need.KEY:
        return problem_of(error).response(request.url.path)
    return await http_exception_handler(request, error)


def _narrow(mount: BaseRoute, pages: Pages) -> None:
    """Let nothing of Gradio be reached but what the page needs: what else it serves changes with its versions."""
    assert isinstance(mount, Mount)
    gradio_app = mount.app

    async def narrowed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_gradios(scope["path"]):
            await gradio_app(scope, receive, send)
        elif scope["type"] == "http" and need_of(scope["path"]) is Need.KEY:
            raise HTTPException(status_of(NotFound()))
        elif scope["type"] == "http":
            not_there = pages.show(Request(scope), "not_there", {}, status_of(NotFound()))
            await not_there(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    mount.app = narrowed


class _OwnFiles(StaticFiles):
    """The page's own files: asked for anew each time, so that an upgrade never mixes old scripts with new ones."""

    @override
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """Tell a record of uvicorn's from that of a refused WebSocket, which it takes for a fault."""
    return "without completing handshake" not in record.msg


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the application decides when to stop, after it has drained."""

    def __init__(self, app: ASGIApp, log_level: str, proxies: Sequence[str]) -> None:
        self._started: Callable[[], None] = lambda: None
        logging.getLogger("uvicorn.error").addFilter(_is_no_refusal)
        super().__init__(
            uvicorn.Config(
                app,
                http=Connections(ConnectionLimits(), proxies).protocol,  # type: ignore[arg-type] # it makes one
                log_level=log_level,
                access_log=False,
                server_header=False,
                # Who says for whom it asks is believed only when it was named as a proxy of ours.
                proxy_headers=bool(proxies),
                forwarded_allow_ips=list(proxies),
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
