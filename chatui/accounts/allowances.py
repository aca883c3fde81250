"""What holds for each person now, and what they used of it today."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.accounts.limits import GroupLimits, Limits, day_of, effective_limits, require_model, require_within
from chatui.accounts.people import user_from
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import NotFound
from chatui.domain.jobs import Priority
from chatui.domain.messages import ModelName, Usage, UserId
from chatui.domain.people import AccountRole, AccountState, User
from storage import groups, usage
from storage.tables import Account, Group, TokenUsage


class Allowances:
    """Reads limits and use. `defaults` gives what holds without a group, as it is set now."""

    def __init__(self, store: Store, now: Callable[[], datetime], defaults: Callable[[], Limits]) -> None:
        self._store = store
        self._now = now
        self._defaults = defaults

    async def limits_of(self, user: UserId) -> Limits:
        """Tell what holds for a person; raises NotFound."""
        found = await self._store.read(lambda session: groups.group_of(session, user))
        if found is None:
            raise NotFound("no such account")
        return self._limits(*found)

    async def limits_of_active(self, user: UserId) -> Limits:
        """Tell what holds for a person who may sign in; raises NotFound for an account that is gone or closed."""
        return await self._store.read(lambda session: self._limits(*_active(session, user)))

    async def limits_of_all(self) -> dict[UserId, Limits]:
        """Tell what holds for everybody who may sign in."""
        everybody = await self._store.read(groups.accounts_with_groups)
        return {
            UserId(account.id): self._limits(account, group)
            for account, group in everybody
            if account.state == AccountState.ACTIVE
        }

    async def require_allowed(self, user: User, model: ModelName) -> Limits:
        """Return what holds for a person who may ask `model` now; raises Forbidden, ModelForbidden or QuotaSpent."""
        require(user, Action.ASK)
        limits = await self.limits_of(user.id)
        await self.require_within(user.id, limits, model)
        return limits

    async def require_within(self, user: UserId, limits: Limits, model: ModelName) -> None:
        """Return when a person for whom `limits` hold may ask `model` now; raises ModelForbidden or QuotaSpent."""
        used = 0 if limits.tokens_per_day is None else await self.used_today(user)
        require_within(limits, model, used, self._now())

    async def still_allowed(self, user: UserId, model: ModelName) -> None:
        """Return when a person may still have `model` answer what they asked; raises as `require_still_allowed`."""
        await self._store.read(lambda session: self.require_still_allowed(session, user, model))

    def require_still_allowed(self, session: Session, user: UserId, model: ModelName) -> None:
        """Return when a person may ask `model` as things are in this transaction; what they used is not looked at.

        Raises NotFound for an account that is gone or closed, Forbidden or ModelForbidden.
        """
        account, group = _active(session, user)
        require(user_from(account), Action.ASK)
        require_model(self._limits(account, group), model)

    async def used_today(self, user: UserId) -> int:
        """Sum the tokens that a person read and wrote on this day of UTC."""
        today = day_of(self._now())
        return await self._store.read(lambda session: usage.tokens_on(session, user, today))

    async def usage(self, by: User, user: UserId, first: date, last: date) -> Sequence[TokenUsage]:
        """List what a person took, by day and model; raises NotFound for somebody else's, except to admins."""
        require(by, Action.READ_USAGE, Owned(user))
        return await self._store.read(lambda session: usage.usage_of(session, user, first, last))

    def _limits(self, account: Account, group: Group | None) -> Limits:
        return effective_limits(AccountRole(account.role), group_limits(group) if group else None, self._defaults())


def _active(session: Session, user: UserId) -> tuple[Account, Group | None]:
    found = groups.group_of(session, user)
    if found is None or found[0].state != AccountState.ACTIVE:
        raise NotFound("no such account")
    return found


def group_limits(group: Group) -> GroupLimits:
    """Give what a group sets."""
    return GroupLimits(
        weight=group.weight,
        priority=None if group.priority is None else Priority(group.priority),
        running=group.running,
        queued=group.queued,
        tokens_per_day=group.tokens_per_day,
        models=None if group.models is None else frozenset(ModelName(name) for name in group.models),
    )


def note_usage(session: Session, user: UserId, model: ModelName, took: Usage, at: datetime) -> None:
    """Add an answer to what its person used, as a part of the transaction that writes its end."""
    answer = TokenUsage(
        account_id=user,
        day=day_of(at),
        model=model,
        answers=1,
        prompt_tokens=took.prompt_tokens,
        output_tokens=took.output_tokens,
    )
    usage.add_usage(session, answer)
