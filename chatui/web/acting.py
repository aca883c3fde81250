"""Who acts in a request or on a WebSocket: the guard has found it out before anything else sees the request."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection
from starlette.types import Scope

from chatui.accounts.changes import Visit
from chatui.domain.people import Principal


def note_principal(scope: Scope, principal: Principal) -> None:
    """Keep for the handlers who acts."""
    scope.setdefault("state", {})["principal"] = principal


def acting(connection: HTTPConnection) -> Principal:
    """Tell who acts. Raises RuntimeError where the guard let somebody through without a name: a fault of ours."""
    principal = visitor(connection)
    if principal is None:
        raise RuntimeError(f"nobody acts at {connection.url.path}")
    return principal


By = Annotated[Principal, Depends(acting)]
"""What a route asks for to know who acts."""


def visitor(connection: HTTPConnection) -> Principal | None:
    """Tell who acts on a path that is open to anybody; None for a stranger."""
    principal = connection.scope.get("state", {}).get("principal")
    return principal if isinstance(principal, Principal) else None


def address_of(scope: Scope) -> str:
    """Tell where a request comes from."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def visit_of(scope: Scope) -> Visit:
    """Tell where a request comes from, and what the browser calls itself."""
    device = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return Visit(address_of(scope), device.decode("latin-1"))
