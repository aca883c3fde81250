"""An app with something on every page of the admin's."""

from __future__ import annotations

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Visit
from chatui.accounts.limits import GroupLimits
from chatui.accounts.rules import SignUpMode
from chatui.domain.people import AccountRole, Principal
from storage.audit import record_entry
from storage.tables import AuditEntry
from tests.support.app import tab
from tests.support.house import PASSWORD, Guest, House
from tests.support.ollama_server import OllamaServer

MODEL = "llama3.2:1b"
AUDIT_PAGE = 100


async def furnish(home: House, ana: Guest, ollama: OllamaServer) -> None:
    """Have people, groups, a plan, a backup, a failure and a long audit log."""
    by = Principal(ana.user, "127.0.0.1")
    accounts = home.core.accounts
    await home.guest("Ben")
    await accounts.groups.create(by, "Kitchen", GroupLimits(running=2))
    await accounts.admin.invite(by, AccountRole.MEMBER, None)
    await accounts.admin.set_sign_up(by, SignUpMode.APPROVAL)
    await accounts.service.sign_up("Flo", PASSWORD, Visit("127.0.0.1"))
    await home.core.backups.make(by)
    await home.core.settings.change(by, {"retries": "0"})
    async with ana.client() as http:
        hours = {"begins": "08:00", "ends": "10:00", "zone": "UTC", "day_0": "1"}
        await http.post("/admin/warm-up/add", data={"model": MODEL, **hours})
    await fail(ana, ollama)
    await fill_the_audit_log(home)


async def fail(guest: Guest, ollama: OllamaServer) -> None:
    """Ask something whose model cannot be loaded."""
    ollama.fail_loads(1, "this file may be incompatible with your version")
    async with tab(guest) as client:
        await client.ask("tokens=3", model=MODEL)
        assert (await client.answer())["state"] == "failed"


async def fill_the_audit_log(home: House, entries: int = AUDIT_PAGE) -> None:
    """Have more in the audit log than a page holds."""
    at = home.core.database.clocks.now()
    for number in range(entries):
        entry = AuditEntry(at=at, action=AuditAction.SIGNED_IN, address=f"192.0.2.{number}")
        await home.core.database.write(lambda session, entry=entry: record_entry(session, entry))  # type: ignore[misc]
