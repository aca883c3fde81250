"""Measurements of the best number of workers on the served app: what ends them, who is served first, what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from chatui.domain.people import AccountRole
from chatui.operations.advice import Memory
from chatui.operations.recorder.sample import Sample
from chatui.operations.tuning.measurement import Phase
from chatui.operations.tuning.states import State
from chatui.scheduler.decision import Auto
from storage import tunings
from storage.tables import TuningRun
from tests.admin.test_settings import by, kept, limit_of
from tests.support.app import Frame, TabClient, tab
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaScript, OllamaServer
from tests.support.rush import has_text

MODEL, PATH = "llama3.2:1b", "/admin/tuning"
SEE_OTHER, WRONG = 303, 422
GIB = 1024**3
OPEN = {"wanted", "running"}


@pytest_asyncio.fixture
async def ollama() -> AsyncIterator[OllamaServer]:
    """A server that writes three answers at the same time."""
    async with OllamaServer(OllamaScript(parallel=3, answer_tokens=400)) as server:
        yield server


@pytest_asyncio.fixture
async def home(ollama: OllamaServer, tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, ollama.url) as served:
        yield served


def told(holds: Callable[[dict[str, Any]], object]) -> Callable[[Frame], object]:
    """A frame of the tuning page about a measurement of which something holds."""
    return lambda frame: frame["t"] == "admin.tuning" and frame["run"] is not None and holds(frame["run"])


def doing(phase: str, workers: int) -> Callable[[Frame], object]:
    """A frame of the tuning page while a measurement is at some step."""
    return lambda frame: (
        frame["t"] == "admin.tuning"
        and frame["step"] is not None
        and (frame["step"]["phase"], frame["step"]["workers"]) == (phase, workers)
    )


def is_over(run: dict[str, Any]) -> bool:
    return run["state"] not in OPEN


async def start(guest: Guest, maximum: str = "2", model: str = MODEL) -> int:
    async with guest.client() as http:
        return (await http.post(f"{PATH}/start", data={"model": model, "maximum": maximum})).status_code


async def watching(client: TabClient) -> None:
    await client.send(t="admin.tuning")
    await client.until(lambda frame: frame["t"] == "admin.tuning")


async def result(home: House) -> TuningRun:
    """Wait for the measurement that was asked for last, and give it."""
    async with asyncio.timeout(60):
        await home.core.tunings.settle()
    return (await home.core.database.read(tunings.runs))[0]


def held_at(home: House, ollama: OllamaServer, workers: int) -> None:
    """Have the first round with so many workers stand still after their first tokens."""
    due = True

    def look() -> None:
        nonlocal due
        step = home.core.tunings.step
        if due and step is not None and (step.phase, step.workers) == (Phase.MEASURING, workers):
            due = False
            ollama.gate.clear()

    home.core.tunings.subscribe(look)


async def test_a_measurement_goes_its_way_before_the_admins_eyes(home: House, ana: Guest, ollama: OllamaServer) -> None:
    held_at(home, ollama, 2)
    async with tab(ana) as hers:
        await watching(hers)
        assert await start(ana) == SEE_OTHER
        await hers.until(doing("measuring", 2))
        await ollama.until(lambda: ollama.generating == 2)
        ollama.gate.set()
        found = await hers.until(told(is_over))
    run = found["run"]
    assert (run["state"], run["reason"] in {"maximum", "speed"}, run["model"]) == ("found", True, MODEL)
    assert [point["workers"] for point in run["points"]] == [1, 2]
    assert all(point["rounds"] >= 3 and point["used_bytes"] > 0 for point in run["points"])
    assert run["knee"] in {1, 2}
    assert not home.core.scheduler.jobs
    rows = await home.core.database.read(kept)
    assert "tuning_started" in {row["action"] for row in rows["auditentry"]}


async def test_a_question_is_answered_first_and_at_once(
    home: House, ana: Guest, eve: Guest, ollama: OllamaServer
) -> None:
    """Both slots that are measured are taken, and no answer ends: hers begins because they are given up."""
    held_at(home, ollama, 2)
    async with tab(ana) as hers, tab(eve) as other:
        await watching(hers)
        await start(ana)
        await ollama.until(lambda: ollama.generating == 2)
        assert limit_of(home) == 2
        before = ollama.aborted
        await other.ask("tokens=3")
        await other.until(has_text)
        await ollama.until(lambda: (ollama.aborted - before, ollama.generating) == (2, 1))
        waiting = await hers.until(doing("waiting", 2))
        assert waiting["run"]["state"] == "running"
        assert {job.submission.user for job in home.core.scheduler.jobs} == {eve.user.id}
        assert limit_of(home) == 1, "the queue is as it was while people are served"
        ollama.gate.set()
        assert (await other.answer())["state"] == "complete"
        assert (await hers.until(told(is_over)))["run"]["state"] == "found"


async def test_memory_ends_it(home: House, ana: Guest) -> None:
    """Each answer takes three of the nine gigabytes that are free, and one is to stay so."""
    ground = home.core.tunings.ground

    def memory() -> Memory:
        return Memory(16 * GIB, (9 - 3 * len(ground.answers.own)) * GIB)

    ground.answers._memory = memory
    home.core.tunings.ground = replace(ground, memory=memory)
    await start(ana, "8")
    run = await result(home)
    assert (run.state, run.reason) == (State.FOUND, "memory")
    assert [point["free_bytes"] // GIB for point in run.points] == [6, 3]


async def test_it_is_stopped_and_leaves_nothing_behind(home: House, ana: Guest, ollama: OllamaServer) -> None:
    held_at(home, ollama, 2)
    noted: list[Sample] = []
    home.core.recorder.subscribe(noted.append)
    async with tab(ana) as hers:
        await watching(hers)
        await start(ana)
        await ollama.until(lambda: ollama.generating == 2)
        await hers.send(t="admin.tuning_stop")
        stopped = await hers.until(told(is_over))
    assert (stopped["run"]["state"], stopped["run"]["reason"], stopped["run"]["knee"]) == ("stopped", "asked", None)
    assert [point["workers"] for point in stopped["run"]["points"]] == [1]
    await ollama.until(lambda: ollama.generating == 0)
    assert not home.core.scheduler.jobs
    assert limit_of(home) == 1
    await home.core.recorder.look()
    assert sum(sample.counts.get("ended.stopped", 0) for sample in noted) == 0, "nobody stopped an answer"


async def test_other_settings_end_it(home: House, ana: Guest, ollama: OllamaServer) -> None:
    held_at(home, ollama, 1)
    await start(ana)
    await ollama.until(lambda: ollama.generating == 1 and not ollama.gate.is_set())
    assert await home.core.settings.change(by(ana), {"answer_tokens": "99"}) == {}
    run = await result(home)
    assert (run.state, run.reason) == (State.STOPPED, "settings")


async def test_a_server_that_fails_is_told_with_its_words(home: House, ana: Guest, ollama: OllamaServer) -> None:
    ollama.fail_loads(50, "the model is broken")
    await start(ana)
    run = await result(home)
    assert (run.state, run.reason, run.knee) == (State.FAILED, "error", None)
    assert "the model is broken" in run.detail


async def test_a_second_wish_while_one_goes_on_is_the_same(home: House, ana: Guest, ollama: OllamaServer) -> None:
    held_at(home, ollama, 1)
    await start(ana)
    await ollama.until(lambda: not ollama.gate.is_set())
    assert await start(ana) == SEE_OTHER
    assert len(await home.core.database.read(tunings.runs)) == 1


async def test_what_is_recommended_is_applied_kept_in_history_and_undone(home: House, ana: Guest) -> None:
    run = TuningRun(
        model=MODEL,
        backend="ollama",
        maximum=4,
        state=State.FOUND,
        reason="speed",
        knee=3,
        asked_at=home.core.database.clocks.now(),
    )
    await home.core.database.write(lambda session: tunings.add_run(session, run))
    async with tab(ana) as hers:
        await hers.send(t="admin.tuning_apply", run=str(run.id))
        await watching(hers)
        await hers.send(t="admin.tuning_apply", run=str(uuid4()))
        await hers.until(lambda frame: frame["t"] == "refused")
    assert (home.core.settings.in_force.now.workers, limit_of(home)) == (3, 3)
    (change, *_) = await home.core.settings.history(by(ana), 5)
    assert (change.after, change.before) == (3, None)
    assert change.id is not None
    await home.core.settings.undo(by(ana), change.id)
    assert home.core.settings.in_force.now.workers == "auto"
    (state,) = home.core.scheduler.backends().values()
    assert state.limiter(home.core.fleet.models()[0].name).limit <= Auto(8).maximum


async def test_what_was_measured_survives_a_restart_and_what_went_on_is_closed(
    ollama: OllamaServer, tmp_path: Path
) -> None:
    async with house(tmp_path, ollama.url) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        await start(ana)
        first = await result(home)
        held_at(home, ollama, 2)
        await start(ana)
        await ollama.until(lambda: ollama.generating == 2)
    ollama.gate.set()
    async with house(tmp_path, ollama.url) as home, tab(await home.again(ana)) as hers:
        await hers.send(t="admin.tuning")
        frame = await hers.until(told(is_over))
        assert (frame["run"]["state"], frame["run"]["reason"]) == ("stopped", "restart")
        assert [run["knee"] for run in frame["earlier"]] == [first.knee]


@pytest.mark.parametrize(
    ("typed", "flaws"),
    [
        ({"model": "no such", "maximum": "2"}, 1),
        ({"model": "no such", "maximum": "many"}, 2),
        ({"model": MODEL, "maximum": "0"}, 1),
        ({"model": MODEL, "maximum": "33"}, 1),
        ({"model": MODEL, "maximum": ""}, 1),
        ({"model": MODEL, "maximum": "2.5"}, 1),
        ({}, 1),
    ],
)
async def test_wrong_input_gets_a_sentence_and_changes_nothing(
    home: House, ana: Guest, typed: dict[str, str], flaws: int
) -> None:
    before = await home.core.database.read(kept)
    async with ana.client() as http:
        answer = await http.post(f"{PATH}/start", data=typed)
    assert (answer.status_code, answer.text.count('class="flaw"')) == (WRONG, flaws)
    assert await home.core.database.read(kept) == before


async def test_a_model_that_is_gone_when_its_turn_comes(home: House, ana: Guest) -> None:
    now = home.core.database.clocks.now()
    run = TuningRun(model="gone:1b", state=State.WANTED, asked_at=now)
    await home.core.database.write(lambda session: tunings.add_run(session, run))
    await home.core.tunings.look()
    assert (await result(home)).reason == "no_model"
