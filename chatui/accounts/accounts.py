"""Everything about accounts, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chatui.accounts.admin import AccountAdmin
from chatui.accounts.allowances import Allowances
from chatui.accounts.changes import Changes, Store
from chatui.accounts.desk import Desk
from chatui.accounts.events import Listeners
from chatui.accounts.first_admin import FirstAdminCode
from chatui.accounts.groups import GroupAdmin
from chatui.accounts.keys import Keys
from chatui.accounts.limits import Limits
from chatui.accounts.own_account import OwnAccount
from chatui.accounts.passwords import Hasher, Passwords
from chatui.accounts.rules import AccountRules
from chatui.accounts.service import AccountService
from chatui.accounts.sessions import Sessions
from chatui.accounts.tokens import NewToken, random_token
from storage.database import Clocks


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the rest of the app uses: the door, one's own account, the admin's work, limits, and what happens."""

    service: AccountService
    own: OwnAccount
    admin: AccountAdmin
    groups: GroupAdmin
    keys: Keys
    allowances: Allowances
    listeners: Listeners
    desk: Desk

    async def close(self) -> None:
        """Return when what was begun is written, and the hashing threads have ended."""
        await self.desk.changes.settle()
        await self.desk.sessions.settle()
        await self.keys.settle()
        await asyncio.to_thread(self.desk.passwords.close)


async def open_accounts(
    store: Store,
    clocks: Clocks,
    erased: Callable[[], Awaitable[None]],
    rules: AccountRules | None = None,
    defaults: Callable[[], Limits] = Limits,
    hasher: Hasher | None = None,
    new_token: NewToken = random_token,
) -> Accounts:
    """Put the parts together over `store` and get ready for the first sign-in.

    `erased` returns once what was deleted is out of the database's log, too; `defaults` gives the limits of people
    without a group as they are set at that moment.
    """
    rules = rules or AccountRules()
    listeners = Listeners()
    sessions = Sessions(store, clocks, rules.sessions_now, new_token)
    listeners.subscribe(sessions.heard)
    changes = Changes(store, clocks.now, listeners)
    desk = Desk(store, clocks, rules, changes, Passwords(hasher), sessions, new_token)
    service = AccountService(desk, FirstAdminCode(clocks.monotonic, rules.first_admin_life, new_token))
    keys = Keys(desk)
    listeners.subscribe(keys.heard)
    await service.start()
    return Accounts(
        service=service,
        own=OwnAccount(desk, erased),
        admin=AccountAdmin(desk, erased),
        groups=GroupAdmin(desk),
        keys=keys,
        allowances=Allowances(store, clocks.now, defaults),
        listeners=listeners,
        desk=desk,
    )
