"""What an entry of the audit log was about, in words: a person, a group, a setting, a model, a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from chatui.accounts.audit import AuditAction
from chatui.web.admin.setting_fields import name_of, value_in_words
from chatui.web.pages import Say
from storage.tables import AuditEntry

Names = Mapping[UUID, str]
_OF_GROUPS: Final = {AuditAction.GROUP_MADE, AuditAction.GROUP_CHANGED, AuditAction.GROUP_DELETED}


def about(entry: AuditEntry, people: Names, groups: Names, say: Say) -> str:
    """Say what an entry was about; nothing where the fact says it all."""
    if entry.action in _OF_GROUPS and entry.subject_id:
        return groups.get(entry.subject_id, say("audit_group_gone"))
    detail: Mapping[str, Any] = entry.detail if isinstance(entry.detail, dict) else {}
    if entry.subject_id:
        who = people.get(entry.subject_id, say("audit_gone"))
        return say("shell_and").join(filter(None, (who, _of_person(detail, groups, say))))
    if "key" in detail:
        setting, value = name_of(say, str(detail["key"])), value_in_words(say, detail.get("value"))
        return say("audit_setting", setting=setting, value=value)
    named = [detail[name] for name in ("model", "server", "name", "first", "last") if detail.get(name)]
    return say("shell_and").join(map(str, named))


def _of_person(detail: Mapping[str, Any], groups: Names, say: Say) -> str:
    """What somebody became: of which role, in which group."""
    if (role := detail.get("after")) is not None:
        return say(f"role_{role}")
    if "group" not in detail:
        return ""
    return groups.get(UUID(detail["group"]), say("audit_group_gone")) if detail["group"] else say("no_group")
