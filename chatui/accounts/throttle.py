"""How often somebody may be wrong: a bound on failed tries that delays, and never locks anybody out.

Five wrong passwords for a name, or from an address, and strangers wait until the first of them is a quarter of an hour
old. A person who has signed in from an address before is no stranger there: their own tries alone count, so that
neither an attacker nor a colleague behind the same router can keep them out. Times are monotonic seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil

from chatui.accounts.rules import TryRules
from chatui.domain.errors import TooManyTries

Key = tuple[str, ...]

CAPACITY = 10_000


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was spent, so that it can be given back."""

    keys: tuple[Key, ...]
    at: float


class Throttle:
    """Counts tries by key. Keeps at most `capacity` keys: beyond that it forgets the one tried longest ago."""

    def __init__(self, rules: TryRules, capacity: int = CAPACITY) -> None:
        self._tries = rules.tries
        self._window = rules.window.total_seconds()
        self._capacity = capacity
        self._spent: OrderedDict[Key, list[float]] = OrderedDict()  # the key tried longest ago first

    def __len__(self) -> int:
        return len(self._spent)

    def wait(self, keys: Sequence[Key], now: float) -> timedelta:
        """Tell how long the next try has to wait, rounded up; zero when it may come now."""
        seconds = max((self._wait(key, now) for key in keys), default=0.0)
        return timedelta(microseconds=ceil(seconds * 1_000_000))

    def spend(self, keys: Sequence[Key], now: float) -> Try:
        """Count a try before it is made, so that many at once do not slip through.

        Raises TooManyTries; then nothing was counted.
        """
        if wait := self.wait(keys, now):
            raise TooManyTries(wait)
        self._forget_old(now)
        for key in keys:
            self._spent[key] = [*self._recent(key, now), now]
            self._spent.move_to_end(key)
        while len(self._spent) > self._capacity:
            self._spent.popitem(last=False)
        return Try(tuple(keys), now)

    def give_back(self, tried: Try) -> None:
        """Count a try no longer, since it was right."""
        for key in tried.keys:
            times = self._spent.get(key, [])
            if tried.at in times:
                times.remove(tried.at)
            if not times:
                self._spent.pop(key, None)

    def _wait(self, key: Key, now: float) -> float:
        recent = self._recent(key, now)
        return self._window - (now - recent[-self._tries]) if len(recent) >= self._tries else 0.0

    def _recent(self, key: Key, now: float) -> list[float]:
        return [at for at in self._spent.get(key, ()) if now - at < self._window]

    def _forget_old(self, now: float) -> None:
        """Drop the keys whose tries are all too old to count."""
        while self._spent:
            key, times = next(iter(self._spent.items()))
            if now - times[-1] < self._window:
                break
            del self._spent[key]


class SignInThrottle:
    """The throttle of the sign-in page, which knows who has signed in from where."""

    def __init__(self, rules: TryRules, capacity: int = CAPACITY) -> None:
        self._throttle = Throttle(rules, capacity)
        self._capacity = capacity
        self._acquainted: OrderedDict[tuple[str, str], None] = OrderedDict()

    def spend(self, sign_in_name: str, address: str, now: float) -> Try:
        """Count a try for a folded name from an address; raises TooManyTries."""
        return self._throttle.spend(self._keys(sign_in_name, network_of(address)), now)

    def give_back(self, tried: Try) -> None:
        """Count a try no longer, since it was not made."""
        self._throttle.give_back(tried)

    def succeeded(self, tried: Try, sign_in_name: str, address: str) -> None:
        """Give a right try back, and know the person at that address from now on."""
        self._throttle.give_back(tried)
        self.acquaint(sign_in_name, address)

    def acquaint(self, sign_in_name: str, address: str) -> None:
        """Know a person at an address."""
        pair = (sign_in_name, network_of(address))
        self._acquainted[pair] = None
        self._acquainted.move_to_end(pair)
        while len(self._acquainted) > self._capacity:
            self._acquainted.popitem(last=False)

    def _keys(self, sign_in_name: str, network: str) -> Sequence[Key]:
        if (sign_in_name, network) in self._acquainted:
            return (("acquainted", sign_in_name, network),)
        return (("name", sign_in_name), ("address", network))


def network_of(address: str) -> str:
    """Give what one person holds of the network: an IPv4 address, or the /64 around an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), 64), strict=False))
