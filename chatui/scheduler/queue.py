"""Everything that waits: by model, level and person, with the times at which waiting alone changes something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import islice

from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName, UserId
from chatui.scheduler.entry import BOTTOM, FRONT, IDLE, LEVELS, MIDDLE, TOP, Ages, Entry
from chatui.scheduler.line import Bucket, Line, Standing

# Level, then virtual tokens (for the front: the rank), then arrival, which is unique.
Key = tuple[int, float, int]
Head = tuple[Key, Entry]


class Lane:
    """What waits for one model, and only on one backend where the job says so."""

    def __init__(self, model: ModelName, only_backend: str | None, standing: Standing) -> None:
        self.model = model
        self.only_backend = only_backend
        self.front: dict[JobId, Entry] = {}
        self._standing = standing
        self._buckets = {level: Bucket(standing) for level in (*LEVELS, IDLE)}

    def __bool__(self) -> bool:
        return bool(self.front) or any(self._buckets.values())

    def bucket(self, level: int) -> Bucket:
        """Tell the bucket of a level other than the front."""
        return self._buckets[level]

    def head(self) -> Head | None:
        """Tell who is next among people below their cap, or whom an admin put first."""
        if self.front:
            entry = min(self.front.values(), key=_rank)
            return (FRONT, float(_rank(entry)), entry.arrival), entry
        return self._first(LEVELS, 0)

    def capped_head(self) -> Head | None:
        """Tell who is next among people at their cap."""
        return self._first(LEVELS, 1)

    def idle_head(self) -> Head | None:
        """Tell which idle job is next."""
        return self._first((IDLE,), 0) or self._first((IDLE,), 1)

    @property
    def busy(self) -> bool:
        """Whether anybody waits here who does not wait for idle times."""
        return bool(self.front) or any(self._buckets[level] for level in LEVELS)

    def _first(self, levels: tuple[int, ...], heap_of: int) -> Head | None:
        heads = ((level, self._buckets[level].head(heap_of)) for level in levels)
        return min(((self._key(level, entry), entry) for level, entry in heads if entry is not None), default=None)

    def _key(self, level: int, entry: Entry) -> Key:
        """Tell an entry's key; for who had far more than others the class counts nothing.

        Within a bucket tokens alone order people, and who is over has more tokens than who is not: the head stays.
        """
        lowered = BOTTOM if level in LEVELS and self._standing.over(entry.user) else level
        return lowered, self._standing.tokens_of(entry.user), entry.arrival


def _rank(entry: Entry) -> int:
    assert entry.rank is not None
    return entry.rank


class _Spot:
    """Where an entry waits: in a line, at the front, or held until a time."""

    __slots__ = ("due", "entry", "lane", "level", "line")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.lane: Lane | None = None
        self.line: Line | None = None
        self.level = IDLE
        self.due: float | None = None


class WaitingQueue:
    """The waiting entries. Every step costs the logarithm of their number at most."""

    def __init__(self, ages: Ages, standing: Standing) -> None:
        self.lanes: dict[tuple[ModelName, str | None], Lane] = {}
        self._ages = ages
        self._standing = standing
        self._spots: dict[JobId, _Spot] = {}
        self._due: list[tuple[float, int, JobId]] = []
        self._lines: dict[UserId, list[Line]] = defaultdict(list)
        self._count: dict[UserId, int] = {}

    def __len__(self) -> int:
        return len(self._spots)

    def __contains__(self, job_id: JobId) -> bool:
        return job_id in self._spots

    def entry(self, job_id: JobId) -> Entry | None:
        """Tell a waiting entry."""
        spot = self._spots.get(job_id)
        return spot.entry if spot else None

    def order(self, entry: Entry, now: float) -> tuple[int, int, int]:
        """Tell an entry's place among those whose turn nobody can foresee: level, an admin's rank, arrival."""
        return self._ages.level(entry, now)[0], entry.rank or 0, entry.arrival

    def waiting_of(self, user: UserId) -> int:
        """Tell how many entries of a person wait."""
        return self._count.get(user, 0)

    def people(self) -> list[UserId]:
        """List who waits."""
        return list(self._count)

    def entries_of(self, user: UserId) -> Iterator[Entry]:
        """Walk a person's entries that wait in line."""
        for line in self._lines.get(user, ()):
            yield from line.in_order()

    def add(self, entry: Entry, now: float) -> None:
        """Let an entry wait, at the place of its arrival."""
        spot = self._spots[entry.job_id] = _Spot(entry)
        self._count[entry.user] = self._count.get(entry.user, 0) + 1
        self._settle(spot, now)

    def remove(self, job_id: JobId) -> Entry | None:
        """Take an entry out; None when it does not wait."""
        spot = self._spots.pop(job_id, None)
        if spot is None:
            return None
        self._leave(spot)
        self._uncount(spot.entry.user)
        return spot.entry

    def advance(self, now: float) -> None:
        """Let time pass: lift what has waited long enough, let in what was held."""
        while self._due and self._due[0][0] <= now:
            due, _, job_id = heappop(self._due)
            spot = self._spots.get(job_id)
            if spot is not None and spot.due == due:
                self._leave(spot)
                self._settle(spot, now)

    def next_due(self) -> float | None:
        """Tell when `advance` will change something; may be early, never late."""
        return self._due[0][0] if self._due else None

    def renew(self, user: UserId) -> None:
        """Place a person's lines anew: tokens fell, or the cap was reached or left."""
        for line in self._lines.get(user, ()):
            line.bucket.renew(line)

    def _settle(self, spot: _Spot, now: float) -> None:
        if spot.entry.not_before > now:
            self._wake(spot, spot.entry.not_before)
            return
        spot.level, due = self._ages.level(spot.entry, now)
        spot.lane = self._lane(spot.entry)
        if spot.level == FRONT:
            spot.lane.front[spot.entry.job_id] = spot.entry
        else:
            self._join(spot, spot.lane.bucket(spot.level))
        self._wake(spot, due)

    def _join(self, spot: _Spot, bucket: Bucket) -> None:
        spot.line = bucket.add(spot.entry)
        if len(spot.line) == 1:
            self._lines[spot.entry.user].append(spot.line)

    def _leave(self, spot: _Spot) -> None:
        if spot.line is not None:
            spot.line.bucket.remove(spot.entry)
            if not spot.line:
                self._drop(spot.line)
        elif spot.lane is not None:
            del spot.lane.front[spot.entry.job_id]
        if spot.lane is not None and not spot.lane:
            self.lanes.pop((spot.lane.model, spot.lane.only_backend), None)
        spot.lane = spot.line = spot.due = None

    def _drop(self, line: Line) -> None:
        lines = self._lines[line.user]
        lines.remove(line)
        if not lines:
            del self._lines[line.user]

    def _uncount(self, user: UserId) -> None:
        self._count[user] -= 1
        if not self._count[user]:
            del self._count[user]

    def _wake(self, spot: _Spot, due: float | None) -> None:
        spot.due = due
        if due is None:
            return
        heappush(self._due, (due, spot.entry.arrival, spot.entry.job_id))
        if len(self._due) > 256 + 2 * len(self._spots):
            self._due = [item for item in self._due if self._alive(item)]
            heapify(self._due)

    def _alive(self, item: tuple[float, int, JobId]) -> bool:
        spot = self._spots.get(item[2])
        return spot is not None and spot.due == item[0]

    def _lane(self, entry: Entry) -> Lane:
        key = (entry.model, entry.only_backend)
        lane = self.lanes.get(key)
        if lane is None:
            lane = self.lanes[key] = Lane(*key, self._standing)
        return lane

    def first(self, at_most: int) -> list[Entry]:
        """List those who come first, about in order, without walking the rest; the held come last."""
        if len(self) <= at_most:
            return [spot.entry for spot in self._spots.values()]
        return list(islice(self._walk(at_most), at_most))

    def _walk(self, at_most: int) -> Iterator[Entry]:
        for level in (FRONT, TOP, MIDDLE, BOTTOM, IDLE):
            for lane in self.lanes.values():
                if level == FRONT:
                    yield from sorted(lane.front.values(), key=_rank)
                    continue
                for line in lane.bucket(level).lines(at_most):
                    yield from line.in_order()[:4]
