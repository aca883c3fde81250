"""What admins see, measured in a browser: no page is wider than a phone, and the strip shows where one is."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page

from chatui.domain.people import AccountRole
from chatui.web.admin.tabs import TABS
from tests.browser.test_warm_up_page import page_of
from tests.support.house import House, house
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG = "hf.co/unsloth/DeepSeek-R1-Distill-Qwen-14B-GGUF:Q4_K_M"
# What can be scrolled sideways, or is cut.
WIDE = """() => [document.documentElement, ...document.querySelectorAll("main .wide, main .value")]
  .filter(element => element.scrollWidth > element.clientWidth + 1)
  .map(element => `${element.tagName}.${element.className}: ${element.scrollWidth} > ${element.clientWidth}`)"""
# Where the page stands in the strip, as far as it can be seen.
SHOWN = """() => {
  const box = document.querySelector(".pages a[aria-current]").getBoundingClientRect();
  return box.left >= 0 && box.right <= innerWidth;
}"""


OPEN = """() => document.querySelectorAll("main details").forEach(details => { details.open = true; })"""
# Buttons that lie over something else, or under it, or outside of what can be seen.
COVERED = """() => [...document.querySelectorAll("main td button, main td a.button")].filter(button => {
  button.scrollIntoView({block: "center"});
  const box = button.getBoundingClientRect();
  const points = [[box.left + 3, box.top + 3], [box.right - 3, box.bottom - 3]];
  const cells = [...button.closest("tr").cells].filter(cell => !cell.contains(button));
  const lies = cells.some(cell => {
    const other = cell.getBoundingClientRect();
    return other.width && box.left < other.right - 1 && other.left < box.right - 1
      && box.top < other.bottom - 1 && other.top < box.bottom - 1;
  });
  return lies || points.some(([x, y]) => document.elementFromPoint(x, y)?.closest("button, a") !== button);
}).map(button => `${button.textContent} is covered`)"""


@pytest.mark.broad
async def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, data: Path) -> None:
    script = OllamaScript(models=(ScriptedModel(LONG), ScriptedModel("llama3.2:1b")))
    async with OllamaServer(script) as ollama, house(data, ollama.url, backend_zone=("loopback",)) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        await app.guest("Wolfeschlegelsteinhausenbergerdorff-Montgomery-Smith")
        async with admin.client() as http:
            await fill(http)
        faults: list[str] = []
        async with page_of(browser, admin, "/admin") as page:
            for width in (1280, 768, 390):
                await page.set_viewport_size({"width": width, "height": 844})
                for tab in TABS:
                    faults += await looked_at(page, app, tab.path, width)
        assert faults == []


async def fill(http: httpx.AsyncClient) -> None:
    """Have something on every page, an error among it."""
    post = http.post
    hours = {"begins": "08:00", "ends": "18:00", "zone": "Europe/Berlin", "day_0": "1", "day_6": "1"}
    await post("/admin/settings", data={"retries": "5"})
    await post("/admin/backends/add", data={"url": "http://127.0.0.1:9"})
    await post("/admin/database/backup")
    await post("/admin/warm-up/add", data={"model": LONG, **hours})
    await post("/admin/groups/create", data={"name": "Research and development of everything that is hot"})


async def looked_at(page: Page, app: House, path: str, width: int) -> list[str]:
    await page.goto(app.url + path)
    await page.locator("h1").wait_for()
    wide: list[str] = await page.evaluate(WIDE)
    await page.evaluate(OPEN)
    wide += await page.evaluate(WIDE)
    wide += await page.evaluate(COVERED)
    await page.wait_for_function(SHOWN)
    return [f"{path} at {width}: {fault}" for fault in wide]
