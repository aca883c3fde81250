"""Whether somebody may ask a model, from memory: a program asks many times a second, and three reads took 5 ms."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from chatui.accounts.allowances import Allowances
from chatui.accounts.limits import Limits, require_model
from chatui.domain.access import Action, require
from chatui.domain.messages import ModelName, UserId
from chatui.domain.people import User

REMEMBERED: Final = timedelta(seconds=1)
"""As long as a key that was looked up is taken for granted."""

_MOST: Final = 4_096


class Allowed:
    """Remembers what holds for people for a moment; any event about accounts clears that. `clock` is monotonic."""

    def __init__(self, allowances: Allowances, clock: Callable[[], float]) -> None:
        self._allowances = allowances
        self._clock = clock
        self._remembered: OrderedDict[UserId, tuple[Limits, float]] = OrderedDict()
        self._generation = 0

    async def require(self, user: User, model: ModelName) -> Limits:
        """Return what holds for a person who may ask `model` now; raises Forbidden, ModelForbidden or QuotaSpent.

        Raises NotFound for an account that is gone or closed.
        """
        require(user, Action.ASK)
        limits = await self._limits_of(user.id)
        await self._allowances.require_within(user.id, limits, model)
        return limits

    async def require_still(self, user: UserId, model: ModelName) -> None:
        """Return when a person may still ask `model`, in the same step where nothing happened; raises as `require`.

        What they used is not looked at.
        """
        require_model(await self._limits_of(user), model)

    def forget(self) -> None:
        """Take in that something about accounts changed."""
        self._generation += 1
        self._remembered.clear()

    async def _limits_of(self, user: UserId) -> Limits:
        limits, until = self._remembered.get(user, (None, 0.0))
        if limits is not None and self._clock() < until:
            return limits
        generation = self._generation
        limits = await self._allowances.limits_of_active(user)
        # What changed while the read ran must not be remembered as it was before.
        if generation == self._generation:
            self._remember(user, limits)
        return limits

    def _remember(self, user: UserId, limits: Limits) -> None:
        self._remembered[user] = (limits, self._clock() + REMEMBERED.total_seconds())
        self._remembered.move_to_end(user)
        while len(self._remembered) > _MOST:
            self._remembered.popitem(last=False)
