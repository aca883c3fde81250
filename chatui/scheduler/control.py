"""What people and admins change about the queue."""

from __future__ import annotations

from collections.abc import Callable

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.decision import Caps, Limit, PersonLimits
from chatui.scheduler.entry import Entry
from chatui.scheduler.limits import Limits
from chatui.scheduler.places import Places
from chatui.scheduler.situation import Situation


class Control:
    """Steps on waiting entries tell whether the job waited; after any step, ask the policy to decide."""

    def __init__(self, situation: Situation, limits: Limits, places: Places) -> None:
        self._situation = situation
        self._limits = limits
        self._places = places
        self._first_rank = 0

    def reprioritize(self, job_id: JobId, priority: Priority, now: float) -> bool:
        """Give a waiting job another class; the time it waited counts, an admin's rank is dropped."""

        def change(entry: Entry) -> None:
            entry.priority = priority
            entry.aged_from = None
            entry.rank = None
            entry.when_idle = False

        return self._change(job_id, change, now)

    def set_class(self, job_id: JobId, priority: Priority, now: float) -> bool:
        """Give a waiting job another class and nothing else: an admin's rank and a person's own choice stay."""

        def change(entry: Entry) -> None:
            entry.priority = priority

        return self._change(job_id, change, now)

    def let_pass(self, job_id: JobId, now: float) -> bool:
        """Let the others pass: the lowest class, ageing from now on, so that its turn still comes."""

        def change(entry: Entry) -> None:
            entry.priority = Priority.LOW
            entry.aged_from = now
            entry.rank = None
            entry.when_idle = False

        return self._change(job_id, change, now)

    def run_when_idle(self, job_id: JobId, now: float) -> bool:
        """Let a waiting job wait until nobody else does, however long; `reprioritize` takes it back."""

        def change(entry: Entry) -> None:
            entry.when_idle = True
            entry.rank = None

        return self._change(job_id, change, now)

    def put_first(self, job_id: JobId, now: float) -> bool:
        """Put a waiting job before everybody, those put first earlier included."""
        self._first_rank -= 1

        def change(entry: Entry) -> None:
            entry.rank = self._first_rank

        return self._change(job_id, change, now)

    def choose_model(self, job_id: JobId, model: ModelName, prompt_tokens: int, now: float) -> bool:
        """Let a waiting job be answered by another model, or with another prompt; its arrival stays."""

        def change(entry: Entry) -> None:
            entry.model = model
            entry.prompt_tokens = prompt_tokens

        return self._change(job_id, change, now)

    def hold(self, job_id: JobId, not_before: float, now: float) -> bool:
        """Keep a waiting job from starting before a time; its arrival stays."""

        def change(entry: Entry) -> None:
            entry.not_before = not_before

        return self._change(job_id, change, now)

    def pause(self, backend: str | None = None) -> None:
        """Start nothing more, anywhere or on one backend; what runs goes on."""
        self._set_paused(backend, value=True)

    def resume(self, backend: str | None = None) -> None:
        """Take back a pause."""
        self._set_paused(backend, value=False)

    def set_caps(self, caps: Caps) -> None:
        """Have other caps hold for everybody, also for what waits; who is in line stays there."""
        self._situation.set_caps(caps)
        self._places.changed()

    def set_usual_limit(self, limit: Limit) -> None:
        """Set how many jobs a backend runs at once that nobody has seen yet."""
        self._limits.usual = limit

    def set_limit(self, backend: str, limit: Limit, now: float) -> None:
        """Set how many jobs one backend runs at once; what runs beyond it goes on to its end."""
        state = self._situation.backends[backend]
        state.tick(now)
        self._limits.set(state, limit)
        self._places.changed()

    def begin_unload(self, backend: str, model: ModelName) -> bool:
        """Start nothing on a backend while a model is taken out of its memory.

        False where answers of the model run, or another load or unload is pending: then nothing changes.
        """
        state = self._situation.backends[backend]
        if state.swap is not None or state.unloading or state.runs(model):
            return False
        state.unloading = True
        state.resident -= {model}
        self._places.changed()
        return True

    def end_unload(self, backend: str) -> None:
        """Go on after `begin_unload`."""
        if (state := self._situation.backends.get(backend)) is not None:
            state.unloading = False
        self._places.changed()

    def limit_person(self, user: UserId, limits: PersonLimits) -> None:
        """Have other limits hold for a person at once, also for what waits."""
        self._situation.limit(user, limits)
        self._places.changed()

    def _set_paused(self, backend: str | None, *, value: bool) -> None:
        if backend is None:
            self._situation.paused = value
        elif backend in self._situation.backends:
            self._situation.backends[backend].paused = value
        self._places.changed()

    def _change(self, job_id: JobId, change: Callable[[Entry], None], now: float) -> bool:
        entry = self._situation.queue.remove(job_id)
        if entry is None:
            return False
        change(entry)
        self._situation.queue.add(entry, now)
        self._places.changed()
        self._places.gone(job_id)
        return True
