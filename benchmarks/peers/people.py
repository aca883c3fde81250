"""The app with an account for each person of the trace, and a key of each priority for each account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.peers import samovar
from benchmarks.peers.pace import SLOTS, Pace
from chatui.accounts.accounts import Accounts, open_accounts
from chatui.accounts.keys import KeyWish
from chatui.accounts.limits import GroupLimits
from chatui.domain.jobs import Priority
from chatui.domain.people import AccountRole, GroupId, KeyScope, Principal
from storage.database import Database
from tests.support.app import ADMIN, PASSWORD, running_app

Keys = Mapping[tuple[int, Priority], str]
PROGRAM = Path(samovar.__file__)


@asynccontextmanager
async def app_for(data: Path, people: int, pace: Pace, *flags: str) -> AsyncIterator[tuple[str, Keys]]:
    """The app's address, and everybody's keys, while it runs; nobody is refused, as nowhere else."""
    keys = await _keys(data, people)
    bounds = ("--workers", str(SLOTS), "--queued-per-person", "1000", "--queue-total", "1000", "--backup-hours", "0")
    paced = (*flags, *bounds, str(pace.speed), str(pace.tokens_a_word))
    async with running_app(data, *paced, program=PROGRAM) as app:
        yield app.url, keys


async def _keys(data: Path, people: int) -> Keys:
    database = await Database.open(data)
    try:
        accounts = await open_accounts(database, database.clocks, database.erase_deleted)
        try:
            admin = Principal(await accounts.service.create_admin(ADMIN, PASSWORD), "console")
            # Keys only lower a priority: everybody's own is the highest.
            group = await accounts.groups.create(admin, "Everybody", GroupLimits(priority=Priority.HIGH))
            made: dict[tuple[int, Priority], str] = {}
            for number in range(people):
                made |= await _keys_of(accounts, admin, group.id, number)
            return made
        finally:
            await accounts.close()
    finally:
        await database.close()


async def _keys_of(accounts: Accounts, admin: Principal, group: GroupId, number: int) -> Keys:
    user = await accounts.service.create_account(f"Person {number}", PASSWORD, AccountRole.MEMBER)
    await accounts.admin.set_group(admin, user.id, group)
    made = {}
    for priority in Priority:
        wish = KeyWish(priority.name, frozenset({KeyScope.ASK}), priority=priority)
        made[number, priority] = (await accounts.keys.create(Principal(user, "console"), wish)).token
    return made
