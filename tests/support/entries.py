"""Entries for tests of the queue, numbered by arrival."""

from __future__ import annotations

from uuid import UUID

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.decision import BackendView
from chatui.scheduler.entry import Entry

AMBER, BASALT, COBALT = (ModelName(name) for name in ("amber", "basalt", "cobalt"))
ANN, BEN, CID = (UserId(UUID(int=number)) for number in (1, 2, 3))


def entry(
    number: int,
    user: UserId = ANN,
    *,
    model: ModelName = AMBER,
    priority: Priority = Priority.NORMAL,
    at: float = 0.0,
    background: bool = False,
) -> Entry:
    """Make the entry of a job that arrived as the `number`-th."""
    return Entry(JobId(UUID(int=number)), user, model, priority, number, at, 100, background=background)


def view(name: str = "box", *resident: ModelName, owns_swaps: bool = True, healthy: bool = True) -> BackendView:
    """Make the view of a backend that can answer with three models."""
    models = frozenset((AMBER, BASALT, COBALT))
    return BackendView(name, models, dict.fromkeys(resident), owns_swaps=owns_swaps, healthy=healthy)
