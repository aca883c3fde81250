"""The figures of accounts: a slice of the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class SignUpMode(StrEnum):
    """How somebody without an invitation gets an account."""

    CLOSED = "closed"
    APPROVAL = "approval"  # an admin lets each of them in
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long people stay signed in: `idle` after the last use, `absolute` in all, on at most `most` devices.

    The last use is written at most every `touch_every`. A session that was looked up is taken for granted for
    `remembered`; revoking it ends that at once.
    """

    idle: timedelta = timedelta(hours=12)
    absolute: timedelta = timedelta(days=7)
    most: int = 20
    touch_every: timedelta = timedelta(minutes=1)
    remembered: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class KeyRules:
    """At most `most` keys a person.

    The last use is written at most every `touch_every`. A key that was looked up is taken for granted for `remembered`;
    revoking it ends that at once.
    """

    most: int = 50
    touch_every: timedelta = timedelta(minutes=1)
    remembered: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TryRules:
    """At most `tries` of a kind that fail within any `window`."""

    tries: int
    window: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class AccountRules:
    """Everything about accounts that a setting may decide. `sign_up` holds until an admin chooses another mode.

    `sessions_in_force`, where it is given, tells the rules of sessions as they are at each moment.
    """

    sign_up: SignUpMode = SignUpMode.CLOSED
    sessions: SessionRules = field(default_factory=SessionRules)
    sign_in_tries: TryRules = field(default_factory=lambda: TryRules(5))
    link_tries: TryRules = field(default_factory=lambda: TryRules(20))
    first_admin_life: timedelta = timedelta(minutes=15)
    invitation_life: timedelta = timedelta(days=7)
    reset_life: timedelta = timedelta(days=1)
    most_pending: int = 100
    keys: KeyRules = field(default_factory=KeyRules)
    sessions_in_force: Callable[[], SessionRules] | None = None

    def sessions_now(self) -> SessionRules:
        """Give the rules of sessions that hold."""
        return self.sessions if self.sessions_in_force is None else self.sessions_in_force()
