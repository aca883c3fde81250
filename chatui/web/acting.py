"""Who acts in a request: what the guard found out, for the handlers behind it."""

from __future__ import annotations

from starlette.types import Scope

from chatui.accounts.changes import Visit
from chatui.domain.people import Principal


def note_principal(scope: Scope, principal: Principal) -> None:
    """Keep for the handlers who acts."""
    scope.setdefault("state", {})["principal"] = principal


def acting(scope: Scope) -> Principal:
    """Tell who acts. Only for paths that need a session: there the guard lets nobody else through."""
    principal = scope["state"]["principal"]
    assert isinstance(principal, Principal)
    return principal


def visitor(scope: Scope) -> Principal | None:
    """Tell who acts on a path that is open to anybody; None for a stranger."""
    principal = scope.get("state", {}).get("principal")
    return principal if isinstance(principal, Principal) else None


def address_of(scope: Scope) -> str:
    """Tell where a request comes from."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def visit_of(scope: Scope) -> Visit:
    """Tell where a request comes from, and what the browser calls itself."""
    device = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return Visit(address_of(scope), device.decode("latin-1"))
