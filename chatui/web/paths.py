"""What a path needs: nothing, a key, a session, an admin's. Whatever is not named here needs a session."""

from __future__ import annotations

from enum import Enum
from typing import Final

from chatui.conversations.importing.archive import LONGEST_FILE

SIGN_IN: Final = "/sign-in"
DIAGRAMS: Final = "/diagrams"
"""A page that stands in a frame of ours and nowhere else."""
IMPORT: Final = "/account/import"

OPEN_PATHS: Final = frozenset(
    {
        "/healthz",
        "/readyz",
        SIGN_IN,
        "/sign-up",
        "/invitation",
        "/reset",
        "/first-admin",
        "/metrics",  # asks by itself who may read it
        # What the pages above are drawn with.
        "/ui/tokens.css",
        "/ui/door.css",
        "/ui/mark.svg",
        "/favicon.ico",
    }
)
"""Served to anybody; exact paths, no prefixes."""

KEYED_PREFIXES: Final = ("/api/", "/v1/")
"""The APIs for scripts: each of their routes asks for a key by itself."""

CLOSED_PREFIXES: Final = ("/gradio_api/", "/monitoring", "/docs", "/redoc", "/openapi.json")
"""What Gradio and FastAPI would serve beside the page: to nobody."""

CLOSED_BUT: Final = frozenset({"/gradio_api/info"})

_GRADIO_FILES: Final = ("/assets/", "/static/")
_GRADIO_PATHS: Final = frozenset({"/config", "/theme.css", "/gradio_api/info"})

_ADMIN_PREFIX: Final = "/admin"

FILES: Final = "/attachments"

_FORM_BYTES: Final = 64 * 1024
_API_BYTES: Final = 32 * 1024 * 1024
_MORE_BYTES: Final = {IMPORT: LONGEST_FILE + _FORM_BYTES, FILES: 64 * 1024 * 1024}
"""Where files are sent."""


class Need(Enum):
    """What somebody must show before a path is served."""

    NOTHING = "nothing"
    KEY = "key"
    SESSION = "session"
    ADMIN = "admin"


def need_of(path: str) -> Need:
    """Tell what a path needs."""
    if path in OPEN_PATHS:
        return Need.NOTHING
    if path.startswith(KEYED_PREFIXES):
        return Need.KEY
    return Need.ADMIN if path.startswith(_ADMIN_PREFIX) else Need.SESSION


def is_closed(path: str) -> bool:
    """Tell whether a path is served to nobody."""
    return path.startswith(CLOSED_PREFIXES) and path not in CLOSED_BUT


def is_gradios(path: str) -> bool:
    """Tell whether a path is one of the few of Gradio's that the page needs. The rest of them is served to nobody."""
    return path in _GRADIO_PATHS or path.startswith(_GRADIO_FILES)


def longest_body(path: str) -> int:
    """Tell how many bytes a request may carry there."""
    return _API_BYTES if path.startswith(KEYED_PREFIXES) else _MORE_BYTES.get(path, _FORM_BYTES)


def is_a_file(path: str) -> bool:
    """Tell whether a path gives out what somebody brought along."""
    return path.startswith(f"{FILES}/")
