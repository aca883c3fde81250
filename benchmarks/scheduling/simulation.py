"""A world of discrete events around one contender: people who ask and go away, a server, loads that may fail."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Protocol, assert_never

from benchmarks.scheduling.server import Machine, Server
from benchmarks.scheduling.workload import MODELS, Ask
from chatui.domain.errors import BackendError, ModelLoadFailed, OutOfMemory, QueueFull
from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.decision import BackendView, Decision, Place, Start, Swap
from chatui.scheduler.entry import Entry
from chatui.scheduler.outcome import Outcome, OutcomeKind, kind_of
from chatui.scheduler.retry import RetryPolicy

SERVER = "server"
TICK = 2.0
# How long a server goes on after the line was closed, as measured on a real one.
CLOSES_IN = 0.14


class Contender(Protocol):
    """What a policy must be able to do to take part; `chatui.scheduler.policy.Policy` is one."""

    def backend_seen(self, view: BackendView, now: float, /) -> None:
        """Take over what a look at the server shows."""

    def submit(self, entry: Entry, now: float, /) -> None:
        """Let an entry wait; raises `QueueFull`."""

    def withdraw(self, job_id: JobId, now: float, /) -> Entry | None:
        """Take a waiting entry out; None when it does not wait."""

    def hold(self, job_id: JobId, not_before: float, now: float, /) -> bool:
        """Keep a waiting entry from starting before a time."""

    def decide(self, now: float, /) -> Decision | None:
        """Decide one thing; None when there is nothing to do."""

    def swapped(self, backend: str, model: ModelName, took: float | None, now: float, /) -> None:
        """Take in that a load ended; None for a failure."""

    def progressed(self, job_id: JobId, output_tokens: int, now: float, /) -> None:
        """Take in how much a job has written so far."""

    def finished(self, job_id: JobId, outcome: Outcome, now: float, /) -> None:
        """Take in that a job ended."""

    def requeue(self, job_id: JobId, outcome: Outcome, not_before: float, now: float, /) -> None:
        """Take in that an attempt ended and another follows."""

    def next_wake(self, now: float, /) -> float | None:
        """Tell when time alone changes a decision."""

    def places(self, now: float, /) -> list[Place]:
        """Tell who waits where."""


@dataclass(slots=True)
class Record:
    """What became of one ask. Times in seconds of the simulation."""

    ask: Ask
    started_at: float | None = None
    first_token_at: float | None = None
    ended_at: float | None = None
    gone_at: float | None = None
    failed: bool = False
    refused: bool = False
    attempts: int = 0
    written: int = 0
    wasted: int = 0
    told: Place | None = None

    @property
    def first_token_after(self) -> float | None:
        """Seconds from the question to the first token; None when none came."""
        return None if self.first_token_at is None else self.first_token_at - self.ask.at


@dataclass(frozen=True)
class World:
    """The circumstances of one run. `load_fails` draws whether a load that begins at a time fails."""

    asks: list[Ask]
    machine: Machine = field(default_factory=Machine)
    until: float = math.inf
    cancels: bool = True
    tells: bool = False
    tick: float = TICK  # seconds between what is heard of streams
    load_fails: Callable[[float, random.Random], bool] | None = None
    again: Callable[[Ask, float], Ask] | None = None
    changes: tuple[tuple[float, Machine], ...] = ()
    snapshot_at: float = math.inf


class Simulation:
    """One contender in one world; `run` once."""

    def __init__(self, contender: Contender, world: World, seed: int) -> None:
        self.records: dict[JobId, Record] = {}
        self.server = Server(world.machine)
        self.crashes = 0
        self.now = 0.0
        self.served_at_snapshot: dict[UserId, int] = {}
        self.samples: list[tuple[float, int]] = []  # times, and the tokens written by then
        self._contender = contender
        self._world = world
        self._rng = random.Random(seed)
        self._retry = RetryPolicy()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._wake_at = math.inf
        self._open = 0

    def run(self) -> Simulation:
        """Play until every ask has ended, or the world's time is over."""
        self._look()
        for ask in self._world.asks:
            self._at(ask.at, lambda ask=ask: self._asked(ask))  # type: ignore[misc]
        for when, machine in self._world.changes:
            self._at(when, lambda machine=machine: self._change(machine))  # type: ignore[misc]
        if self._world.snapshot_at < math.inf:
            self._at(self._world.snapshot_at, self._snapshot)
        self._at(self._world.tick, self._tick)
        while self._events and self.now < self._world.until and (self._open or self._pending_asks()):
            self._step()
        return self

    def _pending_asks(self) -> bool:
        return len(self.records) < len(self._world.asks)

    def _step(self) -> None:
        end = self.server.next_end()
        when = min(self._events[0][0], self._wake_at, end[0] if end else math.inf)
        self.now = max(self.now, when)
        self.server.advance(self.now)
        if end and end[0] <= self.now and end[1] in self.server.streams:
            self._ended(end[1], OutcomeKind.DONE)
        while self._events and self._events[0][0] <= self.now:
            heappop(self._events)[2]()
        self._act()

    def _act(self) -> None:
        while (decision := self._contender.decide(self.now)) is not None:
            match decision:
                case Start():
                    self._start(decision)
                case Swap():
                    self._swap(decision)
                case never:
                    assert_never(never)
        wake = self._contender.next_wake(self.now)
        self._wake_at = math.inf if wake is None else max(wake, self.now + 1e-6)

    def _asked(self, ask: Ask) -> None:
        record = self.records[ask.job_id] = Record(ask)
        entry = Entry(ask.job_id, ask.user, ask.model, ask.priority, ask.arrival, self.now, ask.prompt_tokens)
        try:
            self._contender.submit(entry, self.now)
        except QueueFull:
            record.refused = True
            return
        self._open += 1
        if self._world.tells:
            self._at(self.now, lambda: self._tell(record))
        if ask.patience < math.inf:
            self._at(self.now + ask.patience, lambda: self._loses_patience(record))

    def _tell(self, record: Record) -> None:
        """Tell who waits a place, once everybody who could start has."""
        self._act()
        record.told = next(
            (each for each in self._contender.places(self.now) if each.job_id == record.ask.job_id), None
        )

    def _start(self, start: Start) -> None:
        record = self.records[start.entry.job_id]
        record.started_at = self.now
        record.attempts += 1
        self.server.open(record.ask)
        limit = self.server.machine.crashes_above
        if limit is not None and len(self.server.streams) > limit:
            self._crash()

    def _crash(self) -> None:
        """The server runs out of memory: every stream breaks, and nothing is loaded any more."""
        self.crashes += 1
        self.server.resident.clear()
        for job_id in list(self.server.streams):
            self._failed_attempt(job_id, OutOfMemory("out of memory"))
        self._look()

    def _swap(self, swap: Swap) -> None:
        for model in swap.unload:
            self.server.resident.remove(model)
        fails = self._world.load_fails is not None and self._world.load_fails(self.now, self._rng)
        seconds = self.server.machine.load_seconds * (0.5 if fails else 1.0)
        self._at(self.now + seconds, lambda: self._load_failed(swap) if fails else self._loaded(swap, seconds))

    def _loaded(self, swap: Swap, seconds: float) -> None:
        self.server.load(swap.load)
        self._contender.swapped(SERVER, swap.load, seconds, self.now)
        self._look()

    def _load_failed(self, swap: Swap) -> None:
        self._contender.swapped(SERVER, swap.load, None, self.now)
        self._look()
        record = self.records[swap.wanted_by]
        record.attempts += 1
        delay = self._retry.next_delay(ModelLoadFailed("no"), record.attempts, self._rng)
        if delay is not None:
            self._contender.hold(swap.wanted_by, self.now + delay.total_seconds(), self.now)
        elif self._contender.withdraw(swap.wanted_by, self.now) is not None:
            self._close(record, failed=True)

    def _failed_attempt(self, job_id: JobId, error: BackendError) -> None:
        record, stream = self.records[job_id], self.server.close(job_id)
        outcome = Outcome(kind_of(error), self.now - (record.started_at or 0.0), 0, stream.written)
        delay = self._retry.next_delay(error, record.attempts, self._rng) if not stream.written else timedelta(1)
        record.wasted += stream.written
        if delay is None:
            self._contender.finished(job_id, outcome, self.now)
            self._close(record, failed=True)
        else:
            self._contender.requeue(job_id, outcome, self.now + min(delay.total_seconds(), 5.0), self.now)

    def _ended(self, job_id: JobId, kind: OutcomeKind) -> None:
        record, stream = self.records[job_id], self.server.close(job_id)
        seconds = self.now - (record.started_at or 0.0)
        record.first_token_at = stream.first_token_at
        record.written += stream.written
        if kind is OutcomeKind.DONE:
            # A tick before the end, as a stream would have told it: first tokens are learned from progress.
            self._contender.progressed(job_id, stream.written, self.now)
        outcome = Outcome(kind, seconds, stream.ask.prompt_tokens, stream.written)
        self._contender.finished(job_id, outcome, self.now)
        self._close(record)
        if self._world.again is not None and self.now < self._world.until:
            self._asked(self._world.again(record.ask, self.now))

    def _close(self, record: Record, *, failed: bool = False) -> None:
        record.ended_at = self.now
        record.failed = failed
        self._open -= 1
        if record.gone_at is not None:
            record.wasted = record.written

    def _loses_patience(self, record: Record) -> None:
        stream = self.server.streams.get(record.ask.job_id)
        if record.ended_at is not None or (stream is not None and stream.first_token_at is not None):
            return
        record.gone_at = self.now
        if not self._world.cancels:
            return
        if self._contender.withdraw(record.ask.job_id, self.now) is not None:
            self._close(record)
        else:
            self._at(self.now + CLOSES_IN, lambda: self._closed(record.ask.job_id))

    def _closed(self, job_id: JobId) -> None:
        if job_id in self.server.streams:
            self._ended(job_id, OutcomeKind.STOPPED)

    def _tick(self) -> None:
        for job_id, stream in list(self.server.streams.items()):
            if stream.written:
                self._contender.progressed(job_id, stream.written, self.now)
        self.samples.append((self.now, self.server.tokens))
        self._at(self.now + self._world.tick, self._tick)

    def _change(self, machine: Machine) -> None:
        self.server.machine = machine

    def _snapshot(self) -> None:
        for record in self.records.values():
            self._serve(record.ask.user, record.written)
        for stream in self.server.streams.values():
            self._serve(stream.ask.user, stream.written)

    def _serve(self, user: UserId, tokens: int) -> None:
        self.served_at_snapshot[user] = self.served_at_snapshot.get(user, 0) + tokens

    def _look(self) -> None:
        resident: Iterable[ModelName] = self.server.resident
        self._contender.backend_seen(
            BackendView(SERVER, frozenset(MODELS), dict.fromkeys(resident, 5000000000)),
            self.now,
        )

    def _at(self, when: float, what: Callable[[], None]) -> None:
        heappush(self._events, (when, next(self._number), what))
