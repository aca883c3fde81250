"""Virtual tokens: who has had least is served first (after VTC, Sheng et al. 2024)."""

from __future__ import annotations

from heapq import heapify, heappop, heappush, heapreplace

from chatui.domain.messages import UserId
from chatui.scheduler.decision import PersonLimits

_USUAL = PersonLimits()


class Accounts:
    """What every active person was charged, and how many jobs each one runs.

    A person is active with anything waiting or running. Who becomes active is lifted to the least charged of the
    active, so that nobody saves up; who had more keeps it, until the others have caught up.
    """

    def __init__(self, cap: int, allowance: float) -> None:
        self._cap = cap
        self._allowance = allowance
        self._tokens: dict[UserId, float] = {}
        self._limits: dict[UserId, PersonLimits] = {}
        self._jobs: dict[UserId, int] = {}
        self._running: dict[UserId, int] = {}
        self._least: list[tuple[float, int, UserId]] = []
        self._items: dict[UserId, tuple[float, int, UserId]] = {}
        self._idle: list[tuple[float, int, UserId]] = []
        self._pushed = 0
        self._floor = 0.0

    def tokens_of(self, user: UserId) -> float:
        """Tell the person's virtual tokens."""
        return self._tokens.get(user, 0.0)

    def capped(self, user: UserId) -> bool:
        """Tell whether the person runs as many jobs as one should while others wait."""
        return self._running.get(user, 0) >= self._cap_of(user)

    def over(self, user: UserId) -> bool:
        """Tell whether the person had so much more than somebody else who waits or runs that a class counts nothing."""
        return self.tokens_of(user) - self._minimum() > self._allowance

    def running_of(self, user: UserId) -> int:
        """Tell how many jobs the person runs, background work left out."""
        return self._running.get(user, 0)

    def limit(self, user: UserId, limits: PersonLimits) -> None:
        """Have other limits hold for a person from now on; who has the usual ones costs no memory."""
        if limits == _USUAL:
            self._limits.pop(user, None)
        else:
            self._limits[user] = limits

    def set_cap(self, cap: int) -> None:
        """Have another cap hold for whoever has none of their own."""
        self._cap = cap

    def limits_of(self, user: UserId) -> PersonLimits:
        """Tell what holds for a person."""
        return self._limits.get(user, _USUAL)

    @property
    def active(self) -> int:
        """How many people have something waiting or running."""
        return len(self._jobs)

    def join(self, user: UserId) -> None:
        """Count one more job of the person, waiting or running."""
        jobs = self._jobs.get(user, 0)
        self._jobs[user] = jobs + 1
        if not jobs:
            self._tokens[user] = max(self.tokens_of(user), self._minimum())
            self._push(user)

    def leave(self, user: UserId) -> None:
        """Count one job less."""
        self._jobs[user] -= 1
        if self._jobs[user]:
            return
        del self._jobs[user]
        del self._items[user]
        if not self._jobs:
            self._floor = max(self._floor, self.tokens_of(user))
        self._forget(user)

    def charge(self, user: UserId, tokens: float) -> bool:
        """Add virtual tokens, or give back where negative; tells whether the person's tokens fell."""
        self._tokens[user] = self.tokens_of(user) + tokens
        if tokens < 0 and user in self._jobs:
            self._push(user)
        return tokens < 0

    def took(self, user: UserId) -> bool:
        """Count a job that began to run; tells whether the person reached the cap by it."""
        self._running[user] = self._running.get(user, 0) + 1
        return self._running[user] == self._cap_of(user)

    def gave_back(self, user: UserId) -> bool:
        """Count a job that ended; tells whether the person left the cap by it."""
        self._running[user] -= 1
        left = self._running[user] == self._cap_of(user) - 1
        if not self._running[user]:
            del self._running[user]
        return left

    def _cap_of(self, user: UserId) -> int:
        running = self.limits_of(user).running
        return self._cap if running is None else running

    def _minimum(self) -> float:
        """Tell the least virtual tokens of the active; keys that rose meanwhile are corrected at the top."""
        heap = self._least
        while heap:
            item = heap[0]
            user = item[2]
            if self._items.get(user) is not item:
                heappop(heap)
                continue
            if item[0] == self._tokens[user]:
                self._floor = max(self._floor, item[0])
                return item[0]
            self._items[user] = self._item(user)
            heapreplace(heap, self._items[user])
        return self._floor

    def _push(self, user: UserId) -> None:
        self._items[user] = self._item(user)
        heappush(self._least, self._items[user])
        if len(self._least) > 64 + 2 * len(self._jobs):
            self._least = list(self._items.values())
            heapify(self._least)

    def _item(self, user: UserId) -> tuple[float, int, UserId]:
        self._pushed += 1
        return self._tokens[user], self._pushed, user

    def _forget(self, user: UserId) -> None:
        """Drop who would be lifted to the floor anyway, so that memory follows the active."""
        self._pushed += 1
        heappush(self._idle, (self.tokens_of(user), self._pushed, user))
        if len(self._idle) > 64 + 2 * len(self._tokens):
            self._idle = [(tokens, n, idle) for n, (idle, tokens) in enumerate(self._tokens.items())]
            heapify(self._idle)
        while self._idle and self._idle[0][0] <= self._floor:
            idle = heappop(self._idle)[2]
            if idle not in self._jobs and self.tokens_of(idle) <= self._floor:
                self._tokens.pop(idle, None)

    def copy(self) -> Accounts:
        """Copy the standing of now, to play through what comes."""
        twin = Accounts(self._cap, self._allowance)
        twin._tokens = dict(self._tokens)
        twin._limits = self._limits
        twin._running = dict(self._running)
        twin._jobs = dict(self._jobs)
        twin._items = dict(self._items)
        twin._least = list(self._least)
        twin._pushed = self._pushed
        twin._floor = self._floor
        return twin
