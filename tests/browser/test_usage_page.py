"""The usage page and its file, on the real app; and it is no page for members."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sqlmodel import Session

from chatui.domain.people import AccountRole
from chatui.operations.spreadsheet import harmless
from storage import usage
from storage.tables import TokenUsage
from tests.browser.test_warm_up_page import page_of
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PATH = "/admin/usage"
TRAP = '=HYPERLINK("http://evil.example")'


async def used(app: House, who: Guest, model: str, days_ago: int, tokens: int) -> None:
    day = app.core.database.clocks.now().date() - timedelta(days=days_ago)
    took = TokenUsage(account_id=who.user.id, day=day, model=model, answers=1, prompt_tokens=1, output_tokens=tokens)

    def add(session: Session) -> None:
        usage.add_usage(session, took)

    await app.core.database.write(add)


async def test_usage_is_summed_in_a_range_and_taken_as_a_file(browser: Browser, data: Path) -> None:
    async with OllamaServer() as ollama, house(data, ollama.url) as app:
        admin = await app.guest("Ana", AccountRole.ADMIN)
        trap = await app.guest("@Ben")
        await used(app, admin, TRAP, 1, 2_000)
        await used(app, trap, "qwen3:8b", 2, 41)
        await used(app, trap, "qwen3:8b", 90, 7_000)
        today = app.core.database.clocks.now().date()
        async with page_of(browser, admin, PATH) as page:
            rows = page.locator("tbody tr")
            await expect(rows).to_have_count(2)
            await expect(rows.first).to_contain_text("Ana")
            await expect(rows.first).to_contain_text("2,001")
            await page.get_by_label("From").fill(str(today - timedelta(days=120)))
            await page.get_by_label("To", exact=True).fill(str(today))
            await page.get_by_label("Sum by").select_option("model")
            await page.get_by_role("button", name="Show").click()
            await expect(rows.first).to_contain_text("qwen3:8b")
            await expect(rows.first).to_contain_text("7,043")
            async with page.expect_download() as taking:
                await page.get_by_role("button", name="Download as CSV").click()
            text = (await (await taking.value).path()).read_text("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text)))
        assert [(line["person"], line["model"], line["output_tokens"]) for line in lines] == [
            ("'@Ben", "qwen3:8b", "7000"),
            ("'@Ben", "qwen3:8b", "41"),
            ("Ana", f"'{TRAP}", "2000"),
        ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
async def test_no_cell_is_reckoned_with(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless(f"1{start}") == f"1{start}"


async def test_wrong_days_and_other_people(data: Path) -> None:
    async with OllamaServer() as ollama, house(data, ollama.url) as app:
        admin, member = await app.guest("Ana", AccountRole.ADMIN), await app.guest("Ben")
        async with admin.client() as http:
            for path in (PATH, f"{PATH}/export"):
                wrong = await http.get(path, params={"first": "soon"})
                assert (wrong.status_code, "Give a day such as" in wrong.text) == (422, True)
                turned = await http.get(path, params={"first": "2026-02-02", "last": "2026-02-01"})
                assert (turned.status_code, "before the first one" in turned.text) == (422, True)
        async with member.client() as http:
            for path in (PATH, f"{PATH}/export"):
                assert (await http.get(path)).status_code == 404
