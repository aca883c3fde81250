"""The settings page on the real app: every control, what holds without a restart and after one."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from playwright.async_api import Browser, Page, expect

from chatui.domain.people import AccountRole
from chatui.operations.settings.definitions import DEFINITIONS, Definition, Section
from chatui.operations.settings.kinds import Choice, Switch
from tests.browser.test_warm_up_page import page_of
from tests.support.app import AppProcess, running_app, tab
from tests.support.browser import LIMIT_MS, sign_in
from tests.support.house import house
from tests.support.ollama_server import OllamaServer
from tests.support.setting_values import right_values, wrong_values

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CAREFUL = {
    "log_level": "error",
    "session_idle_hours": "11",
    "session_days": "6",
    "message_characters": "100",
    "share": "off",
    "sign_up": "approval",
}
"""Where the usual one of the right values would end the test's own session, say nothing, or ask a relay far away."""

FLAGS = ("--workers", "1", "--share", "--sign-up", "open")
"""With the link wanted, which there is not while sign-up is open."""


async def opened(browser: Browser, app: AppProcess) -> Page:
    context = await browser.new_context(locale="en-GB")
    await sign_in(context, app)
    page = await context.new_page()
    page.set_default_timeout(LIMIT_MS)
    await page.goto(f"{app.url}/admin/settings")
    return page


def chosen(one: Definition) -> str:
    return CAREFUL.get(one.name) or right_values(one.kind)[2]


async def fill(page: Page, one: Definition, text: str) -> None:
    field = page.locator(f"#{one.name}")
    if isinstance(one.kind, Choice | Switch):
        await field.select_option(text)
    else:
        await field.fill(text)


async def save(page: Page, section: Section) -> None:
    await page.locator(f"section[aria-labelledby={section}-heading]").get_by_role("button", name="Save").click()


async def shows(page: Page) -> None:
    for one in DEFINITIONS:
        await expect(page.locator(f"#{one.name}")).to_have_value(chosen(one))
        field = page.locator(".setting", has=page.locator(f"#{one.name}"))
        await expect(field.locator(".source")).to_have_text("set here")


async def test_every_control_of_the_settings(browser: Browser, tmp_path: Path) -> None:
    async with OllamaServer() as ollama:
        async with running_app(tmp_path, "--backend", ollama.url, *FLAGS) as app:
            page = await opened(browser, app)
            await refuses_what_is_wrong(page)
            await expect(page.locator("#workers")).to_have_value("1")
            for section in Section:
                for one in DEFINITIONS:
                    if one.section is section:
                        await fill(page, one, chosen(one))
                await save(page, section)
                await expect(page.get_by_role("status").first).to_have_text("Saved. It holds from now on.")
            await shows(page)
            async with tab(app) as client:
                await client.ask("x" * 101)
                refused = await client.until(lambda frame: frame["t"] == "refused")
                assert "100" in refused["sentence"], "it holds without a restart"
            await takes_the_options_of_a_model(page)
            await page.context.close()
        async with running_app(tmp_path, "--backend", ollama.url, *FLAGS) as app:
            page = await opened(browser, app)
            await shows(page)
            await page.locator("details", has=page.locator("summary")).first.locator("summary").click()
            await expect(page.locator("#model-1-num_ctx")).to_have_value("2048")
            await goes_back(page)
            await page.context.close()
        async with running_app(tmp_path, "--backend", ollama.url, *FLAGS) as app:
            page = await opened(browser, app)
            await expect(page.locator("#retries")).to_have_value("1")
            await expect(page.locator("#queued_per_person")).to_have_value("10")
            await page.context.close()


async def refuses_what_is_wrong(page: Page) -> None:
    for section in Section:
        typed = [one for one in DEFINITIONS if one.section is section and not isinstance(one.kind, Choice | Switch)]
        for one in typed:
            await fill(page, one, wrong_values(one.kind)[2])
        await save(page, section)
        for one in typed:
            flaw = page.locator(f"#{one.name}-flaw")
            await expect(flaw).to_be_visible()
            await expect(page.locator(f"#{one.name}")).to_have_attribute("aria-invalid", "true")
            beside = page.locator(".field", has=page.locator(f"#{one.name}"))
            await expect(beside.locator(".flaw")).to_have_count(1)
    await page.goto(page.url)
    await expect(page.get_by_text("Nothing was changed yet.")).to_be_visible()


async def takes_the_options_of_a_model(page: Page) -> None:
    model = page.locator("section[aria-labelledby=models-heading] details").first
    await model.locator("summary").click()
    await page.locator("#model-1-keep_alive").fill("a while")
    await model.get_by_role("button", name="Save").click()
    await expect(page.locator("#model-1-keep_alive-flaw")).to_be_visible()
    for name, text in (("num_ctx", "2048"), ("num_gpu", "0"), ("num_batch", "256"), ("keep_alive", "30m")):
        await page.locator(f"#model-1-{name}").fill(text)
    await model.get_by_role("button", name="Save").click()
    await expect(model.locator("summary")).to_contain_text("4 set")


async def goes_back(page: Page) -> None:
    """Unset with the button below a field, and undo that in the history."""
    await page.get_by_role("button", name="Tries after a failed one: back to 3").click()
    await expect(page.locator("#retries")).to_have_value("3")
    row = page.locator("section[aria-labelledby=history-heading] tbody tr").first
    await expect(row).to_contain_text("Tries after a failed one")
    await expect(row).to_contain_text("Ana")
    await row.get_by_role("button", name="Undo").click()
    await expect(page.locator("#retries")).to_have_value("1")
    await page.get_by_role("button", name="Waiting questions of one person: back to 10").click()
    await expect(page.locator("#queued_per_person")).to_have_value("10")


class Relay:
    """A tunnel to nowhere; the second try to open one fails."""

    opened: ClassVar[list[int]] = []

    def open(self, host: str, port: int) -> str:
        self.opened.append(port)
        if len(self.opened) == 2:
            raise RuntimeError("no relay answers")
        return "https://tea.gradio.example"

    def close(self) -> None:
        self.opened.append(0)


async def test_the_link_to_the_internet_is_opened_and_closed_at_once_and_after_a_restart(
    browser: Browser, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatui.site.GradioTunnel", Relay)
    Relay.opened.clear()
    async with OllamaServer() as ollama:
        async with house(data, ollama.url) as app:
            admin = await app.guest("Ana", AccountRole.ADMIN)
            async with page_of(browser, admin, "/admin/settings") as page:
                link = page.locator("#share-link")
                await expect(link).to_be_empty()
                await page.locator("#share").select_option("on")
                await save(page, Section.PEOPLE)
                await expect(link).to_contain_text("https://tea.gradio.example")
                assert app.site.hosts.trusts("tea.gradio.example")
                await page.goto(app.url)
                await expect(page.get_by_text("https://tea.gradio.example")).to_be_visible()
        assert Relay.opened[1:] == [0], "it is closed when the app stops"
        Relay.opened.pop()
        async with house(data, ollama.url) as app, page_of(browser, await app.again(admin), "/admin/settings") as page:
            link = page.locator("#share-link")
            await expect(link).to_contain_text("the relay cannot be had (no relay answers)")
            await page.locator("#share").select_option("off")
            await save(page, Section.PEOPLE)
            await expect(link).to_be_empty()
            await page.locator("#share").select_option("on")
            await save(page, Section.PEOPLE)
            await expect(link).to_contain_text("https://tea.gradio.example")
            await page.locator("#sign_up").select_option("open")
            await save(page, Section.PEOPLE)
            await expect(link).to_contain_text("since sign-up is open")
            assert Relay.opened[-1] == 0
            assert not app.site.hosts.trusts("tea.gradio.example")
