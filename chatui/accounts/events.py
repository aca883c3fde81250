"""What the rest of the app hears about accounts, once it is durable."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from chatui.domain.messages import UserId
from chatui.domain.people import KeyId, SessionId

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SessionsRevoked:
    """Sessions are over: whatever is open in them must be closed."""

    user: UserId
    sessions: frozenset[SessionId]


@dataclass(frozen=True, slots=True)
class KeysRevoked:
    """Keys open nothing any more: what was asked with them must be stopped."""

    user: UserId
    keys: frozenset[KeyId]


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """An account was disabled or deleted: its jobs must be stopped."""

    user: UserId


@dataclass(frozen=True, slots=True)
class LimitsChanged:
    """Other limits hold for these people."""

    users: frozenset[UserId]


AccountEvent = SessionsRevoked | KeysRevoked | AccountClosed | LimitsChanged
Told = Callable[[AccountEvent], None]


class Listeners:
    """Those who want to hear. They are called on the event loop, in the order in which they came, and do not wait."""

    def __init__(self) -> None:
        self._told: list[Told] = []

    def subscribe(self, told: Told) -> Callable[[], None]:
        """Have `told` called from now on; returns what ends that."""
        self._told.append(told)
        return lambda: self._told.remove(told)

    def tell(self, event: AccountEvent) -> None:
        """Tell everybody; one that fails does not keep the others from hearing."""
        for told in tuple(self._told):
            try:
                told(event)
            except Exception:
                log.exception("a listener failed at %s", type(event).__name__)
