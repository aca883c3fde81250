"""A look for changed settings that began before a change and ends after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlmodel import Session

from chatui.accounts.changes import Store
from chatui.domain.people import Principal
from tests.support.house import Guest, House

T = TypeVar("T")


class Held:
    """Gives what it read only when it may."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.has_read, self.may_give = asyncio.Event(), asyncio.Event()

    async def read(self, work: Callable[[Session], T]) -> T:
        found = await self.store.read(work)
        self.has_read.set()
        await self.may_give.wait()
        return found


async def test_it_takes_nothing_back(home: House, ana: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = home.core.settings
    held = Held(settings.in_force._store)
    with monkeypatch.context() as patch:
        patch.setattr(settings.in_force, "_store", held)
        look = asyncio.create_task(settings.in_force.refresh())
        await held.has_read.wait()
    await settings.change(Principal(ana.user, "127.0.0.1"), {"retries": "2"})
    held.may_give.set()
    await look
    assert settings.in_force.now.retries == 2
