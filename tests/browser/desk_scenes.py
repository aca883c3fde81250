"""The admin's pages where much happened: a full queue, a failure, plans, groups, people, and a form gone wrong."""

from __future__ import annotations

from typing import Final

import httpx
from playwright.async_api import Page

from chatui.web.admin.tabs import TABS
from tests.browser.scenes import Place, Scene, plain, press

MODEL: Final = "gemma3:4b"
_GROUP: Final = {"name": "The kitchen of the whole house", "weight": "2", "models": f"{MODEL}\nnot-there:7b"}
_HOURS: Final = {"begins": "08:00", "ends": "10:00", "zone": "Europe/Berlin", "day_0": "1", "day_2": "1"}
_PEOPLE: Final = {"open": "陈晓明", "approval": "Bartholomew Featherstonehaugh-Cholmondeley the Younger"}


async def wrong_group(page: Page) -> None:
    """A form that comes back with what is wrong in it."""
    form = page.locator("form[action$='/groups/create']")
    await form.locator("[name=name]").fill("Night shift")
    await form.locator("[name=weight]").fill("a lot")
    await form.locator(".primary").click()
    await page.locator(".flaw").first.wait_for()


async def invite(page: Page) -> None:
    """The link of an invitation, which is shown once."""
    await page.locator("form[action$='/people/invite'] button").click()
    await page.locator("code.link").wait_for()
    await page.wait_for_load_state("networkidle")


def opened(name: str, path: str, *selectors: str) -> Scene:
    return Scene(name, lambda place: f"{place.app.url}/{path}", press(*selectors), "body")


DESK: Final = (
    *(plain(f"desk-{tab.path.rpartition('/')[2]}", tab.path.strip("/")) for tab in TABS),
    opened("desk-group", "admin/groups", "details.group summary"),
    Scene("desk-flawed", lambda place: f"{place.app.url}/admin/groups", wrong_group, "body"),
    Scene("desk-invited", lambda place: f"{place.app.url}/admin/people", invite, "body"),
    opened("desk-person", "admin/people", ".person .menu summary"),
    opened("desk-delete", "admin/models", "#servers .menu summary"),
    opened("desk-said", "admin/failures", ".work details summary"),
    opened("account-key", "account", "details summary"),
)


async def furnish_desk(at: Place) -> Place:
    """Have a group, a plan, an invitation, a member, and somebody who asks to be let in."""
    await at.admin.post("/admin/groups/create", data=_GROUP)
    await at.admin.post("/admin/warm-up/add", data={"model": MODEL, **_HOURS})
    await at.admin.post("/admin/people/invite", data={"role": "member", "group": ""})
    for mode, name in _PEOPLE.items():
        await at.admin.post("/admin/people/sign-up", data={"mode": mode})
        async with httpx.AsyncClient(base_url=at.app.url, timeout=60) as stranger:
            await stranger.post("/sign-up", data={"name": name, "password": "another samovar for all"})
    return at
