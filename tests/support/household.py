"""The queue and the accounts together, as the app has them: what admins do takes effect on what waits and runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from chatui.accounts.accounts import Accounts, open_accounts
from chatui.accounts.groups import GroupCard
from chatui.accounts.limits import GroupLimits
from chatui.conversations.question import Asked
from chatui.domain.people import AccountRole, Principal, User
from tests.support.accounts import HOME, PASSWORD, CountingHasher
from tests.support.assembly import Assembly, Setup, assembled
from tests.support.faulty_ollama import FaultyOllama, faulty_ollama, held

NEVER = timedelta(days=1)


@dataclass
class Household:
    """The parts, the accounts over them, Ada who runs them, and what holds the answers that were told to wait."""

    parts: Assembly
    accounts: Accounts
    server: FaultyOllama
    ada: Principal
    release: asyncio.Event

    async def member(self, name: str, group: GroupCard | None = None) -> User:
        """Somebody whom Ada invited."""
        link = await self.accounts.admin.invite(self.ada, AccountRole.MEMBER, group.id if group else None)
        user = (await self.accounts.service.accept_invitation(link.token, name, PASSWORD, HOME)).user
        self.parts.people[user.id] = user
        return user

    async def group(self, name: str = "Kitchen", limits: GroupLimits | None = None) -> GroupCard:
        return await self.accounts.groups.create(self.ada, name, limits or GroupLimits())

    async def writing(self, user: User) -> Asked:
        """An answer that has begun, and goes on at `release`."""
        self.server.chats.append(held(self.release))
        asked = await self.parts.ask("How many cups?", user=user)
        await self.parts.until(lambda: self.parts.jobs[asked.answer].pieces == 1)
        return asked


@asynccontextmanager
async def open_household(data: Path, setup: Setup | None = None) -> AsyncIterator[Household]:
    """The parts over the database in `data`, wired to the accounts as `chatui.core` does it."""
    async with faulty_ollama() as server, assembled(data, server.url, setup) as parts:
        database, clocks = parts.database, parts.database.clocks
        accounts = await open_accounts(parts.watch, clocks, database.erase_deleted, hasher=CountingHasher())
        accounts.listeners.subscribe(parts.limits.heard)
        following = asyncio.create_task(parts.limits.run(NEVER))
        if not await accounts.service.has_admin():
            await accounts.service.create_admin("Ada", PASSWORD)
        house = Household(parts, accounts, server, Principal(parts.user, HOME.address), asyncio.Event())
        try:
            yield house
        finally:
            house.release.set()
            following.cancel()
            await accounts.close()
