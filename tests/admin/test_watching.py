"""What admins see of the queue and do to it over the live line, and what nobody else may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.support.app import Frame, TabClient, tab
from tests.support.house import Guest, House
from tests.support.ollama_server import OllamaServer
from tests.support.rush import has_text, waits_at


def queue(holds: Callable[[Frame], Any]) -> Callable[[Frame], Any]:
    return lambda frame: frame["t"] == "admin.queue" and holds(frame)


def words(home: House) -> list[str]:
    return sorted(word for word in home.site.line.words if word.startswith("admin."))


async def watching(client: TabClient) -> Frame:
    await client.send(t="admin.watch")
    return await client.until(queue(lambda _: True))


async def asked(client: TabClient, seen: Callable[[Frame], bool] = has_text) -> None:
    """Ask, and return when the answer is seen begun, or in its place in line."""
    await client.ask("tokens=3")
    await client.until(seen)


@pytest.fixture
def held(ollama: OllamaServer) -> OllamaServer:
    """Answers stand still after their first token until the gate is opened."""
    ollama.gate.clear()
    return ollama


async def test_nobody_else_is_told_or_heard(home: House, eve: Guest, held: OllamaServer) -> None:
    async with tab(eve) as other:
        await asked(other)
        for word in words(home):
            job = str(next(iter(home.core.scheduler.jobs)).id)
            await other.send(t=word, job=job, before=str(uuid4()), window="15m", backend="ollama")
            refused = await other.until(lambda frame: frame["t"] == "refused")
            assert refused["sentence"] == "This is not there any more."
        held.gate.set()
        await other.answer()
        assert not any(frame["t"].startswith("admin.") for frame in other.frames)
        assert not home.core.scheduler.paused


async def test_who_waits_is_put_first_let_pass_and_stopped(
    home: House, ana: Guest, eve: Guest, held: OllamaServer
) -> None:
    async with tab(ana) as hers, tab(eve) as first, tab(eve) as second, tab(eve) as third:
        await asked(first)
        await asked(second, waits_at(1))
        await asked(third, waits_at(2))
        seen = await watching(hers)
        assert [(job["person"], job["stage"]) for job in seen["running"]] == [("Eve", "writing")]
        early, late = (job["id"] for job in seen["waiting"])
        await hers.send(t="admin.first", job=late)
        await hers.until(queue(lambda frame: [job["id"] for job in frame["waiting"]] == [late, early]))
        await hers.send(t="admin.move", job=early, before=late)
        await hers.until(queue(lambda frame: [job["id"] for job in frame["waiting"]] == [early, late]))
        await hers.send(t="admin.pass", job=early)
        passing = await hers.until(queue(lambda frame: frame["waiting"][0]["id"] == late))
        assert passing["waiting"][1]["turn"] == "pass"
        await hers.send(t="admin.stop", job=early)
        await hers.until(queue(lambda frame: [job["id"] for job in frame["waiting"]] == [late]))
        assert (await second.answer())["state"] == "stopped"
        held.gate.set()
        assert (await third.answer())["state"] == "complete"


async def test_the_queue_is_paused_drained_and_let_go_on(
    home: House, ana: Guest, eve: Guest, held: OllamaServer
) -> None:
    async with tab(ana) as hers, tab(eve) as other:
        seen = await watching(hers)
        (server,) = seen["backends"]
        await hers.send(t="admin.pause", backend=server["name"])
        await hers.until(queue(lambda frame: frame["backends"][0]["paused"] and not frame["paused"]))
        await hers.send(t="admin.resume", backend=server["name"])
        await hers.until(queue(lambda frame: not frame["backends"][0]["paused"]))
        await hers.send(t="admin.pause")
        await hers.until(queue(lambda frame: frame["paused"]))
        await asked(other, waits_at(1))
        await hers.until(queue(lambda frame: [job["waits"] for job in frame["waiting"]] == ["paused"]))
        await hers.send(t="admin.resume")
        held.gate.set()
        assert (await other.answer())["state"] == "complete"
        await hers.send(t="admin.drain")
        await hers.until(queue(lambda frame: frame["draining"]))
        await other.ask("tokens=3")
        await other.until(lambda frame: frame["t"] == "refused")
        await hers.send(t="admin.resume")
        await hers.until(queue(lambda frame: not frame["draining"] and not frame["paused"]))


@pytest.mark.parametrize(
    "frame", [{"t": "admin.first"}, {"t": "admin.stop", "job": str(uuid4())}, {"t": "admin.chart"}]
)
async def test_what_is_not_there_is_refused(ana: Guest, frame: Frame) -> None:
    async with tab(ana) as hers:
        await hers.send(**frame)
        assert (await hers.until(lambda told: told["t"] == "refused"))["sentence"]


async def test_charts_have_the_figures_that_were_noted_and_points_follow(home: House, ana: Guest, eve: Guest) -> None:
    async with tab(ana) as hers, tab(eve) as other:
        await other.ask("tokens=20")
        await other.answer()
        await watching(hers)
        await home.core.recorder.look()
        point = await hers.until(lambda frame: frame["t"] == "admin.point")
        await hers.send(t="admin.chart", window="15m")
        chart = await hers.until(lambda frame: frame["t"] == "admin.chart")
        at = {name: number for number, name in enumerate(chart["columns"], 1)}
        assert point["point"] in chart["points"]
        # The app looks by itself, too: what was noted may lie in another point.
        assert sum(each[at["done"]] for each in chart["points"]) == 1
        assert sum(each[at["tokens"]] for each in chart["points"]) >= 4
        assert max(each[at["first_p95"]] or 0 for each in chart["points"]) > 0
        assert [(person["name"], person["share"], person["due"]) for person in chart["people"]] == [("Eve", 100, 100)]


async def test_a_tab_that_is_gone_is_told_nothing_more(home: House, ana: Guest) -> None:
    async with tab(ana) as hers:
        await watching(hers)
    async with tab(ana) as hers:
        await watching(hers)
        await hers.send(t="admin.pause")
        await hers.until(queue(lambda frame: frame["paused"]))
    assert len(home.site.watch._tabs) <= 2
