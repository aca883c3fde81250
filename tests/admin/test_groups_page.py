"""Wrong input about groups gets a sentence beside its field, and changes nothing."""

from __future__ import annotations

import re

import pytest

from chatui.accounts.limits import GroupLimits
from chatui.domain.people import Principal
from tests.support.house import Guest, House

PAGE = "/admin/groups"
RIGHT = {"name": "Tea", "weight": "2.5", "priority": "0", "running": "2", "queued": "", "tokens_per_day": "1000"}
COUNTS = ("running", "queued", "tokens_per_day")
FLAW = re.compile(r'<p class="flaw" id="([a-z_]+)-([^"]*)-flaw" role="alert">([^<]+)</p>')


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ""),
        ("name", " \u200b"),
        ("name", "x" * 65),
        ("name", "Coffee"),
        *[("weight", text) for text in ("0", "-1", "101", "nan", "1e2", "much", "1,5")],
        *[("models", text) for text in ("qwen3:8b <b>", "-m", "x" * 201, "qwen3\u202e:8b")],
        *[("priority", text) for text in ("3", "-1", "high")],
        *[
            (field, text)
            for field in ("running", "queued", "tokens_per_day")
            for text in ("-1", "1.5", "9" * 30, "<b>")
        ],
    ],
)
async def test_wrong_input_in_every_field(home: House, ana: Guest, field: str, text: str) -> None:
    groups, by = home.core.accounts.groups, Principal(ana.user, "127.0.0.1")
    await groups.create(by, "Coffee", GroupLimits())
    mine = await groups.create(by, "Milk", GroupLimits(running=1))
    before = await groups.groups(by)
    async with ana.client() as http:
        for verb, place in (("create", "new"), ("change", str(mine.id))):
            page = await http.post(f"{PAGE}/{verb}", data={**RIGHT, "group": str(mine.id), field: text})
            assert page.status_code in {409, 422}
            assert [(name, group) for name, group, _ in FLAW.findall(page.text)] == [(field, place)]
            assert "2.5" in page.text or field == "weight", "what was typed is not lost"
    assert await groups.groups(by) == before


async def test_a_name_that_no_server_has_may_come_yet_and_is_pointed_out(home: House, ana: Guest) -> None:
    async with ana.client() as http:
        assert (await http.post(f"{PAGE}/create", data={**RIGHT, "models": "llama3.2:1b\nphi9:2b"})).status_code == 303
        assert "No server has this now: phi9:2b<" in (await http.get(PAGE)).text


async def test_what_is_right_is_taken(home: House, ana: Guest) -> None:
    async with ana.client() as http:
        assert (await http.post(f"{PAGE}/create", data=RIGHT)).status_code == 303
    (made,) = await home.core.accounts.groups.groups(Principal(ana.user, "127.0.0.1"))
    assert (made.name, made.limits.weight, made.limits.priority, made.limits.queued) == ("Tea", 2.5, 0, None)
