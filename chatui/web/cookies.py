"""The cookie that carries a session: its name, its marks, and how it is read."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response
from starlette.types import Scope

_PLAIN, _SECURE = "samovar", "__Host-samovar"


def token_in(scope: Scope) -> str | None:
    """Give the session's token that a request carries. Over https the name that no subdomain can set is read alone."""
    name = _name(scope).encode()
    for header, value in scope["headers"]:
        if header == b"cookie":
            for part in value.split(b";"):
                key, found, token = part.strip().partition(b"=")
                if found and key == name:
                    return str(token.decode("latin-1"))
    return None


def set_session(response: Response, scope: Scope, token: str, expires_at: datetime) -> None:
    """Have the browser keep a session's token, out of reach of scripts and of other sites' requests."""
    response.set_cookie(
        _name(scope), token, expires=expires_at, path="/", secure=is_https(scope), httponly=True, samesite="lax"
    )


def drop_session(response: Response, scope: Scope) -> None:
    """Have the browser forget the session's token."""
    response.delete_cookie(_name(scope), path="/", secure=is_https(scope), httponly=True, samesite="lax")


def is_https(scope: Scope) -> bool:
    """Tell whether the browser reaches the app through https."""
    return scope["scheme"] in {"https", "wss"}


def _name(scope: Scope) -> str:
    return _SECURE if is_https(scope) else _PLAIN
