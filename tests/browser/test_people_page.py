"""Every control of the pages about people and groups, on the real app: it acts at once, and outlives a restart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from chatui.accounts.changes import Visit
from chatui.domain.people import AccountRole
from tests.browser.test_warm_up_page import page_of
from tests.support.house import PASSWORD, Guest, House, house
from tests.support.ollama_server import OllamaServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PEOPLE, GROUPS = "/admin/people", "/admin/groups"


async def test_every_control_about_people_and_groups(browser: Browser, data: Path) -> None:
    async with OllamaServer() as ollama:
        async with house(data, ollama.url) as app:
            admin, eve = await app.guest("Ana", AccountRole.ADMIN), await app.guest("Eve")
            await app.guest("Gus")
            await app.guest("Hal")
            async with page_of(browser, admin, GROUPS) as page:
                await makes_groups(page)
                await lets_people_sign_up(page, app)
                await sees_to_who_waits(page, app)
                await changes_somebody(page, eve)
                await keeps_somebody_out(page)
                await invites(page)
        async with house(data, ollama.url) as app:
            admin = await app.again(admin)
            async with page_of(browser, admin, PEOPLE) as page:
                eves = person(page, "Eve")
                await expect(eves.get_by_label("Role")).to_have_value("viewer")
                await expect(eves.get_by_label("Group")).to_contain_text("Kitchen")
                await expect(eves).to_contain_text("has no password yet")
                await expect(person(page, "Flo")).to_contain_text("can sign in")
                await expect(person(page, "Hal")).to_contain_text("kept out")
                for gone in ("Gus", "Mallory"):
                    await expect(page.get_by_text(gone)).to_have_count(0)
                await expect(page.locator("select[name=mode]")).to_have_value("approval")
                invited = page.locator("section[aria-labelledby=invitations-heading]").get_by_role("listitem")
                await expect(invited).to_have_count(1)
                await expect(invited).to_contain_text("viewer")
                await page.goto(f"{app.url}{GROUPS}")
                await expect(page.locator("details.group")).to_have_count(1)
                kitchen = page.locator("details", has_text="Kitchen and bar")
                await kitchen.locator("summary").click()
                await shows(kitchen, CHANGED)


def person(page: Page, name: str) -> Locator:
    return page.locator("li.person", has=page.locator(".what", has_text=name))


LIMITS = {"weight": "2", "running": "2", "queued": "20", "tokens_per_day": "90000", "models": "qwen3:8b"}
CHANGED = {"weight": "0.5", "running": "3", "queued": "30", "tokens_per_day": "70000", "models": "llama3.2:1b"}


async def fill(form: Locator, limits: Mapping[str, str]) -> None:
    for name, text in limits.items():
        await form.locator(f"[name={name}]").fill(text)


async def shows(form: Locator, limits: Mapping[str, str]) -> None:
    for name, text in limits.items():
        await expect(form.locator(f"[name={name}]")).to_have_value(text)


async def makes_groups(page: Page) -> None:
    new = page.locator("section[aria-labelledby=new-heading]")
    for name in ("Kitchen", "Cellar"):
        await new.get_by_label("Name").fill(name)
        await fill(new, LIMITS)
        await new.locator("[name=priority]").select_option("0")
        await new.get_by_role("button", name="Make the group").click()
        await expect(page.locator("details", has_text=name)).to_be_visible()
    kitchen = page.locator("details", has_text="Kitchen")
    await kitchen.locator("summary").click()
    await shows(kitchen, {**LIMITS, "priority": "0"})
    await kitchen.get_by_label("Answers at once").fill("many")
    await kitchen.get_by_role("button", name="Save").click()
    await expect(kitchen.locator(".flaw")).to_be_visible()
    await fill(kitchen, CHANGED)
    await kitchen.locator("[name=priority]").select_option("2")
    await kitchen.get_by_label("Name").fill("Kitchen and bar")
    await kitchen.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await kitchen.locator("summary").click()
    await shows(kitchen, {**CHANGED, "priority": "2"})
    cellar = page.locator("details", has_text="Cellar")
    await cellar.locator("summary").click()
    await cellar.get_by_role("button", name="Delete the group").click()
    await expect(cellar).to_have_count(0)


async def lets_people_sign_up(page: Page, app: House) -> None:
    await page.goto(f"{app.url}{PEOPLE}")
    await page.locator("select[name=mode]").select_option("approval")
    await page.locator("section[aria-labelledby=sign-up-heading]").get_by_role("button", name="Save").click()
    await expect(page.locator("select[name=mode]")).to_have_value("approval")
    for name in ("Flo", "Mallory"):
        await app.core.accounts.service.sign_up(name, PASSWORD, Visit("127.0.0.1"))
    await page.reload()


async def sees_to_who_waits(page: Page, app: House) -> None:
    await person(page, "Flo").get_by_role("button", name="Let in").click()
    await expect(person(page, "Flo")).to_contain_text("can sign in")
    assert (await app.core.accounts.service.sign_in("Flo", PASSWORD, Visit("127.0.0.1"))).user.name == "Flo"
    await person(page, "Mallory").get_by_role("button", name="Turn away").click()
    await expect(person(page, "Mallory")).to_have_count(0)


async def changes_somebody(page: Page, eve: Guest) -> None:
    eves = person(page, "Eve")
    await eves.get_by_label("Role").select_option("viewer")
    await eves.get_by_label("Group").select_option(label="Kitchen and bar")
    await eves.get_by_role("button", name="Save").click()
    await expect(eves.get_by_label("Role")).to_have_value("viewer")
    await eves.get_by_text("More").click()
    await eves.get_by_role("button", name="Keep out").click()
    await expect(eves).to_contain_text("kept out")
    async with eve.client() as http:
        assert (await http.get("/session")).status_code == 401
    await eves.get_by_text("More").click()
    await eves.get_by_role("button", name="Let in again").click()
    await expect(eves).to_contain_text("can sign in")
    await eves.get_by_text("More").click()
    await eves.get_by_role("button", name="New password").click()
    await expect(page.locator("code.link")).to_contain_text("/reset?code=")
    gus = person(page, "Gus")
    await gus.get_by_text("More").click()
    await gus.get_by_role("button", name="Delete").click()
    await expect(gus).to_have_count(0)


async def keeps_somebody_out(page: Page) -> None:
    hal = person(page, "Hal")
    await hal.get_by_text("More").click()
    await hal.get_by_role("button", name="Keep out").click()
    await expect(hal).to_contain_text("kept out")


async def invites(page: Page) -> None:
    section = page.locator("section[aria-labelledby=invitations-heading]")
    for made, role in enumerate(("member", "viewer"), 1):
        await section.get_by_label("Role").select_option(role)
        await section.get_by_label("Group").select_option(label="Kitchen and bar")
        await section.get_by_role("button", name="Make a link").click()
        await expect(page.locator("code.link")).to_contain_text("/invitation?code=")
        await expect(section.get_by_role("listitem")).to_have_count(made)
    member = section.get_by_role("listitem").filter(has_text="member")
    await member.get_by_role("button", name="Take back").click()
    await expect(section.get_by_role("listitem")).to_have_count(1)
