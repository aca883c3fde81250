"""What the policy learns from what happens: lengths, speeds, loads, which models fit together, limits, breakers."""

from __future__ import annotations

from dataclasses import replace

from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName
from chatui.scheduler.backend_state import BackendState, Slot
from chatui.scheduler.decision import BackendView
from chatui.scheduler.limits import Limits
from chatui.scheduler.outcome import BREAKS, Outcome, OutcomeKind
from chatui.scheduler.situation import Situation
from chatui.scheduler.swap import Models


class Observation:
    """Takes facts in, changes the situation and what was learned by them."""

    def __init__(self, situation: Situation, limits: Limits) -> None:
        self._situation = situation
        self._limits = limits
        self._unresolved: dict[str, Models] = {}  # loads of which the next view tells whether the models fit
        self._loaded_at: dict[str, float] = {}

    def looked(self, backend: BackendState, view: BackendView, now: float) -> None:
        """Take in a health check."""
        backend.tick(now)
        asked_at = now if view.asked_at is None else view.asked_at
        if backend.cramped:
            resident = {model: size for model, size in view.resident.items() if model not in backend.cramped}
            view = replace(view, resident=resident)
        if backend.swap is not None and backend.swap.loading:
            backend.view = view
            return
        if asked_at < self._loaded_at.get(backend.name, asked_at):
            backend.view = view
            return
        self._resolve(backend, view)
        backend.look(view, now)

    def _resolve(self, backend: BackendState, view: BackendView) -> None:
        if not view.owns_swaps or not view.healthy:
            return
        backend.memory.saw(view.resident)
        wanted = self._unresolved.pop(backend.name, None)
        if wanted is not None:
            backend.memory.evicted(wanted, frozenset(view.resident))

    def swapped(self, name: str, model: ModelName, took: float | None, now: float, kind: OutcomeKind) -> None:
        """Take in that a load ended, well or not."""
        backend = self._situation.backends.get(name)
        if backend is None or backend.swap is None or backend.swap.load != model:
            return
        swap, beside = backend.swap, backend.resident | {model}
        if took is None:
            backend.breaker(model).failed(now)
            if kind is OutcomeKind.MEMORY and len(beside) > 1:
                backend.memory.evicted(beside, backend.resident)
            self._situation.end_load(backend, backend.resident, now)
            return
        backend.breaker(model).succeeded()
        backend.cramped -= {model}
        self._situation.estimates.saw_load(name, model, took)
        self._situation.estimates.saw_drain(name, swap.stood_idle)
        self._unresolved[name] = beside
        self._loaded_at[name] = now
        self._situation.end_load(backend, (backend.resident - swap.leaving) | {model}, now)

    def progressed(self, job_id: JobId, output_tokens: int, now: float) -> None:
        """Take in how much a running job has written; beyond what was expected, its person pays as it comes."""
        running = self._situation.running.get(job_id)
        if running is None or output_tokens <= running.written:
            return
        backend = self._situation.backends.get(running.backend)
        if backend is not None:
            backend.tick(now, output_tokens - running.written)
        if running.first_token_at is None:
            running.first_token_at = now
            running.streams_before = backend.stream_seconds if backend is not None else 0.0
        running.written = output_tokens
        if output_tokens > running.charged:
            self._situation.charge(running, 0, output_tokens - running.charged)
            running.charged = output_tokens

    def ended(self, job_id: JobId, outcome: Outcome, now: float) -> Slot | None:
        """Take in how an attempt ended, and free its slot; None when it does not run."""
        running = self._situation.running.get(job_id)
        if running is None:
            return None
        backend = self._situation.backends.get(running.backend)
        if backend is not None:
            self._limits.ended(backend, running, outcome.kind, now)
            self._judge_model(backend, running, outcome, now)
        self._learn(running, outcome, now)
        self._situation.release(job_id, now)
        if backend is not None and outcome.kind is OutcomeKind.MEMORY:
            _make_room(backend, running.entry.model, now)
        self._correct(running, outcome)
        return running

    def _judge_model(self, backend: BackendState, running: Slot, outcome: Outcome, now: float) -> None:
        breaker = backend.breaker(running.entry.model)
        if outcome.kind in BREAKS:
            breaker.failed(now, running.started_at)
        elif outcome.kind is OutcomeKind.DONE or running.written:
            breaker.succeeded()
        else:
            breaker.abandoned()

    def _learn(self, running: Slot, outcome: Outcome, now: float) -> None:
        if outcome.kind is not OutcomeKind.DONE:
            return
        entry, estimates = running.entry, self._situation.estimates
        estimates.saw_job(outcome.seconds)
        written = outcome.output_tokens or running.written
        if not entry.background:
            estimates.saw_answer(entry.user, entry.model, written)
        if running.first_token_at is not None:
            reading = running.first_token_at - running.started_at, outcome.prompt_tokens or entry.prompt_tokens
            writing = now - running.first_token_at, written
            estimates.saw_speed(running.backend, entry.model, reading, writing)
            self._learn_pace(running, writing, now)

    def _learn_pace(self, running: Slot, writing: tuple[float, int], now: float) -> None:
        backend, (seconds, tokens) = self._situation.backends.get(running.backend), writing
        if backend is None or not tokens or seconds <= 0:
            return
        backend.tick(now)
        streams = (backend.stream_seconds - running.streams_before) / seconds
        self._situation.estimates.paces.saw(backend.name, running.entry.model, streams, seconds / tokens)

    def _correct(self, running: Slot, outcome: Outcome) -> None:
        """Charge what the attempt really cost; one that failed without a word costs nothing."""
        written = max(outcome.output_tokens, running.written)
        heard = outcome.kind is OutcomeKind.DONE or written > 0
        read = (outcome.prompt_tokens or running.entry.prompt_tokens) if heard else 0
        self._situation.charge(running, read - running.entry.prompt_tokens, written - running.charged)


def _make_room(backend: BackendState, model: ModelName, now: float) -> None:
    """Have a model that ran out of memory beside others loaded anew before it answers again, once what is idle went."""
    if not backend.view.owns_swaps or backend.runs(model) or backend.resident <= {model}:
        return
    backend.memory.did_not_fit(backend.resident)
    backend.cramped |= {model}
    backend.remain(backend.resident - {model}, now)
