"""Gives every request an id, which its answer carries and every line of the log that was written for it."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER: Final = "x-request-id"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_STARTS: Final = {"http.response.start", "websocket.http.response.start", "websocket.accept"}

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""That of the request for which something is done; None outside of one."""


class RequestIds:
    """Takes the id that a proxy in front gave, where it is one, else makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket with its id."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        own = given if _ID.fullmatch(given) else uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] in _STARTS:
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[HEADER] = own
            await send(message)

        noted = request_id.set(own)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            request_id.reset(noted)
