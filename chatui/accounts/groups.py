"""What admins do with groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.allowances import group_limits
from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change
from chatui.accounts.desk import Desk
from chatui.accounts.events import LimitsChanged
from chatui.accounts.limits import GroupLimits
from chatui.accounts.names import clean_name
from chatui.domain.access import Action
from chatui.domain.errors import GroupInUse, NameTaken, NotFound
from chatui.domain.messages import UserId
from chatui.domain.people import GroupId, Principal
from storage import accounts, groups
from storage.groups import GroupFields
from storage.tables import Group


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A group as an admin sees it."""

    id: GroupId
    name: str
    limits: GroupLimits


class GroupAdmin:
    """Groups and their limits. Raises Forbidden for those who do not run the app."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def groups(self, by: Principal) -> Sequence[GroupCard]:
        """List the groups by name."""
        rows = await self._desk.read(by, Action.MANAGE_GROUPS, groups.list_groups)
        return [_card(row) for row in rows]

    async def create(self, by: Principal, name: str, limits: GroupLimits) -> GroupCard:
        """Make a group; raises NameRefused, NameTaken."""
        fields = _fields(clean_name(name), limits)

        def create(change: Change) -> GroupCard:
            _require_free(change.session, fields["name"], None)
            made = groups.add_group(change.session, Group(created_at=change.at, **fields))
            change.audit(AuditAction.GROUP_MADE, made.id, limits=_shown(limits))
            return _card(made)

        return await self._desk.change(by, Action.MANAGE_GROUPS, create)

    async def change(self, by: Principal, group: GroupId, name: str, limits: GroupLimits) -> None:
        """Give a group another name and other limits, at once for all of its members.

        Raises NotFound, NameRefused, NameTaken.
        """
        fields = _fields(clean_name(name), limits)

        def change_it(change: Change) -> None:
            _require_free(change.session, fields["name"], group)
            if not groups.change_group(change.session, group, **fields):
                raise NotFound("no such group")
            change.audit(AuditAction.GROUP_CHANGED, group, limits=_shown(limits))
            members = accounts.members_of(change.session, group)
            change.tell(LimitsChanged(frozenset(UserId(member) for member in members)))

        await self._desk.change(by, Action.MANAGE_GROUPS, change_it)

    async def delete(self, by: Principal, group: GroupId) -> None:
        """Delete a group and the invitations to it; raises NotFound, and GroupInUse while it has members."""

        def delete(change: Change) -> None:
            if accounts.members_of(change.session, group):
                raise GroupInUse("it has members")
            if not groups.delete_group(change.session, group):
                raise NotFound("no such group")
            change.audit(AuditAction.GROUP_DELETED, group)

        await self._desk.change(by, Action.MANAGE_GROUPS, delete)


def _card(row: Group) -> GroupCard:
    return GroupCard(GroupId(row.id), row.name, group_limits(row))


def _fields(name: str, limits: GroupLimits) -> GroupFields:
    return GroupFields(
        name=name,
        weight=limits.weight,
        priority=None if limits.priority is None else int(limits.priority),
        running=limits.running,
        queued=limits.queued,
        tokens_per_day=limits.tokens_per_day,
        models=None if limits.models is None else sorted(limits.models),
    )


def _shown(limits: GroupLimits) -> dict[str, object]:
    return {name: value for name, value in _fields("", limits).items() if name != "name"}


def _require_free(session: Session, name: str, but: UUID | None) -> None:
    found = groups.group_named(session, name)
    if found is not None and found.id != but:
        raise NameTaken(name)
