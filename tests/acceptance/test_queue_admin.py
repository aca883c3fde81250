"""What an admin's scripts do with the queue while it is busy, through the real app."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.app import ADMIN, Frame, TabClient, tab
from tests.support.rush import MODEL, QUEUE, House, open_house, rush

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def test_an_admin_sees_the_queue_and_puts_anyone_first(house: House) -> None:
    async with rush(house, "second", "third") as busy:
        queue = await house.queue()
        (running,) = queue["running"]
        assert running["person"] == ADMIN
        assert (running["model"], running["stage"]) == (MODEL, "writing")
        assert [(job["place"], job["stage"], job["turn"]) for job in queue["waiting"]] == [
            (1, "queued", "turn"),
            (2, "queued", "turn"),
        ]
        assert all(job["waited_s"] >= 0 for job in queue["waiting"])
        last = queue["waiting"][1]["id"]
        changed = (await house.admin.post(f"{QUEUE}/jobs/{last}/first")).json()
        assert [job["id"] for job in changed["waiting"]] == [last, queue["waiting"][0]["id"]]
        busy.gate.set()
        await busy.waiting[0].answer()
        assert busy.asked() == ["first", "third", "second"]


async def test_an_admin_stops_what_runs_and_what_waits(house: House) -> None:
    async with rush(house, "second", "third") as busy:
        queue = await house.queue()
        waiting, running = queue["waiting"][1]["id"], queue["running"][0]["id"]
        assert (await house.admin.post(f"{QUEUE}/jobs/{waiting}/stop")).status_code == 200
        assert (await busy.waiting[1].answer())["state"] == "stopped"
        assert (await house.admin.post(f"{QUEUE}/jobs/{running}/stop")).status_code == 200
        assert (await busy.first.answer())["state"] == "stopped"
        busy.gate.set()
        assert (await busy.waiting[0].answer())["state"] == "complete"


async def test_a_paused_queue_says_so_and_goes_on_when_resumed(house: House) -> None:
    async with rush(house, "second") as busy:
        (second,) = busy.waiting
        paused = (await house.admin.post(f"{QUEUE}/pause")).json()
        assert paused["paused"]
        assert paused["waiting"][0]["waits"] == "paused"
        busy.gate.set()
        assert (await busy.first.answer())["state"] == "complete"
        await second.until(lambda frame: "the queue is paused" in (frame.get("line") or {}).get("text", ""))
        assert not (await house.admin.post(f"{QUEUE}/resume")).json()["paused"]
        assert (await second.answer())["state"] == "complete"


async def test_a_drained_queue_takes_nothing_until_it_is_resumed(house: House) -> None:
    async with rush(house, "second") as busy:
        assert (await house.admin.post(f"{QUEUE}/drain")).json()["draining"]
        async with tab(house.app) as late:
            await late.ask("late", model=MODEL)
            await late.until(lambda frame: frame["t"] == "refused")
            busy.gate.set()
            assert (await busy.first.answer())["state"] == "complete"
            left = await house.queue()
            assert (len(left["running"]), len(left["waiting"])) == (0, 1)
            assert not (await house.admin.post(f"{QUEUE}/resume", json={})).json()["draining"]
            assert (await busy.waiting[0].answer())["state"] == "complete"
            await late.ask("late", model=MODEL)
            assert (await late.answer())["state"] == "complete"


async def test_an_admin_pauses_one_backend_and_sets_its_limit(house: House) -> None:
    async with rush(house, "second") as busy:
        (backend,) = (await house.queue())["backends"]
        assert (backend["limit"], backend["running"], backend["paused"]) == (1, 1, False)
        paused = (await house.admin.post(f"{QUEUE}/pause", json={"backend": backend["name"]})).json()
        assert paused["backends"][0]["paused"]
        await house.admin.post(f"{QUEUE}/resume", json={"backend": backend["name"]})
        raised = (await house.admin.post(f"{QUEUE}/limit", json={"backend": backend["name"], "limit": 2})).json()
        assert raised["backends"][0]["limit"] == 2
        assert len(raised["running"]) == 2
        await house.admin.post(f"{QUEUE}/limit", json={"backend": backend["name"], "limit": 1})
        busy.gate.set()
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
async def test_what_an_admin_cannot_do_is_one_sentence(house: House, path: str, body: str, status: int) -> None:
    answer = await house.admin.post(f"{QUEUE}{path}", content=body)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].endswith(".")


async def test_a_job_that_runs_cannot_be_put_first(house: House) -> None:
    async with rush(house):
        running = (await house.queue())["running"][0]["id"]
        refused = await house.admin.post(f"{QUEUE}/jobs/{running}/first")
        assert refused.status_code == 409
        assert refused.json() == {"error": "The job does not wait: its turn has come."}


async def test_no_other_site_changes_the_queue(house: House) -> None:
    crossed = await house.admin.post(f"{QUEUE}/pause", headers={"origin": "http://evil.example"})
    rebound = await house.admin.get(QUEUE, headers={"host": "evil.example"})
    assert (crossed.status_code, rebound.status_code) == (403, 421)


async def test_what_failed_is_told_and_can_be_answered_once_more_by_another_model(house: House) -> None:
    house.ollama.fail_loads(1, "the model may be incompatible with your version of Ollama")
    async with tab(house.app) as client:
        await client.ask("hello", model="qwen3:1.7b")
        assert (await client.answer())["state"] == "failed"
        failure = (await house.admin.get(f"{QUEUE}/failures")).json()["failures"][0]
        assert (failure["model"], failure["stage"], failure["person"]) == ("qwen3:1.7b", "loading", ADMIN)
        assert "incompatible" in failure["detail"]
        assert failure["memory_available"] > 0
        replay = f"{QUEUE}/jobs/{failure['job']}/replay"
        assert (await house.admin.post(replay, json={"model": 7})).status_code == 422
        assert (await house.admin.post(replay, json={"model": "nobody:1b"})).status_code == 409
        assert (await house.admin.post(replay, json={"model": MODEL})).status_code == 200
    async with tab(house.app, client.conversation) as again:
        answers = [message for message in again.messages.values() if message["role"] == "assistant"]
        answer = answers[-1] if answers[-1]["state"] == "complete" else await again.answer()
        assert (answer["state"], answer["model"]) == ("complete", MODEL)
    assert (await house.admin.post(f"{QUEUE}/jobs/nothing/replay")).status_code == 404


async def test_its_owner_asks_again_by_another_model(house: House) -> None:
    house.ollama.fail_loads(1, "the model may be incompatible with your version of Ollama")
    async with tab(house.app) as client:
        await client.ask("hello", model="qwen3:1.7b")
        failed = await client.answer()
        await client.send(t="again", message=failed["id"], model=MODEL)
        # A quick answer is whole already when the conversation is shown with it.
        await client.until(lambda _: any(message["state"] == "complete" for message in answers_of(client)))
        assert [(answer["state"], answer["model"]) for answer in answers_of(client)][-1] == ("complete", MODEL)


def answers_of(client: TabClient) -> list[Frame]:
    return [message for message in client.messages.values() if message["role"] == "assistant"]
