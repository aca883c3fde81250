"""What happened: each entry says what it was about, also when that is gone."""

from __future__ import annotations

import re

from chatui.accounts.limits import GroupLimits
from chatui.domain.people import AccountRole, Principal
from tests.support.house import Guest, House

ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)


async def told(ana: Guest) -> dict[str, str]:
    """What each kind of entry was about, the newest of a kind."""
    async with ana.client() as http:
        page = (await http.get("/admin/people/audit")).text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    rows = [CELL.findall(row) for row in ROW.findall(page)]
    return {what: about.strip() for _, what, _, about, _ in reversed([row for row in rows if row])}


async def test_entries_say_what_they_were_about(home: House, ana: Guest, eve: Guest) -> None:
    by, accounts = Principal(ana.user, "127.0.0.1"), home.core.accounts
    kitchen = await accounts.groups.create(by, "Kitchen", GroupLimits(running=1))
    cellar = await accounts.groups.create(by, "Cellar", GroupLimits())
    await accounts.groups.change(by, kitchen.id, "Kitchen & bar", GroupLimits())
    await accounts.groups.delete(by, cellar.id)
    await accounts.admin.set_group(by, eve.user.id, kitchen.id)
    await accounts.admin.set_role(by, eve.user.id, AccountRole.VIEWER)
    await home.core.backups.make(by)
    await home.core.settings.change(by, {"retries": "7"})
    said = await told(ana)
    assert said["made a group"] == "a group that is gone"
    assert said["changed a group"] == "Kitchen &amp; bar"
    assert said["changed somebody's group"] == "Eve, Kitchen &amp; bar"
    assert said["gave a role"] == "Eve, viewer of shared chats"
    assert said["made a backup"].endswith("-hand.db")
    assert said["changed a setting"] == "Tries after a failed one: 7"
    await accounts.admin.set_group(by, eve.user.id, None)
    assert (await told(ana))["changed somebody's group"] == "Eve, no group"
    await accounts.admin.delete(by, eve.user.id)
    assert (await told(ana))["gave a role"] == "an account that is gone, viewer of shared chats"
