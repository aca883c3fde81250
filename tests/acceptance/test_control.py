"""What people and admins do with the queue while it is busy, through the real app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.support.app import AppProcess, Frame, TabClient, running_app, tab
from tests.support.ollama_server import OllamaServer

MODEL = "llama3.2:1b"


def has_text(frame: Frame) -> bool:
    return frame["t"] == "live" and bool(frame.get("tail"))


def waits_at(position: int | None, turn: str = "turn") -> Any:
    def seen(frame: Frame) -> bool:
        line = frame.get("line") or {}
        return frame["t"] == "live" and line.get("turn") == turn and (position is None or line["position"] == position)

    return seen


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def idle_app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    async with OllamaServer() as ollama, running_app(tmp_path_factory.mktemp("idle"), "--backend", ollama.url) as app:
        yield app


@dataclass
class Rush:
    """One answer that stands still while it is written, and questions that wait behind it, each in a tab."""

    app: AppProcess
    ollama: OllamaServer
    first: TabClient
    waiting: Sequence[TabClient]
    answers: Sequence[str]

    def asked(self) -> list[str]:
        """What the model was asked, in order."""
        return [body["messages"][-1]["content"] for body in self.ollama.bodies("/api/chat") if body["messages"]]


@asynccontextmanager
async def rush(folder: Path, *questions: str) -> AsyncIterator[Rush]:
    async with AsyncExitStack() as stack:
        ollama = await stack.enter_async_context(OllamaServer())
        flags = ("--backend", ollama.url, "--workers", "1")
        app = await stack.enter_async_context(running_app(folder, *flags))
        # Politely or not: an answer that stands still must not hold up the end of the app.
        stack.callback(ollama.gate.set)
        ollama.gate.clear()
        first = await stack.enter_async_context(tab(app.url))
        await first.ask("first", model=MODEL)
        await first.until(has_text)
        waiting, answers = [], []
        for position, question in enumerate(questions, 1):
            client = await stack.enter_async_context(tab(app.url))
            await client.ask(question, model=MODEL)
            seen = await client.until(waits_at(position))
            waiting.append(client)
            answers.append(seen["message"])
        yield Rush(app, ollama, first, waiting, answers)


async def test_a_waiting_question_is_edited_in_its_place(tmp_path: Path) -> None:
    async with rush(tmp_path, "second", "third") as busy:
        second, third = busy.waiting
        await second.send(t="edit", message=busy.answers[0], key="k1", text="second, put better")
        edited = await second.until(lambda frame: frame["t"] == "edited")
        assert edited == {"t": "edited", "key": "k1", "conversation": second.conversation}
        await second.until(waits_at(1))
        texts = [message["text"] for message in second.messages.values() if message["role"] == "user"]
        assert texts == ["second, put better"]
        await second.until(lambda frame: frame["t"] == "conversations" and titled(frame, "second, put better"))
        busy.ollama.gate.set()
        assert (await third.answer())["state"] == "complete"
        assert busy.asked() == ["first", "second, put better", "third"]


def titled(frame: Frame, title: str) -> bool:
    return any(item["title"] == title for item in frame["items"])


async def test_an_edit_that_comes_too_late_changes_nothing(tmp_path: Path) -> None:
    async with rush(tmp_path, "second") as busy:
        await busy.first.send(t="edit", message=answer_of(busy.first), key="k2", text="too late")
        refused = await busy.first.until(lambda frame: frame["t"] == "refused")
        assert refused["key"] == "k2"
        assert refused["sentence"] == "Its turn has come: it is being answered already."
        busy.ollama.gate.set()
        assert (await busy.first.answer())["state"] == "complete"
        texts = [message["text"] for message in busy.first.messages.values() if message["role"] == "user"]
        assert texts == ["first"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 40_000])
async def test_an_edit_that_is_no_question_is_refused_and_the_old_one_waits_on(tmp_path: Path, text: str) -> None:
    async with rush(tmp_path, "second") as busy:
        (second,) = busy.waiting
        await second.send(t="edit", message=busy.answers[0], key="k3", text=text)
        assert (await second.until(lambda frame: frame["t"] == "refused"))["key"] == "k3"
        busy.ollama.gate.set()
        assert (await second.answer())["state"] == "complete"
        assert busy.asked() == ["first", "second"]


def answer_of(client: TabClient) -> str:
    return next(id_ for id_, message in client.messages.items() if message["role"] == "assistant")


async def test_who_lets_others_pass_is_answered_after_them(tmp_path: Path) -> None:
    async with rush(tmp_path, "second", "third") as busy:
        second, third = busy.waiting
        await second.send(t="pass", message=busy.answers[0])
        passing = await second.until(waits_at(2, "pass"))
        assert passing["line"]["text"].startswith("Letting others pass · 2nd in line")
        await third.until(waits_at(1))
        busy.ollama.gate.set()
        assert (await second.answer())["state"] == "complete"
        assert busy.asked() == ["first", "third", "second"]


async def test_idle_runs_last_and_can_be_taken_back(tmp_path: Path) -> None:
    async with rush(tmp_path, "second", "third") as busy:
        second, third = busy.waiting
        await second.send(t="idle", message=busy.answers[0])
        idle = await second.until(waits_at(2, "idle"))
        assert idle["line"]["text"] == "Runs when nobody else waits"
        await third.until(waits_at(1))
        await second.send(t="turn", message=busy.answers[0])
        await second.until(waits_at(1))
        busy.ollama.gate.set()
        await third.answer()
        assert busy.asked() == ["first", "second", "third"]


async def test_idle_runs_once_nobody_else_waits(tmp_path: Path) -> None:
    async with rush(tmp_path, "second", "third") as busy:
        second, _ = busy.waiting
        await second.send(t="idle", message=busy.answers[0])
        await second.until(waits_at(2, "idle"))
        busy.ollama.gate.set()
        assert (await second.answer())["state"] == "complete"
        assert busy.asked() == ["first", "third", "second"]


async def test_what_was_chosen_while_waiting_survives_a_restart(tmp_path: Path) -> None:
    async with rush(tmp_path, "second", "third", "fourth") as busy:
        second, third, _ = busy.waiting
        await second.send(t="pass", message=busy.answers[0])
        await second.until(waits_at(3, "pass"))
        await third.send(t="edit", message=busy.answers[1], key="k4", text="third, put better")
        await third.until(lambda frame: frame["t"] == "edited")
        await third.send(t="idle", message=busy.answers[1])
        await third.until(waits_at(None, "idle"))
        passing, idling = second.conversation, third.conversation
        busy.app.kill()
        await busy.app.wait()
        asked_before = len(busy.asked())
        async with (
            running_app(tmp_path, "--backend", busy.ollama.url, "--workers", "1") as again,
            tab(again.url, conversation=passing) as passer,
            tab(again.url, conversation=idling) as idler,
        ):
            await passer.until(waits_at(None, "pass"))
            await idler.until(waits_at(None, "idle"))
            busy.ollama.gate.set()
            assert (await idler.answer())["state"] == "complete"
            assert busy.asked()[asked_before:] == ["fourth", "second", "third, put better"]


async def test_what_belongs_to_nobody_is_not_found(tmp_path: Path) -> None:
    async with rush(tmp_path) as busy:
        for verb in ("edit", "pass", "idle", "turn"):
            await busy.first.send(t=verb, message="00000000-0000-4000-8000-000000000000", text="x")
            refused = await busy.first.until(lambda frame: frame["t"] == "refused")
            assert refused["sentence"] == "This conversation is not there any more."


async def test_the_timeline_tells_each_stage_live_and_afterwards(tmp_path: Path) -> None:
    async with rush(tmp_path, "second") as busy:
        (second,) = busy.waiting
        line = next(line for line in reversed(second.lines) if line.get("steps"))
        assert [(step["stage"], step["took"]) for step in line["steps"]] == [("queued", None)]
        assert line["elapsed_ms"] >= 0
        busy.ollama.gate.set()
        over = await second.answer()
        assert over["timeline"][0]["stage"] == "queued"
        assert over["timeline"][0]["name"] == "Waited"
        assert over["timeline"][0]["took"].endswith(" s")
        async with tab(busy.app.url, conversation=second.conversation) as later:
            assert later.messages[over["id"]]["timeline"] == over["timeline"]


async def test_the_timeline_names_the_cause_of_a_retry(tmp_path: Path) -> None:
    async with (
        OllamaServer() as ollama,
        running_app(tmp_path, "--backend", ollama.url, "--workers", "1") as app,
        tab(app.url) as client,
    ):
        ollama.fail_loads(1)
        await client.ask("hello", model=MODEL)
        over = await client.answer()
        assert over["state"] == "complete"
        retry = next(step for step in over["timeline"] if step["stage"] == "retry")
        assert retry["name"].startswith("Tried again, 1 of ")
        assert retry["cause"] == "The model could not be loaded"


@asynccontextmanager
async def admin_of(busy: Rush) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{busy.app.url}/admin/queue") as http:
        yield http


async def test_an_admin_sees_the_queue_and_puts_anyone_first(tmp_path: Path) -> None:
    async with rush(tmp_path, "second", "third") as busy, admin_of(busy) as http:
        queue = (await http.get("")).json()
        (running,) = queue["running"]
        assert running["person"] == "local"
        assert (running["model"], running["stage"]) == (MODEL, "writing")
        assert [(job["place"], job["stage"], job["turn"]) for job in queue["waiting"]] == [
            (1, "queued", "turn"),
            (2, "queued", "turn"),
        ]
        assert all(job["waited_s"] >= 0 for job in queue["waiting"])
        last = queue["waiting"][1]["id"]
        changed = (await http.post(f"/jobs/{last}/first")).json()
        assert [job["id"] for job in changed["waiting"]] == [last, queue["waiting"][0]["id"]]
        busy.ollama.gate.set()
        await busy.waiting[0].answer()
        assert busy.asked() == ["first", "third", "second"]


async def test_an_admin_stops_what_runs_and_what_waits(tmp_path: Path) -> None:
    async with rush(tmp_path, "second", "third") as busy, admin_of(busy) as http:
        queue = (await http.get("")).json()
        waiting, running = queue["waiting"][1]["id"], queue["running"][0]["id"]
        assert (await http.post(f"/jobs/{waiting}/stop")).status_code == 200
        assert (await busy.waiting[1].answer())["state"] == "stopped"
        assert (await http.post(f"/jobs/{running}/stop")).status_code == 200
        assert (await busy.first.answer())["state"] == "stopped"
        busy.ollama.gate.set()
        assert (await busy.waiting[0].answer())["state"] == "complete"


async def test_a_paused_queue_says_so_and_goes_on_when_resumed(tmp_path: Path) -> None:
    async with rush(tmp_path, "second") as busy, admin_of(busy) as http:
        (second,) = busy.waiting
        paused = (await http.post("/pause")).json()
        assert paused["paused"]
        assert paused["waiting"][0]["waits"] == "paused"
        busy.ollama.gate.set()
        assert (await busy.first.answer())["state"] == "complete"
        await second.until(lambda frame: "the queue is paused" in (frame.get("line") or {}).get("text", ""))
        assert not (await http.post("/resume")).json()["paused"]
        assert (await second.answer())["state"] == "complete"


async def test_a_drained_queue_takes_nothing_until_it_is_resumed(tmp_path: Path) -> None:
    async with rush(tmp_path, "second") as busy, admin_of(busy) as http:
        assert (await http.post("/drain")).json()["draining"]
        async with tab(busy.app.url) as late:
            await late.ask("late", model=MODEL)
            await late.until(lambda frame: frame["t"] == "refused")
            busy.ollama.gate.set()
            assert (await busy.first.answer())["state"] == "complete"
            left = (await http.get("")).json()
            assert (len(left["running"]), len(left["waiting"])) == (0, 1)
            assert not (await http.post("/resume", json={})).json()["draining"]
            assert (await busy.waiting[0].answer())["state"] == "complete"
            await late.ask("late", model=MODEL)
            assert (await late.answer())["state"] == "complete"


async def test_an_admin_pauses_one_backend_and_sets_its_limit(tmp_path: Path) -> None:
    async with rush(tmp_path, "second") as busy, admin_of(busy) as http:
        (backend,) = (await http.get("")).json()["backends"]
        assert (backend["limit"], backend["running"], backend["paused"]) == (1, 1, False)
        paused = (await http.post("/pause", json={"backend": backend["name"]})).json()
        assert paused["backends"][0]["paused"]
        await http.post("/resume", json={"backend": backend["name"]})
        raised = (await http.post("/limit", json={"backend": backend["name"], "limit": 2})).json()
        assert raised["backends"][0]["limit"] == 2
        assert len(raised["running"]) == 2
        busy.ollama.gate.set()
        assert (await busy.waiting[0].answer())["state"] == "complete"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/jobs/00000000-0000-4000-8000-000000000000/stop", "", 404),
        ("/jobs/00000000-0000-4000-8000-000000000000/first", "", 404),
        ("/jobs/nonsense/stop", "", 404),
        ("/dance", "", 404),
        ("/pause", '{"backend": "nowhere"}', 404),
        ("/pause", "{", 422),
        ("/pause", "[]", 422),
        ("/pause", '{"backend": 3}', 422),
        ("/limit", '{"limit": 3}', 422),
        ("/limit", '{"backend": "x", "limit": 0}', 422),
        ("/limit", '{"backend": "x", "limit": true}', 422),
        ("/limit", '{"backend": "nowhere", "limit": "auto"}', 404),
    ],
)
async def test_what_an_admin_cannot_do_is_one_sentence(idle_app: AppProcess, path: str, body: str, status: int) -> None:
    async with httpx.AsyncClient(base_url=f"{idle_app.url}/admin/queue") as http:
        answer = await http.post(path, content=body)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].endswith(".")


async def test_a_job_that_runs_cannot_be_put_first(tmp_path: Path) -> None:
    async with rush(tmp_path) as busy, admin_of(busy) as http:
        running = (await http.get("")).json()["running"][0]["id"]
        refused = await http.post(f"/jobs/{running}/first")
        assert refused.status_code == 409
        assert refused.json() == {"error": "The job does not wait: its turn has come."}


async def test_no_other_site_changes_the_queue(idle_app: AppProcess) -> None:
    async with httpx.AsyncClient(base_url=f"{idle_app.url}/admin/queue") as http:
        crossed = await http.post("/pause", headers={"origin": "http://evil.example"})
        rebound = await http.get("", headers={"host": "evil.example"})
    assert (crossed.status_code, rebound.status_code) == (403, 421)
