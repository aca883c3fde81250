"""What others do, as small policies: first come first served, a semaphore in front of the server, fixed classes.

Fairness alone and affinity without bound are the real policy with other figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from benchmarks.scheduling.simulation import SERVER, Contender
from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName
from chatui.scheduler.decision import BackendView, Decision, Fixed, Place, PolicyConfig, Start, Swap
from chatui.scheduler.entry import Entry
from chatui.scheduler.outcome import Outcome
from chatui.scheduler.policy import Policy

SLOTS = 4

# The bounds of the queue are left out: everybody serves the same asks.
UNBOUNDED = PolicyConfig(limit=Fixed(SLOTS), queued_per_user=None, queued_in_all=None, max_wait={})


class _Simple:
    """What the simple ones share: one line in a fixed order, slots, one resident model."""

    def __init__(self) -> None:
        self._line: list[Entry] = []
        self._running: dict[JobId, Entry] = {}
        self._resident: frozenset[ModelName] = frozenset()
        self._loading = False

    def backend_seen(self, view: BackendView, _now: float) -> None:
        self._resident = frozenset(view.resident)

    def submit(self, entry: Entry, _now: float) -> None:
        self._line.append(entry)

    def withdraw(self, job_id: JobId, _now: float) -> Entry | None:
        entry = next((entry for entry in self._line if entry.job_id == job_id), None)
        if entry is not None:
            self._line.remove(entry)
        return entry

    def hold(self, _job_id: JobId, _not_before: float, _now: float) -> bool:
        return True

    def swapped(self, _backend: str, _model: ModelName, _took: float | None, _now: float) -> None:
        self._loading = False

    def progressed(self, job_id: JobId, output_tokens: int, now: float) -> None:
        pass

    def finished(self, job_id: JobId, _outcome: Outcome, _now: float) -> None:
        self._running.pop(job_id, None)

    def requeue(self, job_id: JobId, _outcome: Outcome, _not_before: float, _now: float) -> None:
        self._line.insert(0, self._running.pop(job_id))

    def next_wake(self, _now: float) -> float | None:
        return None

    def places(self, _now: float) -> list[Place]:
        return []

    def _start(self, entry: Entry) -> Start:
        self._line.remove(entry)
        self._running[entry.job_id] = entry
        return Start(entry, SERVER)

    def _swap(self, entry: Entry) -> Swap:
        self._loading = True
        return Swap(SERVER, entry.model, tuple(self._resident), entry.job_id)


class InOrder(_Simple):
    """One strict order: the first waits for a slot and for its model, and everybody else for the first."""

    def __init__(self, order: Callable[[Entry], tuple[int, int]]) -> None:
        super().__init__()
        self._order = order

    def decide(self, _now: float) -> Decision | None:
        """Start the first, or load its model once nothing runs."""
        if self._loading or not self._line or len(self._running) >= SLOTS:
            return None
        head = min(self._line, key=self._order)
        if head.model in self._resident:
            return self._start(head)
        return None if self._running else self._swap(head)


class Semaphore(_Simple):
    """So many asks at a time reach a server that loads for itself: what its loaded model can answer passes the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: list[Entry] = []

    def decide(self, _now: float) -> Decision | None:
        """Start whatever was sent and can be answered; load for the first that was sent once nothing runs."""
        if self._loading:
            return None
        self._sent = [entry for entry in self._sent if entry in self._line]
        room = SLOTS - len(self._running) - len(self._sent)
        self._sent += [entry for entry in self._line if entry not in self._sent][: max(0, room)]
        passing = next((entry for entry in self._sent if entry.model in self._resident), None)
        if passing is not None:
            return self._start(passing)
        return None if self._running or not self._sent else self._swap(self._sent[0])


def _fifo() -> Contender:
    return InOrder(lambda entry: (0, entry.arrival))


def _static() -> Contender:
    return InOrder(lambda entry: (entry.priority, entry.arrival))


def _fairness_only() -> Contender:
    at_once = replace(UNBOUNDED, stay=(0.0, 0.0, 0.0), grace=0.0, stay_urgent=0.0, grace_urgent=0.0)
    return Policy(replace(at_once, bypass_limit=0))


def _affinity() -> Contender:
    for_ever = replace(UNBOUNDED, stay=(math.inf, math.inf, math.inf), stay_urgent=math.inf)
    return Policy(replace(for_ever, bypass_limit=1_000_000_000))


def _ours() -> Contender:
    return Policy(UNBOUNDED)


CONTENDERS = MappingProxyType(
    {
        "strict FIFO": _fifo,
        "semaphore FIFO": Semaphore,
        "static priority": _static,
        "fairness only": _fairness_only,
        "affinity, no bound": _affinity,
        "ours": _ours,
    },
)
