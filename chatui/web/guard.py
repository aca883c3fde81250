"""The door: an ASGI wrapper around everything that is served.

Whoever wants more than the pages for signing in needs a session (or, for the APIs, a key). A Host that is not ours
means a name that somebody made point here, an Origin that is not the Host's means another site's page; both are
refused, and so are bodies beyond what a path takes. Who sends a key may come from any Origin: no page of another site
can have a browser send one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatui.domain.people import AccountRole, Principal
from chatui.web.acting import address_of, note_principal
from chatui.web.api.bearer import named_token
from chatui.web.api.problems import problem_of
from chatui.web.cookies import is_https, token_in
from chatui.web.hosts import TrustedHosts
from chatui.web.paths import DIAGRAMS, SIGN_IN, Need, is_a_file, is_closed, longest_body, need_of

Find = Callable[[str, str], Awaitable[Principal | None]]

_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_FRAME_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Of the frame in which diagrams are drawn: it may ask for nothing but our own scripts."""
# What somebody brought along may be shown, and do nothing.
_FILE_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    # Nothing is told to other sites. With `no-referrer` browsers would also hide the Origin of our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_YEAR: Final = "max-age=31536000"
_SAFE_METHODS: Final = {"GET", "HEAD", "OPTIONS"}
_NOBODY, _CROSS_SITE, _NOTHING, _TOO_LARGE, _UNKNOWN_HOST = 401, 403, 404, 413, 421
_WORDS: Final = {
    _NOBODY: f"Sign in first, at {SIGN_IN}.",
    _CROSS_SITE: "Requests from other sites are not taken.",
    _NOTHING: "There is nothing here.",
    _TOO_LARGE: "That is more than is taken here.",
    _UNKNOWN_HOST: "This address is not served here. Its name can be added with --trusted-host.",
}


class Guard:
    """Lets through what it may, and gives every answer the headers of the house.

    `find` tells who acts with a session's token from an address; None for a session that is over.
    """

    def __init__(self, app: ASGIApp, hosts: TrustedHosts, find: Find) -> None:
        self.app = app
        self._hosts = hosts
        self._find = find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self._hosts.is_secure(headers.get("host", "")):
            scope["scheme"] = "https" if scope["type"] == "http" else "wss"
        send = _with_headers(scope, send)
        refusal = self._refusal(scope, headers) or await self._stranger(scope, headers)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
        else:
            await self.app(scope, _capped(scope, receive), send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """What somebody gets whose request is refused whoever they are."""
        if not self._hosts.trusts(headers.get("host", "")):
            return _words(_UNKNOWN_HOST)
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if changes and not is_from_us(headers) and not _brings_key(scope, headers):
            return _words(_CROSS_SITE)
        if is_closed(scope["path"]):
            return _words(_NOTHING)
        return _too_large(scope["path"]) if _announced(headers) > longest_body(scope["path"]) else None

    async def _stranger(self, scope: Scope, headers: Headers) -> Response | None:
        """Note who acts; gives what somebody gets who is not signed in where one must be."""
        token = token_in(scope)
        principal = await self._find(token, address_of(scope)) if token else None
        if principal is not None:
            note_principal(scope, principal)
        need = need_of(scope["path"])
        if need is Need.NOTHING or need is Need.KEY:
            return None
        if principal is not None:
            runs_it = principal.user.role is AccountRole.ADMIN
            return None if need is Need.SESSION or runs_it else _words(_NOTHING)
        if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            return RedirectResponse(f"{SIGN_IN}?next={quote(_asked_for(scope), safe='')}", 303)
        return _words(_NOBODY)


async def _refuse(refusal: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await refusal(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008})


def _words(status: int) -> Response:
    return PlainTextResponse(_WORDS[status], status)


def _too_large(path: str) -> Response:
    if need_of(path) is Need.KEY:
        return problem_of(HTTPException(_TOO_LARGE)).response(path)
    return _words(_TOO_LARGE)


def _brings_key(scope: Scope, headers: Headers) -> bool:
    return need_of(scope["path"]) is Need.KEY and named_token(headers) is not None


def is_from_us(headers: Headers) -> bool:
    """Whether the page that asks is ours. Programs send neither header; browsers always do where it matters."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return False
    return headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def _announced(headers: Headers) -> int:
    """How long the body is said to be."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _asked_for(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _capped(scope: Scope, receive: Receive) -> Receive:
    """Receive as before, but no more of a request's body than its path takes."""
    if scope["type"] != "http":
        return receive
    left = longest_body(scope["path"])

    async def receive_capped() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(_TOO_LARGE, _WORDS[_TOO_LARGE])
        return message

    return receive_capped


def _with_headers(scope: Scope, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            if scope["path"] == DIAGRAMS:
                headers["content-security-policy"] = _FRAME_POLICY
            if is_a_file(scope["path"]):
                headers["content-security-policy"] = _FILE_POLICY
            headers.setdefault("cache-control", "no-store")
            if is_https(scope):
                headers["strict-transport-security"] = _YEAR
        await send(message)

    return send_with_headers
