"""A small world around a policy: one backend, models that exclude each other, jobs that take a known time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from uuid import UUID

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.decision import BackendView, Start, Swap
from chatui.scheduler.entry import Entry
from chatui.scheduler.outcome import Outcome, OutcomeKind
from chatui.scheduler.policy import Policy

MODELS = tuple(ModelName(name) for name in "abc")
BACKEND = "first"


@dataclass(frozen=True, slots=True)
class Ask:
    """A job that comes at a time and then holds its slot for `tokens` seconds: one token a second."""

    at: float
    user: int
    tokens: int
    model: ModelName = MODELS[0]
    priority: Priority = Priority.HIGH
    prompt_tokens: int = 0


@dataclass
class World:
    """Plays asks through a policy; `steps` yields after everything that happened."""

    policy: Policy
    load_seconds: float = 5.0
    now: float = 0.0
    started: dict[JobId, float] = field(default_factory=dict)
    ended: dict[JobId, float] = field(default_factory=dict)
    asks: dict[JobId, Ask] = field(default_factory=dict)
    most_cost: float = 0.0
    resident: list[ModelName] = field(default_factory=list)

    def steps(self, asks: Iterable[Ask]) -> Iterator[None]:
        """Play until all asks have ended."""
        events: list[tuple[float, int, Ask | JobId | Swap]] = []
        number = 0
        for number, ask in enumerate(asks, 1):
            heappush(events, (ask.at, number, ask))
        self.look()
        while events:
            self.now, number, event = heappop(events)
            self.happen(number, event)
            costs = [self.policy._situation.estimates.swap_cost(BACKEND, model) for model in MODELS]
            self.most_cost = max(self.most_cost, *costs)
            for ends, what in self.act():
                number = max((item[1] for item in events), default=number) + 1
                heappush(events, (ends, number, what))
            wake = self.policy.next_wake(self.now)
            if not events and wake is not None:
                heappush(events, (wake, number + 1, JobId(UUID(int=0))))
            yield

    def happen(self, number: int, event: Ask | JobId | Swap) -> None:
        match event:
            case Ask():
                job_id = JobId(UUID(int=number))
                self.asks[job_id] = event
                user = UserId(UUID(int=event.user))
                entry = Entry(job_id, user, event.model, event.priority, number, self.now, event.prompt_tokens)
                self.policy.submit(entry, self.now)
            case Swap():
                self.resident = [event.load]
                self.policy.swapped(BACKEND, event.load, self.load_seconds, self.now)
                self.look()
            case job_id if job_id in self.started:
                ask = self.asks[job_id]
                self.ended[job_id] = self.now
                outcome = Outcome(OutcomeKind.DONE, float(ask.tokens), ask.prompt_tokens, ask.tokens)
                self.policy.finished(job_id, outcome, self.now)

    def act(self) -> Iterator[tuple[float, JobId | Swap]]:
        while (decision := self.policy.decide(self.now)) is not None:
            match decision:
                case Start(entry):
                    self.started[entry.job_id] = self.now
                    yield self.now + self.asks[entry.job_id].tokens, entry.job_id
                case Swap():
                    yield self.now + self.load_seconds, decision

    def look(self) -> None:
        self.policy.backend_seen(BackendView(BACKEND, frozenset(MODELS), dict.fromkeys(self.resident)), self.now)
