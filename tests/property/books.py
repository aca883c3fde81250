"""A scheduler's books beside the policy: what waits, runs and is loaded, and what must hold at every decision."""

from __future__ import annotations

from uuid import UUID

from chatui.domain.errors import QueueFull
from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.backend_state import BackendState
from chatui.scheduler.decision import BackendView, Fixed, PersonLimits, PolicyConfig, Start, Swap
from chatui.scheduler.entry import FRONT, Entry
from chatui.scheduler.outcome import Outcome, OutcomeKind
from chatui.scheduler.policy import Policy

MODELS = tuple(ModelName(name) for name in "abc")
USERS = tuple(UserId(UUID(int=number)) for number in range(1, 5))
CONFIG = PolicyConfig(limit=Fixed(4), queued_per_user=None, queued_in_all=None, max_wait={})


class FakeBackend:
    """What really is in a backend's memory; `fits` models at once."""

    def __init__(self, name: str, fits: int, *, owns_swaps: bool) -> None:
        self.name = name
        self.fits = fits
        self.owns_swaps = owns_swaps
        self.healthy = True
        self.resident: list[ModelName] = []
        self.loading: Swap | None = None

    def view(self) -> BackendView:
        resident = dict.fromkeys(self.resident)
        return BackendView(self.name, frozenset(MODELS), resident, owns_swaps=self.owns_swaps, healthy=self.healthy)


class Books:
    """Drives the policy as a scheduler does, and checks each decision before it is taken."""

    def __init__(self) -> None:
        self.now = 0.0
        self.policy = Policy(CONFIG)
        self.backends: dict[str, FakeBackend] = {}
        self.waiting: dict[JobId, Entry] = {}
        self.running: dict[JobId, tuple[Entry, str]] = {}
        self.written: dict[JobId, int] = {}
        self.limits: dict[UserId, PersonLimits] = {}

    def submit(self, entry: Entry) -> None:
        """Let an entry wait, unless its person may have no more waiting."""
        refused = None
        try:
            self.policy.submit(entry, self.now)
        except QueueFull as error:
            refused = error
        if refused is None:
            assert self.has_room(entry.user) or not self.waiting, "at 0 only while nobody waits"
            self.waiting[entry.job_id] = entry
        else:
            assert not self.has_room(entry.user)
            assert (refused.scope, refused.limit) == ("person", self.limits[entry.user].queued)

    def act(self) -> None:
        """Act on every decision, as the scheduler does; each is checked before it is taken."""
        for job_id in self.policy.preempt(self.now):
            entry, _ = self.running.pop(job_id)
            assert entry.background, "only background work yields"
            self.waiting[job_id] = entry
            self.written.pop(job_id, None)
            self.policy.requeue(job_id, Outcome(OutcomeKind.YIELDED, 1.0), 0.0, self.now)
        while (decision := self.policy.decide(self.now)) is not None:
            match decision:
                case Start():
                    self.started(decision)
                case Swap():
                    self.swap_began(decision)

    def started(self, start: Start) -> None:
        entry = self.waiting.pop(start.entry.job_id)
        assert entry is start.entry
        backend = self.backends[start.backend]
        state = self.policy.backends()[start.backend]
        assert entry.not_before <= self.now
        assert entry.only_backend in (None, start.backend)
        assert backend.healthy
        assert not backend.owns_swaps or entry.model in backend.resident, "only what is loaded is started"
        assert backend.loading is None or entry.model not in backend.loading.unload
        self.running[entry.job_id] = (entry, start.backend)
        assert self.on(start.backend) <= state.limit, "invariant 1: never more than the limit"
        if not entry.idle and entry.rank is None:
            self.check_cap(entry, state)
        if entry.idle and entry.rank is None:
            self.check_idle(state)

    def check_cap(self, entry: Entry, state: BackendState) -> None:
        """Invariant 5: a person passes the cap only when nobody else could use the slot."""
        if self.running_of(entry.user) <= self.cap_of(entry.user):
            return
        for other in self.waiting.values():
            if other.user != entry.user and not other.idle and self.could_start(other, state, room=1):
                assert self.running_of(other.user) >= self.cap_of(other.user), f"{other} was below the cap"

    def running_of(self, user: UserId) -> int:
        return sum(entry.user == user and not entry.background for entry, _ in self.running.values())

    def cap_of(self, user: UserId) -> int:
        own = self.limits.get(user, PersonLimits()).running
        return CONFIG.running_per_user if own is None else own

    def has_room(self, user: UserId) -> bool:
        """Whether one more job of the person may wait, whatever else goes on."""
        most = self.limits.get(user, PersonLimits()).queued
        return most is None or sum(entry.user == user for entry in self.waiting.values()) < most

    def check_idle(self, state: BackendState) -> None:
        """Idle work starts only when nobody waits whom this backend could serve."""
        assert not any(not other.idle and self.could_start(other, state, room=1) for other in self.waiting.values())

    def could_start(self, entry: Entry, state: BackendState, room: int = 0) -> bool:
        """Whether an entry could start on a backend if `room` of the slots taken there were free."""
        breaker = state.breakers.get(entry.model)
        of_model = sum(name == state.name and each.model == entry.model for each, name in self.running.values())
        return (
            entry.not_before <= self.now
            and entry.only_backend in (None, state.name)
            and entry.model in state.resident
            and not (state.swap and entry.model in state.swap.leaving)
            and (breaker is None or breaker.allows(self.now))
            and of_model < state.limiter(entry.model).limit
            and self.on(state.name) - room < state.limit
        )

    def swap_began(self, swap: Swap) -> None:
        backend = self.backends[swap.backend]
        assert backend.owns_swaps
        assert backend.healthy
        assert backend.loading is None, "one load at a time"
        assert swap.wanted_by in self.waiting
        assert self.waiting[swap.wanted_by].model == swap.load
        busy = {entry.model for entry, name in self.running.values() if name == swap.backend}
        assert not busy & set(swap.unload), "nothing is unloaded that runs"
        backend.resident = [model for model in backend.resident if model not in swap.unload]
        backend.loading = swap

    def loaded(self, backend: FakeBackend, *, succeeds: bool, told: bool) -> None:
        swap, backend.loading = backend.loading, None
        assert swap is not None
        if succeeds:
            busy = {entry.model for entry, name in self.running.values() if name == backend.name}
            kept = sorted(
                (model for model in backend.resident if model != swap.load), key=lambda each: each not in busy
            )
            backend.resident = [swap.load, *kept[: backend.fits - 1]]
            assert busy <= set(backend.resident), "nothing is evicted that runs"
        self.policy.swapped(backend.name, swap.load, 2.0 if succeeds else None, self.now)
        if told or succeeds:
            self.policy.backend_seen(backend.view(), self.now)

    def on(self, name: str) -> int:
        return sum(backend == name for _, backend in self.running.values())

    def books_agree(self) -> None:
        """Invariant 3: nothing is lost and nothing is there twice."""
        assert self.policy.waiting() == len(self.waiting)
        assert {slot.entry.job_id for slot in self.policy.running()} == set(self.running)

    def work_is_conserved(self) -> None:
        """Invariant 2: no slot is idle while somebody waits who could use it, outside a committed drain."""
        if self.policy._situation.paused:
            return
        for name, state in self.policy.backends().items():
            if self.backends[name].healthy and state.swap is None:
                stuck = [e for e in self.waiting.values() if not e.idle and self.could_start(e, state)]
                assert not stuck, f"{stuck[0]} waits beside an idle slot of {name}"

    def waiting_lifts(self) -> None:
        """Invariant 8: after 690 s of waiting everybody stands at the top, whatever the class."""
        queue = self.policy._situation.queue
        for entry in self.waiting.values():
            spot = queue._spots[entry.job_id]
            since = entry.arrived_at if entry.aged_from is None else entry.aged_from
            if not entry.idle and entry.not_before <= self.now and self.now - since >= 691 and entry.rank is None:
                assert spot.level == 0
            assert spot.level != FRONT or entry.rank is not None

    def play_to_the_end(self) -> None:
        """Let everything end; invariants 3 and 4: nothing is lost, all counters are back at nothing."""
        self.policy.control.resume()
        for backend in self.backends.values():
            backend.healthy = True
            self.policy.backend_seen(backend.view(), self.now)
        for _ in range(40 * (len(self.waiting) + len(self.running)) + 40):
            if not self.waiting and not self.running:
                break
            self.let_go()
        assert not self.waiting, "everybody gets a turn"
        self.all_is_zero()

    def let_go(self) -> None:
        """Let the next thing happen that lets others go on."""
        self.act()
        loading = next((backend for backend in self.backends.values() if backend.loading), None)
        if loading is not None:
            self.now += 1.0
            self.loaded(loading, succeeds=True, told=True)
        elif self.running:
            self.now += 1.0
            job_id = min(self.running)
            del self.running[job_id]
            self.policy.finished(job_id, Outcome(OutcomeKind.DONE, 1.0, 10, 10), self.now)
        else:
            wake = self.policy.next_wake(self.now)
            assert wake is not None or not self.waiting, "who waits for time alone is woken"
            self.now = max(self.now, wake or 0.0)

    def all_is_zero(self) -> None:
        situation = self.policy._situation
        assert situation.accounts.active == 0
        assert not situation.accounts._running
        assert not situation.running
        assert not situation.queue.lanes
        assert not situation.queue._spots
        assert not situation.queue._lines
        for state in situation.backends.values():
            assert not state.running
            assert not +state._of_model
