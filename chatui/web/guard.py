"""The door: an ASGI wrapper around everything that is served.

Until people can sign in the app listens on loopback alone, and the door sees to it that only pages of this machine get
through: a Host that is not loopback means a name that somebody made point here (DNS rebinding), an Origin that is not
the Host's means another site's page.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-src 'none'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_CLOSED_PREFIXES = ("/gradio_api/", "/monitoring", "/docs", "/redoc", "/openapi.json")
_OPEN_PATHS = {"/gradio_api/info"}
_CROSS_SITE, _UNKNOWN_HOST = 403, 421
_POLICY_VIOLATION = 1008


class Guard:
    """Lets through what pages of this machine ask for, and gives every answer the headers of the house."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        status = _refusal(scope)
        if status is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await PlainTextResponse(_WORDS[status], status)(scope, receive, _with_headers(send))


_WORDS = {
    404: "There is nothing here.",
    _CROSS_SITE: "Requests from other sites are not taken.",
    _UNKNOWN_HOST: "This address is not served here.",
}


def _refusal(scope: Scope) -> int | None:
    """The status that a request is refused with; None lets it through."""
    headers = Headers(scope=scope)
    if not _is_local(urlsplit(f"//{headers.get('host', '')}").hostname):
        return _UNKNOWN_HOST
    changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
    if changes and not _same_origin(headers):
        return _CROSS_SITE
    path = scope["path"]
    return 404 if path.startswith(_CLOSED_PREFIXES) and path not in _OPEN_PATHS else None


def _same_origin(headers: Headers) -> bool:
    """Whether the page that asks is ours. Programs send no Origin; browsers always do where it matters."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _is_local(host: str | None) -> bool:
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_HEADERS)
        await send(message)

    return send_with_headers
