"""While nothing happens, nothing is done."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.app import tab
from tests.support.house import house
from tests.support.ollama_server import OllamaServer


async def test_an_answer_of_which_nothing_comes_has_the_tabs_looked_after_once_a_second_and_not_more(
    tmp_path: Path,
) -> None:
    async with OllamaServer() as ollama, house(tmp_path, ollama.url) as app:
        bob = await app.guest("Bob")
        ollama.gate.clear()
        async with tab(bob) as page:
            await page.ask("one")
            await page.until(lambda frame: frame["t"] == "live" and frame.get("tail"))
            hub = app.site.hub
            while True:  # until what its beginning changed is told
                hub._changed.clear()
                await hub._tick()
                if not hub._changed.is_set():
                    break
                await asyncio.sleep(0)
            for _ in range(3):
                await hub._tick()
                assert not hub._changed.is_set(), "a look at the tabs wakes no other"
            ollama.gate.set()
            await page.until(lambda frame: frame["t"] == "message" and frame["message"]["role"] == "assistant")
