"""The case that this app is for, as it is started: five ask, the server answers one and refuses four."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from sqlmodel import select

from storage.database import Database
from storage.tables import Failure, Job
from tests.support.app import AppProcess, TabClient, running_app, tab
from tests.support.fault_server import error_reply
from tests.support.faulty_ollama import MODEL, WHOLE, faulty_ollama, whole_answer

UNABLE = error_reply(500, "unable to load model: /models/blobs/sha256-00e1317c")
TRYING_AGAIN = re.compile(r"The model could not be loaded\. Trying again (in \d+ s|now) \(\d of 3\)\.")


async def ask(app: AppProcess, number: int) -> TabClient:
    async with tab(app) as client:
        await client.ask(f"question {number}")
        await client.answer()
        return client


async def test_five_people_get_whole_answers_and_nobody_presses_anything(data: Path) -> None:
    async with faulty_ollama() as server:
        server.memory.add(MODEL)
        server.chats.extend([whole_answer, *[UNABLE] * 4])
        async with running_app(data, "--backend", server.url, "--workers", "5") as app:
            tabs = await asyncio.gather(*(ask(app, number) for number in range(5)))
    answers = [message for client in tabs for message in client.messages.values() if message["role"] == "assistant"]
    assert [(answer["state"], answer["text"], answer["notice"]) for answer in answers] == [
        ("complete", WHOLE, None)
    ] * 5
    lines = {line["text"] for client in tabs for line in client.lines if line["stage"] == "retry"}
    assert lines
    assert all(TRYING_AGAIN.fullmatch(text) for text in lines), lines

    database = await Database.open(data)
    records = await database.read(lambda session: session.exec(select(Failure)).all())
    jobs = await database.read(lambda session: session.exec(select(Job)).all())
    await database.close()
    assert [record.code for record in records] == ["model_load"] * 4
    assert all("unable to load model" in record.detail for record in records)
    assert [job.state for job in jobs] == ["done"] * 5
