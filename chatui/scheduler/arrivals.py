"""Who is likely to come: as many as lately, and the same ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from uuid import UUID

from chatui.domain.jobs import JobId
from chatui.scheduler.entry import Entry

KEPT = 256
LATELY = 1800.0  # seconds that are taken to come again
AT_LEAST = 120.0  # less says nothing about what comes

# Behind every real arrival, and with ids that no job has.
_LAST = 1 << 60
_NOBODY = 1 << 126


class Arrivals:
    """Remembers the latest arrivals and repeats them into the future, with the same distances."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, Entry]] = deque(maxlen=KEPT)
        self._since: float | None = None

    def add(self, entry: Entry, now: float) -> None:
        """Take in an arrival; idle work is left out, since it passes nobody."""
        if self._since is None:
            self._since = now
        if len(self._seen) == KEPT:
            self._since = self._seen[0][0]
        if not entry.idle:
            self._seen.append((now, entry))

    def expected(self, now: float) -> Iterator[tuple[float, Entry]]:
        """Walk what is expected to come after `now`, without an end where anything came lately."""
        seen = [(at, entry) for at, entry in self._seen if at > now - LATELY]
        if not seen or self._since is None:
            return
        span = max(AT_LEAST, min(LATELY, now - self._since))
        shift, number = span, 0
        while True:
            for at, entry in seen:
                number += 1
                yield max(now, at + shift), _again(entry, number, at + shift)
            shift += span


def _again(entry: Entry, number: int, at: float) -> Entry:
    job_id = JobId(UUID(int=_NOBODY + number))
    return Entry(job_id, entry.user, entry.model, entry.priority, _LAST + number, at, entry.prompt_tokens)


def imagined(entry: Entry) -> bool:
    """Tell whether an entry was expected, rather than asked."""
    return entry.arrival > _LAST
