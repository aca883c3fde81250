"""What people do with a question that waits, through the real app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.app import Frame, TabClient, running_app, tab
from tests.support.rush import House, Rush, open_house, rush, waits_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEEN_S = 0.2


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def test_a_waiting_question_is_edited_in_its_place(house: House) -> None:
    async with rush(house, "second", "third") as busy:
        second, third = busy.waiting
        await second.send(t="edit", message=busy.answers[0], key="k1", text="second, put better")
        edited = await second.until(lambda frame: frame["t"] == "edited")
        assert edited == {"t": "edited", "key": "k1", "conversation": second.conversation}
        await second.until(waits_at(1))
        texts = [message["text"] for message in second.messages.values() if message["role"] == "user"]
        assert texts == ["second, put better"]
        await second.until(lambda frame: frame["t"] == "conversations" and titled(frame, "second, put better"))
        busy.gate.set()
        assert (await third.answer())["state"] == "complete"
        assert busy.asked() == ["first", "second, put better", "third"]


def titled(frame: Frame, title: str) -> bool:
    return any(item["title"] == title for item in frame["items"])


async def test_an_edit_that_comes_too_late_changes_nothing(house: House) -> None:
    async with rush(house, "second") as busy:
        await busy.first.send(t="edit", message=answer_of(busy.first), key="k2", text="too late")
        refused = await busy.first.until(lambda frame: frame["t"] == "refused")
        assert refused["key"] == "k2"
        assert refused["sentence"] == "Its turn has come: it is being answered already."
        busy.gate.set()
        assert (await busy.first.answer())["state"] == "complete"
        texts = [message["text"] for message in busy.first.messages.values() if message["role"] == "user"]
        assert texts == ["first"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 40_000])
async def test_an_edit_that_is_no_question_is_refused_and_the_old_one_waits_on(house: House, text: str) -> None:
    async with rush(house, "second") as busy:
        (second,) = busy.waiting
        await second.send(t="edit", message=busy.answers[0], key="k3", text=text)
        assert (await second.until(lambda frame: frame["t"] == "refused"))["key"] == "k3"
        busy.gate.set()
        assert (await second.answer())["state"] == "complete"
        assert busy.asked() == ["first", "second"]


def answer_of(client: TabClient) -> str:
    """The answer that the tab was told of, by whichever frame came first."""
    told = (frame["message"] for frame in client.frames if frame["t"] == "live")
    return str(next(told))


async def test_who_lets_others_pass_is_answered_after_them(house: House) -> None:
    async with rush(house, "second", "third") as busy:
        second, third = busy.waiting
        await second.send(t="pass", message=busy.answers[0])
        passing = await second.until(waits_at(2, "pass"))
        assert passing["line"]["text"].startswith("Letting others pass · 2nd in line")
        await third.until(waits_at(1))
        busy.gate.set()
        assert (await second.answer())["state"] == "complete"
        assert busy.asked() == ["first", "third", "second"]


async def test_idle_runs_last_and_can_be_taken_back(house: House) -> None:
    async with rush(house, "second", "third") as busy:
        second, third = busy.waiting
        await second.send(t="idle", message=busy.answers[0])
        idle = await second.until(waits_at(2, "idle"))
        assert idle["line"]["text"] == "Runs when nobody else waits"
        await third.until(waits_at(1))
        await second.send(t="turn", message=busy.answers[0])
        await second.until(waits_at(1))
        busy.gate.set()
        await third.answer()
        assert busy.asked() == ["first", "second", "third"]


async def test_idle_runs_once_nobody_else_waits(house: House) -> None:
    async with rush(house, "second", "third") as busy:
        second, _ = busy.waiting
        await second.send(t="idle", message=busy.answers[0])
        await second.until(waits_at(2, "idle"))
        busy.gate.set()
        assert (await second.answer())["state"] == "complete"
        assert busy.asked() == ["first", "third", "second"]


async def test_what_was_chosen_while_waiting_survives_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, rush(house, "second", "third", "fourth") as busy:
        second, third, _ = busy.waiting
        await second.send(t="pass", message=busy.answers[0])
        await second.until(waits_at(3, "pass"))
        await third.send(t="edit", message=busy.answers[1], key="k4", text="third, put better")
        await third.until(lambda frame: frame["t"] == "edited")
        await third.send(t="idle", message=busy.answers[1])
        await third.until(waits_at(None, "idle"))
        house.app.kill()
        await house.app.wait()
        await answered_after_a_restart(busy, tmp_path, second, third)


async def answered_after_a_restart(busy: Rush, folder: Path, passer: TabClient, idler: TabClient) -> None:
    before = len(busy.asked())
    async with (
        running_app(folder, "--backend", busy.house.ollama.url, "--workers", "1") as app,
        tab(app, conversation=passer.conversation) as passes,
        tab(app, conversation=idler.conversation) as idles,
    ):
        await passes.until(waits_at(None, "pass"))
        await idles.until(waits_at(None, "idle"))
        busy.gate.set()
        assert (await idles.answer())["state"] == "complete"
        assert busy.asked()[before:] == ["fourth", "second", "third, put better"]


async def test_what_belongs_to_nobody_is_not_found(house: House) -> None:
    async with rush(house) as busy:
        for verb in ("edit", "pass", "idle", "turn"):
            await busy.first.send(t=verb, message="00000000-0000-4000-8000-000000000000", text="x")
            refused = await busy.first.until(lambda frame: frame["t"] == "refused")
            assert refused["sentence"] == "This is not there any more."


async def test_the_timeline_tells_each_stage_live_and_afterwards(house: House) -> None:
    async with rush(house, "second") as busy:
        (second,) = busy.waiting
        line = next(line for line in reversed(second.lines) if line.get("steps"))
        assert [(step["stage"], step["took"]) for step in line["steps"]] == [("queued", None)]
        assert line["elapsed_ms"] >= 0
        # What nobody could have seen is not told afterwards: it must have waited for a moment.
        while (await house.queue())["waiting"][0]["waited_s"] < SEEN_S:
            pass
        busy.gate.set()
        over = await second.answer()
        assert over["timeline"][0]["stage"] == "queued"
        assert over["timeline"][0]["name"] == "Waiting"
        assert over["timeline"][0]["took"].endswith(" s")
        async with tab(house.app, conversation=second.conversation) as later:
            assert later.messages[over["id"]]["timeline"] == over["timeline"]


async def test_the_timeline_names_the_cause_of_a_retry(house: House) -> None:
    async with tab(house.app) as client:
        house.ollama.fail_loads(1)
        await client.ask("hello", model="qwen3:1.7b")
        over = await client.answer()
        assert over["state"] == "complete"
        retry = next(step for step in over["timeline"] if step["stage"] == "retry")
        assert retry["name"].startswith("Trying again, 1 of ")
        assert retry["cause"] == "The model could not be loaded"
