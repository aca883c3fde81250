"""The paths that programs ask for with a key: how, with what in the body, and in which scope."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from chatui.domain.people import KeyScope

_MODEL: Final = {"model": "llama3.2:1b"}
_SAID: Final = [{"role": "user", "content": "hello"}]


class Keyed(NamedTuple):
    """A way to ask. Without a scope any key will do."""

    method: str
    scope: KeyScope | None = None
    body: dict[str, Any] | None = None


KEYED_PATHS: Final[dict[str, Keyed]] = {
    "/api/chat": Keyed("POST", KeyScope.ASK, {**_MODEL, "messages": _SAID}),
    "/api/generate": Keyed("POST", KeyScope.ASK, {**_MODEL, "prompt": "hello"}),
    "/api/embed": Keyed("POST", KeyScope.ASK, {**_MODEL, "input": "hello"}),
    "/api/embeddings": Keyed("POST", KeyScope.ASK, {**_MODEL, "prompt": "hello"}),
    "/api/tags": Keyed("GET"),
    "/api/ps": Keyed("GET"),
    "/api/version": Keyed("GET"),
    "/api/show": Keyed("POST", None, _MODEL),
    "/api/pull": Keyed("POST", KeyScope.MODELS, _MODEL),
    "/api/push": Keyed("POST", KeyScope.MODELS, _MODEL),
    "/api/create": Keyed("POST", KeyScope.MODELS, {"model": "mine", "from": "llama3.2:1b"}),
    "/api/copy": Keyed("POST", KeyScope.MODELS, {"source": "llama3.2:1b", "destination": "other"}),
    "/api/delete": Keyed("DELETE", KeyScope.MODELS, _MODEL),
    "/api/openapi.json": Keyed("GET"),
    "/api/queue": Keyed("GET", KeyScope.QUEUE),
    "/api/queue/{job_id}": Keyed("DELETE", KeyScope.QUEUE),
    "/v1/chat/completions": Keyed("POST", KeyScope.ASK, {**_MODEL, "messages": _SAID}),
    "/v1/completions": Keyed("POST", KeyScope.ASK, {**_MODEL, "prompt": "hello"}),
    "/v1/embeddings": Keyed("POST", KeyScope.ASK, {**_MODEL, "input": "hello"}),
    "/v1/models": Keyed("GET"),
    "/v1/models/{name:path}": Keyed("GET"),
}
