"""The best number of workers is found at the console: by the app that runs, or without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.test_account_commands import command
from tests.support.app import ADMIN, PASSWORD, running_app
from tests.support.ollama_server import OllamaScript, OllamaServer

MODEL = "llama3.2:1b"


async def test_the_app_that_runs_measures_and_has_what_was_found(tmp_path: Path) -> None:
    script = OllamaScript(answer_tokens=400)
    async with OllamaServer(script) as ollama, running_app(tmp_path, "--backend", ollama.url):
        status, said = await command(tmp_path, "tune", "--model", MODEL, "--maximum", "1", "--apply")
        assert status == 0, said
        figures, found, applied = said.splitlines()
        assert figures.split("\t")[0] == "1"
        assert figures.endswith("recommended")
        assert found.startswith(f"{MODEL} on ")
        assert applied == "workers is 1 now"
        assert await command(tmp_path, "settings", "get", "workers") == (0, "1\tstored")


@pytest.mark.broad
async def test_without_an_app_the_built_in_model_is_measured(tmp_path: Path) -> None:
    await command(tmp_path, "admin", "create", "--name", ADMIN, "--password-stdin", says=f"{PASSWORD}\n")
    status, said = await command(tmp_path, "tune", "--maximum", "1")
    assert status == 0, said
    assert "tokens/s" in said
    assert (await command(tmp_path, "settings", "get", "workers"))[1] == "auto\tdefault"


async def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    assert (await command(tmp_path, "tune"))[1].startswith("samovar: There is no admin yet.")
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url):
        status, said = await command(tmp_path, "tune", "--maximum", "many")
        assert (status, said.count("\n")) == (1, 0)
        assert said.startswith("samovar: --maximum 'many': ")
        status, said = await command(tmp_path, "tune", "--model", "gone:1b")
        assert (status, said.count("\n")) == (1, 0)
        assert "No server that answers has the model." in said
