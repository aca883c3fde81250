"""Secrets that are handed out once and kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

NewToken = Callable[[], str]

_BYTES: Final = 32
LONGEST_TOKEN: Final = 128


@dataclass(frozen=True, slots=True)
class Link:
    """What an admin hands to somebody: the secret, shown this once, and until when it works."""

    token: str = field(repr=False)
    expires_at: datetime
    id: UUID | None = None


def random_token() -> str:
    """Make a secret of 256 random bits, fit for a cookie and a URL."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """Give the form in which a secret is kept. With so many random bits a plain SHA-256 is enough."""
    return hashlib.sha256(token[:LONGEST_TOKEN].encode("utf-8", "surrogatepass")).hexdigest()
