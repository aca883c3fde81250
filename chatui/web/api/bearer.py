"""The key that a request brings: as a bearer, as `x-api-key`, or as the password of Basic."""

from __future__ import annotations

from base64 import b64decode

from starlette.datastructures import Headers

from chatui.accounts.keys import KeyHolder, Keys


async def holder_of(headers: Headers, keys: Keys) -> KeyHolder | None:
    """Find who asks; None where the key is missing, wrong, revoked, expired, or its person's account closed."""
    token = token_of(headers)
    return await keys.find(token) if token else None


def token_of(headers: Headers) -> str | None:
    """Read the key."""
    if named := named_token(headers):
        return named
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return _password(value.strip()) if scheme.lower() == "basic" else None


def named_token(headers: Headers) -> str | None:
    """Read a key that no browser sends by itself, so that whoever sends it knows it."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return headers.get("x-api-key")


def _password(value: str) -> str | None:
    try:
        return b64decode(value, validate=True).decode("latin-1").partition(":")[2]
    except ValueError:
        return None
