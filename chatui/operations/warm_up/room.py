"""Whether a model may be loaded now without taking anything from anybody: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from chatui.domain.messages import ModelName
from chatui.scheduler.backend_state import BackendState

QUIET: Final = timedelta(minutes=10)
"""A model that somebody used since then is in use: people think between two questions."""


def may_be_loaded(model: ModelName, backends: Iterable[BackendState], kept: frozenset[ModelName], now: float) -> bool:
    """Tell whether a backend has the model loaded, or room for it beside what is in use and what is `kept`.

    Where nobody knows yet whether it fits beside what is kept, it is tried.
    """
    return any(_has_room(backend, model, kept, now) for backend in backends if backend.open)


def _has_room(backend: BackendState, model: ModelName, kept: frozenset[ModelName], now: float) -> bool:
    if model not in backend.view.models:
        return False
    if model in backend.resident:
        return backend.swap is None or model not in backend.swap.leaving
    leaving, unload = backend.memory.leaving(model, backend.by_worth())
    used_after = now - QUIET.total_seconds()
    in_use = any(backend.used_at.get(other, used_after) > used_after for other in leaving)
    return not in_use and not backend.runs_any(leaving) and not kept.intersection(unload)
