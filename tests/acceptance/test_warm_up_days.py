"""A long weekend in a moment: the clocks change, the machine sleeps, the app starts again, and mornings are warm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chatui.domain.people import AccountRole, Principal
from chatui.operations.warm_up.plans import PlanId, benefits
from storage import warm_ups
from tests.support.days import LOAD, Days
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

QWEN, LLAMA = "qwen3:8b", "llama3.2:1b"
SCRIPT = OllamaScript(models=(ScriptedModel(QWEN), ScriptedModel(LLAMA)), max_loaded=1)
BERLIN = ZoneInfo("Europe/Berlin")
SATURDAY = datetime(2026, 3, 28, 5, 0, tzinfo=UTC)  # the clocks go forward in the night that follows


async def test_mornings_meet_a_loaded_model(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        days = Days(ollama, data, BERLIN, SATURDAY)
        async with days.running():
            assert not await days.question("cold, before there was a plan", QWEN)
            await days.plan(QWEN, "08:00", "17:00")
            await days.until("2026-03-28T08:40")
            assert await days.question("Saturday", QWEN)
            await days.until("2026-03-28T20:00")
            assert not await days.question("another model in the evening", LLAMA)
            await days.until("2026-03-29T01:00")
            await days.sleeps_until("2026-03-29T09:12")
            assert await days.question("Sunday, after the machine had slept", QWEN)
            await days.until("2026-03-30T07:30")
        await days.until("2026-03-30T08:05")
        async with days.running():
            assert await days.question("Monday, after a restart", QWEN)
            await days.until("2026-03-31T08:30")
            assert await days.question("Tuesday", QWEN)
            began = [run for run in await days.runs() if run.reason == "schedule"]
            told = benefits(await days.runs())
    # Each at eight on the clocks of the office, also after they changed, or as soon as the machine was there.
    assert [days.local(run.due_at) for run in began] == ["Sat 08:00", "Sun 08:00", "Mon 08:00", "Tue 08:00"]
    assert [days.local(run.finished_at) for run in began] == ["Sat 08:00", "Sun 09:12", "Mon 08:05", "Tue 08:00"]
    assert began[1].due_at - began[0].due_at == timedelta(hours=23)
    assert {run.outcome for run in began} == {"loaded"}
    (benefit,) = told
    assert benefit.saved is not None
    # The injected clock goes on by a minute in each load, and an answer that is warm takes no such time.
    assert benefit.saved > LOAD.total_seconds() / 2
    with capsys.disabled():
        print()  # noqa: T201 - the benefit is to be seen
        for name, seconds in days.first_token_seconds.items():
            print(f"  first token {seconds:6.3f} s  {name}")  # noqa: T201
        print(f"  {benefit.model}: cold {benefit.cold:.3f} s, warm {benefit.warm:.3f} s, {benefit.loads} loads")  # noqa: T201


async def test_a_model_that_people_use_is_not_put_out(data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        days = Days(ollama, data, BERLIN, SATURDAY)
        async with days.running():
            await days.plan(QWEN, "08:00", "09:00")
            for minute in range(7 * 60, 8 * 60 + 31, 3):
                await days.until(f"2026-03-28T{minute // 60:02}:{minute % 60:02}")
                await days.question("people at work", LLAMA)
            assert ollama.memory.counters.swaps == 0
            assert [run.outcome for run in await days.runs()] == ["gave_way"]
            await days.until("2026-03-28T08:55")
            assert [run.outcome for run in await days.runs()] == ["gave_way", "loaded"]


async def test_a_model_that_stays_is_left_alone(data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        days = Days(ollama, data, BERLIN, SATURDAY)
        async with days.running():
            await days.plan(QWEN, "08:00", "12:00")
            await days.until("2026-03-28T12:30")
            asked = ollama.bodies("/api/chat")
            assert [run.outcome for run in await days.runs()] == ["loaded", *["warm"] * 4]
            assert len(asked) == 1 + 2 + 4  # the load, cold and warm, and before it would have left
            await days.until("2026-03-28T14:00")
            assert ollama.stats()["loaded"] == []


async def test_what_was_slept_through_is_told_and_not_made_up(data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        days = Days(ollama, data, BERLIN, SATURDAY)
        async with days.running():
            await days.plan(QWEN, "08:00", "09:00")
            await days.until("2026-03-28T07:00")
            await days.sleeps_until("2026-04-02T11:00")
            assert [(days.local(run.due_at), run.outcome) for run in await days.runs()] == [("Sat 08:00", "missed")]
            assert ollama.memory.counters.loads == 0
            await days.until("2026-04-03T08:10")
            assert [run.outcome for run in await days.runs()] == ["missed", "loaded"]


async def test_two_models_that_do_not_fit_are_not_swapped_to_and_fro(data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        days = Days(ollama, data, BERLIN, SATURDAY)
        async with days.running():
            await days.plan(QWEN, "08:00", "11:00")
            await days.plan(LLAMA, "09:00", "11:00")
            await days.until("2026-03-28T10:55")
            assert ollama.memory.counters.loads == 2
            assert ollama.stats()["loaded"] == [LLAMA]


async def test_a_load_that_fails_is_told_once(data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        days = Days(ollama, data, BERLIN, SATURDAY)
        async with days.running():
            await days.plan("gone:1b", "08:00", "09:00")
            await days.until("2026-03-28T08:40")
            (failed,) = await days.runs()
            assert (failed.outcome, failed.reason) == ("failed", "schedule")


async def test_no_model_is_asked_while_the_load_of_another_is_pending(data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        days = Days(ollama, data, BERLIN, SATURDAY)
        async with days.running() as app:
            await days.question("loads it", QWEN)
            await days.plan(QWEN, "06:00", "07:00")
            ollama.gate.clear()
            writing = await app.ask("Write on.", model=QWEN)
            await app.until(lambda: ollama.generating == 1, 60)
            await app.warm_ups.look()
            await app.until(lambda: len(app.scheduler.jobs) == 2, 60)
            before = len(ollama.bodies("/api/chat"))
            other = await app.ask("Me too.", model=LLAMA)
            await app.until(lambda: app.policy.backends()[app.fleet.statuses()[0].name].blocked_since is not None, 60)
            ollama.gate.set()
            await app.over(writing, other, seconds=60)
            asked = [body["model"] for body in ollama.bodies("/api/chat")][before:]
            # The load and the answer come first; then nobody waits any more.
            assert asked[:2] == [LLAMA, LLAMA]


async def test_what_is_asked_for_while_one_is_under_way_comes_after_it_and_once(data: Path) -> None:
    async with OllamaServer(SCRIPT) as ollama:
        days = Days(ollama, data, BERLIN, SATURDAY)
        async with days.running() as app:
            await days.plan(QWEN, "06:00", "07:00")
            (plan,) = await app.database.read(warm_ups.plans)
            ollama.gate.clear()
            await app.warm_ups.look()
            admin = Principal(replace(app.user, role=AccountRole.ADMIN), "127.0.0.1")
            for _ in range(2):
                await app.warm_ups.run_now(admin, PlanId(plan.id))
            ollama.gate.set()
            await app.warm_ups.settle()
            assert [(run.reason, run.outcome) for run in await days.runs()] == [
                ("schedule", "loaded"),
                ("asked", "warm"),
            ]
