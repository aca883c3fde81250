"""The team's prompts are cared for at the console, also while the app runs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acceptance.test_account_commands import command
from tests.support.app import running_app, tab
from tests.support.ollama_server import OllamaServer

REPLY = "Write a friendly reply to {{name}}."


async def test_what_is_added_at_the_console_is_there_for_the_team(tmp_path: Path) -> None:
    file, many = tmp_path / "reply.md", tmp_path / "many.json"
    file.write_text(REPLY)
    many.write_text(json.dumps([{"name": "Reply", "text": "Reply"}, {"name": "Summary", "text": "Sum up {{text}}"}]))
    async with OllamaServer() as ollama, running_app(tmp_path / "data", "--backend", ollama.url) as app:
        data = tmp_path / "data"
        assert await command(data, "prompt", "list") == (0, "")
        assert await command(data, "prompt", "add", "--name", "Reply", "--file", str(file)) == (0, "Reply is added")
        async with tab(app) as client:
            await client.send(t="prompts")
            said = await client.until(lambda frame: frame["t"] == "prompts")
            assert [(item["name"], item["text"], item["change"]) for item in said["items"]] == [("Reply", REPLY, True)]
        assert await command(data, "prompt", "import", str(many)) == (0, "Prompts added: 1, changed: 1")
        assert await command(data, "prompt", "list") == (0, "Reply\tteam\tReply\nSummary\tteam\tSum up {{text}}")
        assert await command(data, "prompt", "remove", "--name", "Reply") == (0, "Reply is removed")
    assert await command(data, "prompt", "list") == (0, "Summary\tteam\tSum up {{text}}")


async def test_what_is_wrong_is_one_line_and_changes_nothing(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    async with OllamaServer() as ollama, running_app(tmp_path / "data", "--backend", ollama.url):
        data = tmp_path / "data"
        for text in ("no JSON", "{}", "[1]", "[" * 100_000, '[{"name": "a"}]', '[{"name": "a", "text": "b"}, {}]'):
            wrong.write_text(text)
            said = await command(data, "prompt", "import", str(wrong))
            assert said == (1, "samovar: The file is no list of prompts: each needs a name and a text.")
        assert (await command(data, "prompt", "import", str(tmp_path / "nowhere")))[0] == 1
        assert (await command(data, "prompt", "remove", "--name", "x"))[1].startswith("samovar: The team has no prompt")
        assert await command(data, "prompt", "list") == (0, "")
