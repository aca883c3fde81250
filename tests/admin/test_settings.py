"""Settings on the served app: what an admin saves holds at once, survives a restart, and can be taken back."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from chatui.domain.errors import Forbidden, NotFound
from chatui.domain.messages import ModelName
from chatui.domain.people import AccountRole, Principal
from chatui.operations.settings.definitions import DEFINITIONS, MODEL_DEFINITIONS, Definition
from chatui.scheduler.decision import Auto, Fixed
from chatui.web.admin.settings import SETTINGS
from tests.support.app import tab
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaScript, OllamaServer
from tests.support.rows import Rows, every_row
from tests.support.setting_values import right_values, wrong_values

SEE_OTHER, WRONG, NOT_FOUND = 303, 422, 404
FLAW = re.compile(r'<p class="flaw" id="([^"]*)-flaw" role="alert">([^<]+)</p>')


def by(guest: Guest) -> Principal:
    return Principal(guest.user, "127.0.0.1")


def limit_of(home: House) -> int:
    (state,) = home.core.scheduler.backends().values()
    return state.limiter(home.core.fleet.models()[0].name).limit


@pytest.fixture(autouse=True)
def _levels() -> Iterator[None]:
    """Leave the console as it was."""
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


def kept(session: Session) -> Rows:
    """Every row, but when a session was used."""
    return every_row(session, but={"used_at"})


async def save(home: House, guest: Guest, **typed: str) -> None:
    assert await home.core.settings.change(by(guest), typed) == {}


async def test_wrong_input_in_every_field_gets_a_sentence_and_changes_nothing(home: House, ana: Guest) -> None:
    before = await home.core.database.read(kept)
    async with ana.client() as http:
        for one in DEFINITIONS:
            for text in wrong_values(one.kind):
                page = await http.post(SETTINGS, data={one.name: text})
                assert page.status_code == WRONG
                assert [name for name, _ in FLAW.findall(page.text)] == [one.name], text
    assert await home.core.database.read(kept) == before


async def test_one_wrong_field_keeps_the_others_of_its_section_from_being_saved(home: House, ana: Guest) -> None:
    async with ana.client() as http:
        page = await http.post(SETTINGS, data={"retries": "7", "queue_total": "<many>"})
    assert FLAW.findall(page.text) == [("queue_total", "Type a whole number, in digits alone.")]
    assert 'value="7"' in page.text, "what was typed is not lost"
    assert "&lt;many&gt;" in page.text
    assert home.core.settings.in_force.now.retries == 3


async def test_wrong_input_for_a_model_gets_a_sentence_and_changes_nothing(home: House, ana: Guest) -> None:
    model = home.core.fleet.models()[0].name
    async with ana.client() as http:
        for one in MODEL_DEFINITIONS:
            for text in wrong_values(one.kind):
                if text.strip():
                    page = await http.post(f"{SETTINGS}/model", data={"model": model, one.name: text})
                    assert page.status_code == WRONG
                    assert [name.rpartition("-")[2] for name, _ in FLAW.findall(page.text)] == [one.name], text
        assert (
            await http.post(f"{SETTINGS}/model", data={"model": "none", "num_ctx": "4096"})
        ).status_code == NOT_FOUND
    assert home.core.settings.in_force.options_set(model) == {}


@pytest.mark.parametrize("one", DEFINITIONS, ids=lambda one: one.name)
async def test_every_setting_can_be_set_and_unset(one: Definition, home: House, ana: Guest) -> None:
    in_force = home.core.settings.in_force
    started_with = getattr(in_force.now, one.name)
    async with ana.client() as http:
        for text in right_values(one.kind):
            assert (await http.post(SETTINGS, data={one.name: text})).status_code == SEE_OTHER
            assert getattr(in_force.now, one.name) == one.kind.read(text)
        assert in_force.source_of(one.name) == "stored"
        assert (await http.post(f"{SETTINGS}/unset", data={"unset": one.name})).status_code == SEE_OTHER
    assert getattr(in_force.now, one.name) == started_with
    assert in_force.source_of(one.name) != "stored"


async def test_what_was_saved_survives_a_restart_and_wins_over_flags(tmp_path: Path, ollama: OllamaServer) -> None:
    async with house(tmp_path, ollama.url, workers="1", retries=1) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        await save(home, ana, workers="2", retries="0", sign_up="open", log_level="error", progress_seconds="7.5")
        await home.core.settings.change_options(by(ana), home.core.fleet.models()[0].name, {"num_ctx": "1024"})
    logging.getLogger().setLevel(logging.WARNING)
    async with house(tmp_path, ollama.url, workers="1", retries=9) as home:
        now = home.core.settings.in_force.now
        assert (now.workers, now.retries, now.sign_up, now.progress_seconds) == (2, 0, "open", 7.5)
        assert limit_of(home) == 2
        assert home.core.fleet.context_tokens(home.core.fleet.models()[0].name) == 1024
        assert (await home.core.accounts.service.sign_up_mode()).value == "open"
        assert logging.getLogger().level == logging.ERROR


async def test_the_queue_is_told_at_once(home: House, ana: Guest) -> None:
    scheduler: Any = home.core.scheduler  # to look inside
    (backend,) = scheduler.backends()
    await save(home, ana, workers="3")
    assert limit_of(home) == 3
    await save(home, ana, workers="auto", max_workers="2")
    state = scheduler.backends()[backend]
    limiter = state.limiter(home.core.fleet.models()[0].name)
    assert getattr(limiter, "maximum", None) == 2
    await save(home, ana, running_per_person="1", queued_per_person="4", queue_total="5", retries="1")
    config = scheduler._policy._situation.config
    assert (config.running_per_user, config.queued_per_user, config.queued_in_all) == (1, 4, 5)
    assert scheduler._retrier.policy.retries == 1
    assert scheduler._policy._limits.usual == Auto(1)
    await save(home, ana, workers="2")
    assert scheduler._policy._limits.usual == Fixed(2)


async def test_one_more_waiting_question_is_refused_once_that_is_saved(
    home: House, ana: Guest, ollama: OllamaServer
) -> None:
    ollama.gate.clear()
    async with tab(ana) as first, tab(ana) as second, tab(ana) as third:
        await first.ask("one")
        await first.until(lambda frame: frame["t"] == "live")
        await second.ask("two")
        await second.until(lambda frame: frame["t"] == "asked")
        await save(home, ana, queued_per_person="1")
        await third.ask("three")
        refused = await third.until(lambda frame: frame["t"] == "refused")
        assert "One of your messages" in refused["sentence"]
        await save(home, ana, workers="2")
        ollama.gate.set()
        await first.answer()


async def test_more_workers_begin_with_what_waits(tmp_path: Path) -> None:
    async with OllamaServer(OllamaScript(parallel=2)) as ollama, house(tmp_path, ollama.url, workers=1) as home:
        await begins_with_the_second(home, await home.guest("Ana", AccountRole.ADMIN), ollama)


async def begins_with_the_second(home: House, ana: Guest, ollama: OllamaServer) -> None:
    ollama.gate.clear()
    async with tab(ana) as first, tab(ana) as second:
        await first.ask("one")
        await first.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
        await second.ask("two")
        await second.until(lambda frame: frame["t"] == "asked")
        assert ollama.stats()["generating"] == 1
        await save(home, ana, workers="2")
        await second.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
        assert ollama.stats()["generating"] == 2
        ollama.gate.set()
        await first.answer()


async def test_questions_and_answers_have_other_bounds_at_once(home: House, ana: Guest, ollama: OllamaServer) -> None:
    await save(home, ana, message_characters="100", answer_tokens="16", context_tokens="1024")
    async with tab(ana) as client:
        welcome = next(frame for frame in client.frames if frame["t"] == "welcome")
        assert welcome["limits"]["characters"] == 100
        await client.ask("x" * 101)
        assert "100" in (await client.until(lambda frame: frame["t"] == "refused"))["sentence"]
        await client.ask("hello")
        await client.answer()
    options = ollama.bodies("/api/chat")[-1]["options"]
    assert (options["num_predict"], options["num_ctx"]) == (16, 1024)


async def test_a_models_options_go_with_its_next_question(home: House, ana: Guest, ollama: OllamaServer) -> None:
    model = home.core.fleet.models()[0].name
    async with ana.client() as http, tab(ana) as client:
        form = {"model": model, "num_ctx": "2048", "num_gpu": "0", "num_batch": "256", "keep_alive": "-1"}
        assert (await http.post(f"{SETTINGS}/model", data=form)).status_code == SEE_OTHER
        await client.ask("hello", model=model)
        await client.answer()
        sent = ollama.bodies("/api/chat")[-1]
        assert {key: sent["options"][key] for key in ("num_ctx", "num_gpu", "num_batch")} == {
            "num_ctx": 2048,
            "num_gpu": 0,
            "num_batch": 256,
        }
        assert sent["keep_alive"] == -1
        emptied = {**form, "num_gpu": "", "num_batch": " ", "keep_alive": "", "num_ctx": ""}
        assert (await http.post(f"{SETTINGS}/model", data=emptied)).status_code == SEE_OTHER
    assert home.core.settings.in_force.options_set(model) == {}


async def test_deadlines_upkeep_and_sessions_read_what_holds(home: House, ana: Guest) -> None:
    core = home.core
    await save(home, ana, connect_seconds="2.5", load_seconds="9", first_token_seconds="8", total_seconds="70")
    backend: Any = core.fleet.backend(core.fleet.statuses()[0].name)  # to look inside
    deadlines = backend._deadlines
    assert (deadlines.connect, deadlines.load) == (timedelta(seconds=2.5), timedelta(seconds=9))
    assert (deadlines.first_token, deadlines.total) == (timedelta(seconds=8), timedelta(seconds=70))
    await save(home, ana, session_idle_hours="1.5", session_days="2", temporary_minutes="5")
    rules = core.accounts.desk.rules.sessions_now()
    assert (rules.idle, rules.absolute) == (timedelta(hours=1.5), timedelta(days=2))
    assert core.services.temporary._idle() == timedelta(minutes=5)
    await save(home, ana, log_level="error")
    assert logging.getLogger().level == logging.ERROR


async def test_a_session_that_is_too_old_now_is_over(home: House, ana: Guest) -> None:
    eve = await home.guest("Eve")
    rules = home.core.accounts.desk.rules
    await save(home, ana, session_idle_hours="0.1")
    assert rules.sessions_now().idle == timedelta(minutes=6)
    async with eve.client() as http:
        assert (await http.get("/session")).status_code == httpx.codes.OK


async def test_history_tells_who_and_undo_puts_back(home: House, ana: Guest) -> None:
    in_force = home.core.settings.in_force
    await save(home, ana, retries="5")
    await save(home, ana, retries="5")
    await save(home, ana, retries="6")
    async with ana.client() as http:
        changes = await home.core.settings.history(by(ana), 10)
        assert [(made.before, made.after) for made in changes] == [(5, 6), (None, 5)]
        assert {made.changed_by for made in changes} == {ana.user.id}
        page = (await http.get(SETTINGS)).text
        assert page.count('action="/admin/settings/undo"') == 2, "every change whose former value does not hold now"
        assert "Put back" in page
        assert "Tries after a failed one" in page
        assert (await http.post(f"{SETTINGS}/undo", data={"change": str(changes[0].id)})).status_code == SEE_OTHER
        assert in_force.now.retries == 5
        assert (await http.post(f"{SETTINGS}/undo", data={"change": str(changes[1].id)})).status_code == SEE_OTHER
        assert in_force.source_of("retries") != "stored"
        for wrong in ("", "x", "999", "9" * 30):
            assert (await http.post(f"{SETTINGS}/undo", data={"change": wrong})).status_code == NOT_FOUND
        audit = (await http.get("/admin/people/audit")).text
    assert audit.count("changed a setting") >= 4


async def test_any_change_of_the_history_is_put_back(home: House, ana: Guest) -> None:
    for value in ("5", "6", "7"):
        await save(home, ana, retries=value)
    async with ana.client() as http:
        (_, middle, oldest) = await home.core.settings.history(by(ana), 10)
        await http.post(f"{SETTINGS}/undo", data={"change": str(middle.id)})
        assert home.core.settings.in_force.now.retries == 5
        # Of the four changes now, one had put in what holds: there is nothing to put back.
        page = (await http.get(SETTINGS)).text
        assert page.count('action="/admin/settings/undo"') == 3
        await http.post(f"{SETTINGS}/undo", data={"change": str(oldest.id)})
        assert home.core.settings.in_force.source_of("retries") == "default"


async def test_sign_up_is_the_same_setting_on_both_pages(home: House, ana: Guest) -> None:
    async with ana.client() as http:
        await http.post("/admin/people/sign-up", data={"mode": "open"})
        await home.core.settings.in_force.refresh()
        assert home.core.settings.in_force.now.sign_up == "open"
        await http.post(f"{SETTINGS}/unset", data={"unset": "sign_up"})
    assert (await home.core.accounts.service.sign_up_mode()).value == "closed"


async def test_a_value_that_an_older_version_stored_does_not_stop_the_app(
    tmp_path: Path, ollama: OllamaServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path, ollama.url) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        await home.core.settings.store(by(ana), {"setting.retries": 4_000, "setting.kettle": 1, "model.num_ctx:m": "x"})
    async with house(tmp_path, ollama.url) as home:
        assert home.core.settings.in_force.now.retries == 3
        async with (await home.again(ana)).client() as http:
            assert (await http.get(SETTINGS)).status_code == httpx.codes.OK
    assert "setting.retries" in caplog.text


async def test_a_member_changes_nothing(home: House, eve: Guest) -> None:
    tries: list[Callable[[], Any]] = [
        lambda: home.core.settings.change(by(eve), {"retries": "0"}),
        lambda: home.core.settings.unset(by(eve), "retries"),
        lambda: home.core.settings.change_options(by(eve), ModelName("m"), {"num_ctx": "512"}),
        lambda: home.core.settings.history(by(eve), 1),
        lambda: home.core.settings.undo(by(eve), 1),
    ]
    for attempt in tries:
        with pytest.raises(Forbidden):
            await attempt()


async def test_there_is_no_other_setting(home: House, ana: Guest) -> None:
    for name in ("host", "data", "kettle", "__class__"):
        with pytest.raises(NotFound):
            await home.core.settings.change(by(ana), {name: "1"})
