"""Settings at the console: the app that runs takes them up within a second."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.acceptance.test_account_commands import command
from tests.support.app import running_app, tab
from tests.support.ollama_server import OllamaServer


async def test_settings_are_changed_beside_the_app(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        assert await command(tmp_path, "settings", "get", "retries") == (0, "3\tdefault")
        assert await command(tmp_path, "settings", "set", "message-characters", "100") == (
            0,
            "message_characters is 100 now",
        )
        async with asyncio.timeout(60), tab(app) as client:
            while True:
                await client.ask("x" * 101)
                frame = await client.until(lambda frame: frame["t"] in {"refused", "asked"})
                if frame["t"] == "refused" and "100" in frame["sentence"]:
                    break
        assert await command(tmp_path, "settings", "set", "num_ctx", "1024", "--model", "m:1b") == (
            0,
            "num_ctx of m:1b is 1024 now",
        )
        status, wrong = await command(tmp_path, "settings", "set", "retries", "eleven")
        assert (status, wrong) == (1, "samovar: retries 'eleven': Type a whole number, in digits alone.")
        assert (await command(tmp_path, "settings", "set", "kettle", "1"))[0] == 1
        status, listed = await command(tmp_path, "settings", "list")
        assert status == 0
        assert {"message_characters\t100\tstored", "retries\t3\tdefault", "num_ctx m:1b\t1024\tstored"} <= set(
            listed.splitlines()
        )
        assert (await command(tmp_path, "settings", "unset", "message_characters"))[1].endswith("is 32000 now")
        status, history = await command(tmp_path, "settings", "history")
        assert status == 0
        assert [line.split("\t")[1:3] for line in history.splitlines()] == [
            ["Longest question", "100 -> not set"],
            ["Context, m:1b", "not set -> 1024"],
            ["Longest question", "not set -> 100"],
        ]
