"""Who acts in a request or on a WebSocket: the guard has found it out before anything else sees the request."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from chatui.domain.people import Principal


def acting(connection: HTTPConnection) -> Principal:
    """Tell who acts. Raises RuntimeError where the guard let somebody through without a name: a fault of ours."""
    principal = connection.scope.get("state", {}).get("principal")
    if not isinstance(principal, Principal):
        raise RuntimeError(f"nobody acts at {connection.url.path}")  # noqa: TRY004 - not about a type to the caller
    return principal


By = Annotated[Principal, Depends(acting)]
"""What a route asks for to know who acts."""


class OnePerson:
    """Everything in the name of one person, as long as nobody can sign in."""

    def __init__(self, app: ASGIApp, principal: Principal) -> None:
        self._app = app
        self._principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request in their name."""
        if scope["type"] in {"http", "websocket"}:
            scope = {**scope, "state": {**scope.get("state", {}), "principal": self._principal}}
        await self._app(scope, receive, send)
