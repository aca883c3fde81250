"""Everybody's place in line, with an honest interval."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatui.domain.jobs import JobId
from chatui.scheduler.arrivals import Arrivals
from chatui.scheduler.decision import Place, Waits
from chatui.scheduler.entry import Entry
from chatui.scheduler.eta import Calibration, Expected, foresee
from chatui.scheduler.situation import Situation

FRESH = 1.0  # seconds for which a replay is good when nothing began or ended meanwhile


class Places:
    """Replays the situation when it changed, and keeps what it told until then.

    A job's first expectation is compared with the truth when its turn comes.
    """

    def __init__(self, situation: Situation, rng: random.Random) -> None:
        self._situation = situation
        self._rng = rng
        self._arrivals = Arrivals()
        self._calibration = Calibration()
        self._first_told: dict[JobId, tuple[float, Expected]] = {}
        self._turns: list[Expected] = []
        self._rest: list[Entry] = []
        self._at: float | None = None

    def changed(self) -> None:
        """Take in that something came, began, ended or was moved."""
        self._at = None

    def asked(self, entry: Entry, now: float) -> None:
        """Take in that somebody asked, whether or not they were let in."""
        self._arrivals.asked(entry, now)

    def began(self, entry: Entry, now: float) -> None:
        """Take in that an entry's turn came."""
        told = self._first_told.pop(entry.job_id, None)
        if told is not None and not entry.idle:
            self._calibration.add(entry.priority, told[1], now - told[0])

    def gone(self, job_id: JobId) -> None:
        """Take in that an entry's turn never comes, or that its wait says nothing any more."""
        self._first_told.pop(job_id, None)

    def all(self, now: float) -> list[Place]:
        """List the places in the expected order, at most `PolicyConfig.places` of them."""
        self._replay(now)
        assert self._at is not None
        gone = now - self._at
        found = [self._place(number, turn, gone, now) for number, turn in enumerate(self._turns, 1)]
        found += [self._stuck(number, entry, now) for number, entry in enumerate(self._rest, len(found) + 1)]
        return found

    def expected(self, job_id: JobId, now: float) -> float | None:
        """Tell the corrected expectation for one waiting job in seconds; None where nothing can be said."""
        self._replay(now)
        entry = self._situation.queue.entry(job_id)
        turn = next((turn for turn in self._turns if turn.job_id == job_id), None)
        return self._calibration.centre(entry.priority, turn) if entry and turn else None

    def _replay(self, now: float) -> None:
        if self._at is not None and now - self._at < FRESH:
            return
        queue = self._situation.queue
        queue.advance(now)
        waiting = queue.first(self._situation.config.places)
        self._turns = foresee(self._situation, waiting, self._arrivals, now, self._rng) if waiting else []
        known = {turn.job_id for turn in self._turns}
        rest = [entry for entry in waiting if entry.job_id not in known]
        self._rest = sorted(rest, key=lambda entry: queue.order(entry, now))
        self._at = now
        for turn in self._turns:
            self._first_told.setdefault(turn.job_id, (now, turn))

    def _place(self, number: int, turn: Expected, gone: float, now: float) -> Place:
        entry = self._situation.queue.entry(turn.job_id)
        assert entry is not None, "a change of the queue is always told"
        left = replace(turn, seconds=max(0.0, turn.seconds - gone))
        expected = None if entry.idle else self._calibration.centre(entry.priority, left)
        interval = None if entry.idle else self._calibration.interval(entry.priority, left)
        low, high = interval or (None, None)
        waits, until = self._waits(entry, now)
        return Place(turn.job_id, number, expected, low, high, turn.answers_before, turn.swaps_before, waits, until)

    def _stuck(self, number: int, entry: Entry, now: float) -> Place:
        waits, until = self._waits(entry, now)
        return Place(entry.job_id, number, None, None, None, 0, 0, waits, until)

    def _waits(self, entry: Entry, now: float) -> tuple[Waits, float | None]:
        if self._situation.paused:
            return Waits.PAUSED, None
        if entry.not_before > now:
            return Waits.RETRY, entry.not_before
        backends = [
            backend
            for backend in self._situation.backends.values()
            if entry.model in backend.view.models and entry.only_backend in (None, backend.name)
        ]
        if not any(backend.view.healthy for backend in backends):
            return Waits.NO_BACKEND, None
        if not any(backend.open for backend in backends):
            return Waits.PAUSED, None
        return self._waits_for_breaker(entry, [backend.name for backend in backends if backend.open], now)

    def _waits_for_breaker(self, entry: Entry, names: list[str], now: float) -> tuple[Waits, float | None]:
        breakers = [self._situation.backends[name].breakers.get(entry.model) for name in names]
        opens = [breaker.open_until for breaker in breakers if breaker and breaker.open_until is not None]
        if len(opens) == len(breakers) and min(opens) > now:
            return Waits.BREAKER, min(opens)
        return (Waits.IDLE if entry.idle else Waits.TURN), None

    def learned(self) -> dict[str, Any]:
        """Export what is worth keeping over a restart."""
        return self._calibration.learned()

    def learn(self, kept: Mapping[str, Any]) -> None:
        """Import what `learned` exported."""
        self._calibration.learn(dict(kept))
