"""Failures: why, what to do, asked again, seen to, written out."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chatui.operations.failure_advice import KINDS, advice_for
from chatui.web.admin.failures import advise
from chatui.web.pages import Say
from storage.failures import record_failure
from storage.tables import Failure
from tests.support.app import Frame, tab
from tests.support.house import Guest, House
from tests.support.ollama_server import OllamaServer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ABOUT = {"model": "qwen3:8b", "backend": "box"}
GIB = 1024**3


def failed(**fields: object) -> Failure:
    told = {"attempt_number": 1, "code": "memory", "detail": "", "stage": "loading", "backend": "box", "model": "m:1b"}
    return Failure(**{**told, "created_at": NOON, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("detail", "free", "needed", "sentence"),
    [
        ("model requires more system memory (9.1 GiB) than is available (6.3 GiB)", None, None, "needs 9.1 GB, 6.3 GB"),
        ("cuda: out of memory", 2 * GIB, 5 * GIB, "needs 5.0 GB, 2.0 GB"),
        ("cuda: out of memory", None, None, "qwen3:8b did not fit"),
    ],
)
def test_memory_is_advised_by_its_figures(detail: str, free: int | None, needed: int | None, sentence: str) -> None:
    assert sentence in advise(Say("en"), advice_for("memory", detail, free, needed, ABOUT))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_advice_has_words_of_its_own(language: str, kind: str) -> None:
    say = Say(language)
    assert kind == "memory_known" or say(f"failures_advice_{kind}", **ABOUT)


def answered(frame: Frame) -> bool:
    messages = frame.get("messages", [frame.get("message")] if isinstance(frame.get("message"), dict) else [])
    return any(message["role"] == "assistant" and message["state"] == "complete" for message in messages)


async def test_causes_are_shown_resolved_and_come_back_in_the_export(home: House, ana: Guest) -> None:
    job = uuid4()
    rows = [
        failed(job_id=job, account_id=ana.user.id, detail="=cmd|' /C calc'!A0", memory_available=2 * GIB),
        failed(job_id=job, account_id=ana.user.id, attempt_number=2, detail="failed to allocate"),
        failed(code="unreachable", detail="<b>connection refused</b>"),
    ]
    for row in rows:
        await home.core.database.write(lambda session, row=row: record_failure(session, row))  # type: ignore[misc]
    async with ana.client() as http:
        page = (await http.get("/admin/failures")).text
        assert "The model did not fit into memory" in page
        assert "attempts: 2" in page
        assert "<b>connection" not in page
        assert "Ask again" not in page  # there is no such job to be asked again
        assert (await http.post("/admin/failures/resolve", data={"job": str(job)})).status_code == 303
        page = (await http.get("/admin/failures?done=resolved")).text
        assert "The model did not fit into memory" not in page
        assert (await http.post("/admin/failures/resolve", data={"code": "unreachable"})).status_code == 303
        assert "Nothing failed" in (await http.get("/admin/failures")).text
        assert (await http.post("/admin/failures/resolve", data={"code": "unreachable"})).status_code == 404
        for form in ({}, {"job": "none"}, {"job": str(uuid4())}):
            assert (await http.post("/admin/failures/replay", data=form)).status_code == 404
        export = await http.get("/admin/failures/export")
    cells = list(csv.reader(io.StringIO(export.content.decode("utf-8-sig"))))
    assert len(cells) == 4
    assert "'=cmd|' /C calc'!A0" in {row[7] for row in cells}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
async def test_a_spreadsheet_computes_nothing(home: House, ana: Guest, start: str) -> None:
    await home.core.database.write(lambda session: record_failure(session, failed(detail=f"{start}1+1")))
    async with ana.client() as http:
        text = (await http.get("/admin/failures/export")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[1][7] == f"'{start}1+1"


async def test_what_failed_is_asked_again_and_leaves_the_inbox(
    home: House, ana: Guest, eve: Guest, ollama: OllamaServer
) -> None:
    ollama.fail_loads(1, "model is broken: may be incompatible with your version")
    async with tab(eve) as other, ana.client() as http, tab(ana) as hers:
        await other.ask("tokens=3", model="llama3.2:1b")
        assert (await other.answer())["state"] == "failed"
        await hers.send(t="admin.failures")
        told = await hers.until(lambda frame: frame["t"] == "admin.failures")
        assert [(group["code"], group["count"]) for group in told["groups"]] == [("unknown", 1)]
        page = (await http.get("/admin/failures")).text
        assert "Ask again" in page
        job = page.split('name="job" value="')[1].split('"')[0]
        assert (await http.post("/admin/failures/replay", data={"job": job, "model": ""})).status_code == 303
        assert "Nothing failed" in (await http.get("/admin/failures")).text
        await other.until(answered)
