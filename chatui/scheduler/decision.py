"""What goes into the policy and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName
from chatui.scheduler.entry import Ages, Entry


@dataclass(frozen=True, slots=True)
class Fixed:
    """A fixed number of jobs at once per backend."""

    workers: int


@dataclass(frozen=True, slots=True)
class Auto:
    """As many jobs at once as make the backend write more tokens per second, at most `maximum`."""

    maximum: int


Limit = Fixed | Auto


@dataclass(frozen=True, slots=True)
class BackendView:
    """What a health check saw of a backend.

    `models` is what it can answer with, `resident` what is in its memory, with bytes where known. A backend that does
    not own swaps here (`owns_swaps` False) has all its models resident. A view that was asked for before the last swap
    ended (`asked_at`, monotonic seconds) says nothing about residents and is taken for the rest.
    """

    name: str
    models: frozenset[ModelName]
    resident: Mapping[ModelName, int | None] = field(default_factory=dict)
    owns_swaps: bool = True
    healthy: bool = True
    asked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Run the entry on the backend now; it holds a slot until `Policy.finished` or `Policy.requeue`."""

    entry: Entry
    backend: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Unload `unload`, then load `load`, then report with `Policy.swapped`.

    Nothing of an unloaded model runs at this time. `wanted_by` is the waiting job at whose turn the swap came: when the
    load fails, the caller counts it as an attempt of that job (`Policy.hold` for a retry, `Policy.withdraw` to fail).
    """

    backend: str
    load: ModelName
    unload: tuple[ModelName, ...]
    wanted_by: JobId


Decision = Start | Swap


class Waits(StrEnum):
    """Why an entry still waits."""

    TURN = "turn"
    PAUSED = "paused"
    BREAKER = "breaker"  # its model failed to load several times; tried again at `until`
    RETRY = "retry"  # not before `until`
    IDLE = "idle"  # until nobody else waits
    NO_BACKEND = "no_backend"  # no healthy backend has the model


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands: `position` from 1 in the expected order.

    `expected` is the best guess of the seconds from now until its turn; `low` and `high` are an interval that 8 of 10
    jobs meet, None while the policy is learning. All are None where nothing can be said. `answers_before` counts
    answers that must end before it starts, `swaps_before` model loads, both on the server that is expected to take it.
    `until` is a time of the monotonic clock.
    """

    job_id: JobId
    position: int
    expected: float | None
    low: float | None
    high: float | None
    answers_before: int
    swaps_before: int
    waits: Waits = Waits.TURN
    until: float | None = None


@dataclass(frozen=True, slots=True)
class PersonLimits:
    """What holds for one person; None takes the queue's own figure.

    At weight 2 a token costs half. Who runs `running` jobs takes only slots that nobody else can use; at 0 that is
    every slot. Of who has `queued` jobs waiting no more are taken; at 0 only what can be begun at once, while nobody
    waits.
    """

    weight: float = 1.0
    running: int | None = None
    queued: int | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """What holds for whoever has no limits of their own, and how many may wait in all; None for any number."""

    running: int
    queued: int | None
    queued_in_all: int | None


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """Every figure of the policy; times in seconds. Those of swaps and fairness were chosen by the simulation.

    `stay` (K) bounds how long after its load a resident model may be served past a blocked head, in swap costs per
    level of the head; `stay_over` shortens that where who passes had far more than who is blocked; `grace` (K2)
    bounds it from when the head was first blocked, and `bypass_limit` in starts. Is the head urgent (asked with high
    priority, not risen by waiting, or put first), `stay_urgent` and `grace_urgent` hold instead. From the beginning of
    a drain, what is urgent also takes slots that it leaves idle, for `grace_urgent`. Whoever had `allowance` weighted
    tokens more than somebody else who waits or runs has no class any more: a class is worth something within a fair
    share only, or a backlog of one person's would pass everybody's low jobs until they are old.
    """

    limit: Limit = field(default_factory=lambda: Auto(8))
    ages: Ages = field(default_factory=Ages)
    stay: tuple[float, float, float] = (8.0, 10.0, 10.0)
    stay_over: float = 0.7
    grace: float = 3.0
    stay_urgent: float = 5.0
    grace_urgent: float = 2.0
    bypass_limit: int = 64
    allowance: float = 8000.0
    running_per_user: int = 2
    queued_per_user: int | None = 6
    queued_in_all: int | None = 60
    max_wait: Mapping[Priority, float] = field(
        default_factory=lambda: {Priority.HIGH: 900.0, Priority.NORMAL: 1800.0, Priority.LOW: 7200.0},
    )
    input_weight: float = 1.0
    output_weight: float = 2.0
    default_swap_cost: float = 10.0
    default_output_tokens: int = 200
    quiet: float = 30.0  # idle work swaps a model out only when nobody used it for so long
    places: int = 256  # how many of the waiting are given a place
