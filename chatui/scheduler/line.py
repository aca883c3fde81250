"""One person's waiting jobs of one model at one level, and the people who wait there, by their virtual tokens."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush, heapreplace
from typing import Protocol

from chatui.domain.jobs import JobId
from chatui.domain.messages import UserId
from chatui.scheduler.entry import Entry


class Standing(Protocol):
    """How people stand with each other: their virtual tokens, and who runs as many jobs as one person should."""

    def tokens_of(self, user: UserId) -> float:
        """Tell the person's virtual tokens."""

    def capped(self, user: UserId) -> bool:
        """Tell whether the person runs as many jobs as one should while others wait."""

    def over(self, user: UserId) -> bool:
        """Tell whether the person had so much more than others that a class counts nothing."""


class Line:
    """One person's entries of one bucket, in order of arrival."""

    __slots__ = ("_entries", "_heap", "bucket", "item", "user")

    def __init__(self, user: UserId, bucket: Bucket) -> None:
        self.user = user
        self.bucket = bucket
        self.item: Item | None = None
        self._heap: list[tuple[int, JobId]] = []
        self._entries: dict[JobId, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Add an entry at the place of its arrival."""
        self._entries[entry.job_id] = entry
        heappush(self._heap, (entry.arrival, entry.job_id))

    def remove(self, entry: Entry) -> None:
        """Take an entry out, wherever it stands."""
        del self._entries[entry.job_id]
        if len(self._heap) > 16 + 2 * len(self._entries):
            self._heap = [(each.arrival, each.job_id) for each in self._entries.values()]
            heapify(self._heap)

    def first(self) -> Entry:
        """Tell the earliest arrival; the line must not be empty."""
        while True:
            entry = self._entries.get(self._heap[0][1])
            if entry is not None:
                return entry
            heappop(self._heap)

    def in_order(self) -> list[Entry]:
        """List the entries by arrival."""
        return sorted(self._entries.values(), key=lambda entry: entry.arrival)


# Virtual tokens when pushed, arrival of the line's first, a number that settles ties, the line.
Item = tuple[float, int, int, Line]


class Bucket:
    """The lines of one model at one level, as two heaps: people who may take a slot, and those at their cap.

    Keys are corrected when they reach the top: virtual tokens mostly rise, so a stale key is too small, never missed.
    Where tokens fall or an older entry comes, `renew` pushes again and the old item dies.
    """

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._lines: dict[UserId, Line] = {}
        self._heaps: tuple[list[Item], list[Item]] = ([], [])
        self._pushed = 0

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, entry: Entry) -> Line:
        """Let an entry wait in its person's line."""
        line = self._lines.get(entry.user)
        if line is None:
            line = self._lines[entry.user] = Line(entry.user, self)
        line.add(entry)
        if line.item is None or entry.arrival < line.item[1]:
            self.renew(line)
        return line

    def remove(self, entry: Entry) -> Line:
        """Take an entry out; an empty line goes with it."""
        line = self._lines[entry.user]
        line.remove(entry)
        if not line:
            line.item = None
            del self._lines[entry.user]
        return line

    def renew(self, line: Line) -> None:
        """Place the line anew, by its person's tokens and cap of now."""
        heap = self._heaps[self._standing.capped(line.user)]
        line.item = self._item(line)
        heappush(heap, line.item)
        if len(heap) > 64 + 2 * len(self._lines):
            heap[:] = [item for item in heap if item[3].item is item]
            heapify(heap)

    def _item(self, line: Line) -> Item:
        self._pushed += 1
        return self._standing.tokens_of(line.user), line.first().arrival, self._pushed, line

    def head(self, heap_of: int) -> Entry | None:
        """Tell who is next among the people below their cap (0) or at it (1)."""
        heap = self._heaps[heap_of]
        while heap:
            item = heap[0]
            line = item[3]
            if line.item is not item:
                heappop(heap)
                continue
            entry = line.first()
            if item[0] == self._standing.tokens_of(line.user) and item[1] == entry.arrival:
                return entry
            line.item = self._item(line)
            heapreplace(heap, line.item)
        return None

    def lines(self, at_most: int) -> Iterator[Line]:
        """Walk the lines that come first, without touching the heaps; stale keys make the order approximate."""
        for heap in self._heaps:
            yield from _smallest(heap, at_most)


def _smallest(heap: list[Item], at_most: int) -> Iterator[Line]:
    """Walk a heap from its top, in the order of its keys: logarithmic in what was walked, whatever the heap's size."""
    frontier = [(heap[0], 0)] if heap else []
    while frontier and at_most > 0:
        item, index = heappop(frontier)
        for child in (2 * index + 1, 2 * index + 2):
            if child < len(heap):
                heappush(frontier, (heap[child], child))
        if item[3].item is item:
            at_most -= 1
            yield item[3]
