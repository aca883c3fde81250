"""Models on several servers: what is done about one is done on the server beside which it stands."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from chatui.domain.people import AccountRole
from tests.support.house import house
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

QWEN = "qwen3:8b"
PAGE = "/admin/models"
ABLE = ("completion", "vision", "what is new")
SCRIPT = OllamaScript(models=(ScriptedModel(QWEN),))


async def test_a_model_is_loaded_on_the_server_that_was_chosen(tmp_path: Path) -> None:
    async with (
        OllamaServer(SCRIPT) as first,
        OllamaServer(SCRIPT) as second,
        house(tmp_path, first.url, second.url, workers=1) as home,
    ):
        ana = await home.guest("Ana", AccountRole.ADMIN)
        async with ana.client() as http:
            for chosen, loaded in ((second, [[], [QWEN]]), (first, [[QWEN], [QWEN]])):
                key = {"server": chosen.url.removeprefix("http://"), "model": QWEN}
                assert (await http.post(f"{PAGE}/load", data=key)).status_code == httpx.codes.SEE_OTHER
                async with asyncio.timeout(60):
                    await home.core.warm_ups.settle()
                assert [first.stats()["loaded"], second.stats()["loaded"]] == loaded


@pytest.mark.parametrize(
    ("language", "words"), [("en", "answers, sees images, what is new"), ("zh", "可对话、可看图片、what is new")]
)
async def test_what_a_model_can_is_said_in_the_language_of_the_reader(
    tmp_path: Path, language: str, words: str
) -> None:
    script = OllamaScript(models=(ScriptedModel(QWEN, capabilities=ABLE),))
    async with OllamaServer(script) as server, house(tmp_path, server.url, workers=1) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        async with ana.client() as http:
            shown = await http.get(PAGE, headers={"accept-language": language})
    assert words in shown.text
