"""Nothing scrolls sideways, is cut off or lies over something else, on any page and in any state that people see."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.busy_scenes import BUSY, STOPPING, busy_place, stop
from tests.browser.scenes import QUIET, place
from tests.browser.screenshots import Look, draw, draw_all
from tests.support.clipping import broken

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
NARROW = Look("phone", "zh-CN")
BROKEN = """<main style="width: 90vw">
  <p style="position: absolute; top: 10px">one over</p><p style="position: absolute; top: 12px">the other</p>
  <p style="overflow: hidden; white-space: nowrap; width: 3em; position: absolute; top: 200px">what is cut off here</p>
  <p style="overflow: hidden; white-space: nowrap; width: 3em; text-overflow: ellipsis">and says so</p>
  <p style="width: 120vw; position: absolute; top: 300px">wide</p>
</main>"""


async def test_what_is_broken_is_seen(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content(BROKEN)
    faults = await broken(page)
    assert sorted({fault.partition(":")[0] for fault in faults}) == [
        "beyond the edge",
        "cut off",
        "over p.",
        "the page scrolls sideways",
    ]
    await page.close()


@pytest.mark.broad
@pytest.mark.timeout(1200)  # each of many pages may be slow on a busy machine
async def test_no_scene_of_the_chat_page_is_broken_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    scenes = [scene for scene in QUIET if not scene.name.startswith(("admin", "door"))]
    async with place(tmp_path) as at:
        assert await draw(browser, at, NARROW, scenes, None) == []


@pytest.mark.broad
@pytest.mark.timeout(1200)
async def test_no_scene_of_a_busy_app_is_broken_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    async with busy_place(tmp_path) as at:
        assert await draw(browser, at, NARROW, BUSY, None) == []
        assert await draw(browser, await stop(at), NARROW, STOPPING, None) == []


@pytest.mark.long
async def test_no_scene_is_broken_in_any_look(browser: Browser, tmp_path: Path) -> None:
    assert await draw_all(browser, tmp_path, None) == []
