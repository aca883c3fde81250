"""Who was put first goes first after a restart too, but for who let others pass since."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatui.domain.errors import NotFound
from chatui.domain.jobs import JobId, Turn
from chatui.domain.people import AccountRole, Principal
from tests.support.app import tab
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer
from tests.support.rush import waits_at


async def ask(guest: Guest, app: House) -> JobId:
    """Ask in a conversation of its own; gives the job."""
    before = {job.id for job in app.core.scheduler.jobs}
    async with tab(guest) as client:
        await client.ask("tokens=3")
        await client.until(waits_at(None))
    return next(job.id for job in app.core.scheduler.jobs if job.id not in before)


async def test_the_order_of_admins_outlives_a_restart(data: Path, ollama: OllamaServer) -> None:
    async with house(data, ollama.url, workers="1") as app:
        ana = await app.guest("Ana", AccountRole.ADMIN)
        control, by = app.core.control, Principal(ana.user, "127.0.0.1")
        await control.pause(by)
        one, two, three, four = [await ask(ana, app) for _ in range(4)]
        await control.put_first(two, four)
        await control.put_first(three)
        with pytest.raises(NotFound):
            await control.put_first(JobId(ana.user.id))
        await control.let_pass(four)
        await app.core.scheduler.stop(one)
        assert list(app.core.scheduler.places()) == [three, two, four]
    async with house(data, ollama.url, workers="1") as app:
        assert list(app.core.scheduler.places()) == [three, two, four]
        job = app.core.scheduler.job(four)
        assert job is not None
        assert job.submission.turn is Turn.GIVING_WAY
        await app.core.control.put_first(two)
    async with house(data, ollama.url, workers="1") as app:
        assert list(app.core.scheduler.places()) == [two, three, four]
