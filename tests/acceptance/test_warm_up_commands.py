"""Warm-ups planned at the console are done by the app that runs beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.acceptance.test_account_commands import command
from tests.support.app import running_app
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

HOURS = ("--from", "00:00", "--until", "00:00", "--days", "mon-sun", "--zone", "Europe/Berlin")


async def test_a_plan_made_at_the_console_loads_the_model(tmp_path: Path) -> None:
    script = OllamaScript(models=(ScriptedModel("qwen3:8b"),))
    async with OllamaServer(script) as ollama:
        async with running_app(tmp_path, "--backend", ollama.url):
            status, line = await command(tmp_path, "warm-up", "add", "--model", "qwen3:8b", *HOURS)
            assert status == 0
            assert line.split("\t")[1:5] == ["qwen3:8b", "mon,tue,wed,thu,fri,sat,sun", "00:00-00:00", "Europe/Berlin"]
            assert (await command(tmp_path, "warm-up", "list"))[1].split("\t")[0] == line.split("\t")[0]

        async with running_app(tmp_path, "--backend", ollama.url):
            async with asyncio.timeout(60):
                while not ollama.memory.counters.loads:  # noqa: ASYNC110 - another process asks for it
                    await asyncio.sleep(0.05)
        removed = await command(tmp_path, "warm-up", "remove", "--id", line.split("\t")[0])
        assert removed == (0, "qwen3:8b is not warmed up by that plan any more")
        assert await command(tmp_path, "warm-up", "list") == (0, "")


async def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url):
        for wrong, says in (
            (("--from", "25:00"), "--from: give a time such as 08:00."),
            (("--days", "caturday"), "--days: give days such as mon-fri or sat,sun."),
            (("--zone", "Mars/Olympus"), "--zone: give a time zone such as Europe/Berlin."),
        ):
            said = await command(tmp_path, "warm-up", "add", "--model", "a", *HOURS, *wrong)
            assert said == (1, f"samovar: {says}")
        assert (await command(tmp_path, "warm-up", "remove", "--id", "x"))[0] == 1
        assert await command(tmp_path, "warm-up", "list") == (0, "")
