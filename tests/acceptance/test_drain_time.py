"""How long answers may go on when the app is stopped: what an admin sets holds at the next stop, and over a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tests.support.app import AppProcess, running_app, tab
from tests.support.ollama_server import OllamaServer
from tests.support.rush import has_text

LONG = "600"  # longer than a test may take


async def stopped_in_mid_answer(app: AppProcess, ollama: OllamaServer) -> None:
    """Stop the app while an answer is written that will not end by itself; returns once the process has ended."""
    ollama.gate.clear()
    async with tab(app) as client:
        await client.ask("tokens=400")
        await client.until(has_text)
        app.terminate()
        async with asyncio.timeout(60):
            assert await app.wait() == 0
    ollama.gate.set()


async def test_the_time_to_end_is_what_an_admin_set(tmp_path: Path) -> None:
    async with OllamaServer() as ollama:
        flags = ("--backend", ollama.url, "--drain-seconds", LONG)
        async with running_app(tmp_path, *flags) as app:
            async with httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60) as admin:
                saved = await admin.post("/admin/settings", data={"drain_seconds": "0"})
                assert saved.status_code == httpx.codes.SEE_OTHER
            await stopped_in_mid_answer(app, ollama)
        async with running_app(tmp_path, *flags) as app:
            await stopped_in_mid_answer(app, ollama)


async def test_an_answer_ends_within_the_time_that_was_set(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url, "--drain-seconds", "0") as app:
        async with httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60) as admin:
            await admin.post("/admin/settings", data={"drain_seconds": LONG})
        ollama.gate.clear()
        async with tab(app) as client:
            await client.ask("tokens=40")
            await client.until(has_text)
            app.terminate()
            await client.until(lambda frame: "about to restart" in str(frame))
            ollama.gate.set()
            assert (await client.answer())["state"] == "complete"
