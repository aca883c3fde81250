"""The served app: its settings, and an admin's work, reach the queue and the tabs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from chatui.accounts.limits import GroupLimits
from chatui.domain.people import AccountRole, Principal
from chatui.web.live import SESSION_OVER
from tests.support.app import tab
from tests.support.house import house
from tests.support.ollama_server import OllamaServer


async def test_an_admins_work_reaches_who_waits_and_who_watches(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        house(tmp_path, ollama.url, workers=1, queued_per_person=1) as app,
    ):
        ada, bob = await app.guest("Ada", AccountRole.ADMIN), await app.guest("Bob")
        accounts, by = app.core.accounts, Principal(ada.user, "127.0.0.1")
        ollama.gate.clear()
        async with tab(bob) as first, tab(bob) as second:
            await first.ask("one")
            await first.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
            await second.ask("two")
            await second.until(lambda frame: frame["t"] == "asked")
            await second.send(t="new")
            await second.ask("three")
            refused = await second.until(lambda frame: frame["t"] == "refused")
            assert refused["sentence"].startswith("One of your messages is waiting already")
            readers = await accounts.groups.create(by, "Readers", GroupLimits(models=frozenset()))
            await accounts.admin.set_group(by, bob.user.id, readers.id)
            shown = await second.until(lambda frame: frame["t"] == "models" and not frame["items"])
            assert shown["default"] is None
            assert [body["messages"][-1]["content"] for body in ollama.bodies("/api/chat") if body["messages"]] == [
                "one"
            ], "what waited for the model was stopped"
            await accounts.admin.disable(by, bob.user.id)
            with pytest.raises(ConnectionClosed) as closed:
                await second.until(lambda _: False)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == SESSION_OVER
        async with asyncio.timeout(60):
            while app.core.scheduler.jobs:  # noqa: ASYNC110 - nobody who is signed in hears of it any more
                await asyncio.sleep(0.01)
        assert ollama.stats()["generating"] == 0
        ollama.gate.set()
