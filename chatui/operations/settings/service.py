"""What admins do with settings: see, set, unset, look back, undo. Everything is checked again where it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change
from chatui.accounts.desk import Desk
from chatui.domain.access import Action, require
from chatui.domain.errors import NotFound
from chatui.domain.messages import ModelName
from chatui.domain.people import Principal
from chatui.operations.settings.definitions import BY_NAME, OPTION_BY_NAME
from chatui.operations.settings.in_force import SettingsInForce
from chatui.operations.settings.kinds import Flaw, Unfit, Value
from storage import settings
from storage.setting_tables import SettingChange

_LONGEST_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class SettingsService:
    """Changes settings for admins; what it changed holds when it returns.

    Raises Forbidden for those who do not run the app, and NotFound for a setting that there is not.
    """

    desk: Desk
    in_force: SettingsInForce

    async def change(self, by: Principal, typed: Mapping[str, str]) -> Mapping[str, Flaw]:
        """Set what was typed, by name of the setting, or nothing of it: then the flaws are told, by name, too."""
        require(by.user, Action.CHANGE_SETTINGS)
        values: dict[str, Value] = {}
        flaws: dict[str, Flaw] = {}
        for name, text in typed.items():
            _known(name, BY_NAME)
            try:
                values[name] = BY_NAME[name].kind.read(text)
            except Unfit as unfit:
                flaws[name] = unfit.flaw
        if not flaws:
            # What a form shows and nobody touched stays where it came from.
            new = {name: value for name, value in values.items() if value != getattr(self.in_force.now, name)}
            await self.store(by, {BY_NAME[name].key: value for name, value in new.items()})
        return flaws

    async def unset(self, by: Principal, name: str) -> None:
        """Have flags, environment and the app's own value decide again."""
        _known(name, BY_NAME)
        await self.store(by, {BY_NAME[name].key: None})

    async def change_options(self, by: Principal, model: ModelName, typed: Mapping[str, str]) -> Mapping[str, Flaw]:
        """Set runner options of a model, or nothing of it, as `change` does; an empty text unsets one."""
        require(by.user, Action.CHANGE_SETTINGS)
        values: dict[str, Value | None] = {}
        flaws: dict[str, Flaw] = {}
        for name, text in typed.items():
            _known(name, OPTION_BY_NAME)
            try:
                values[name] = OPTION_BY_NAME[name].kind.read(text) if text.strip() else None
            except Unfit as unfit:
                flaws[name] = unfit.flaw
        if not flaws:
            await self.store(by, {OPTION_BY_NAME[name].key(model): value for name, value in values.items()})
        return flaws

    async def history(self, by: Principal, limit: int, before: int | None = None) -> Sequence[SettingChange]:
        """List changes, newest first; `before` is the id of the last one on the page before."""
        shown = min(limit, _LONGEST_PAGE)
        return await self.desk.read(
            by, Action.CHANGE_SETTINGS, lambda session: settings.list_changes(session, shown, before)
        )

    async def undo(self, by: Principal, number: int) -> None:
        """Put back what a change replaced, whatever was set since; raises NotFound for no such change."""

        def find(session: Session) -> SettingChange | None:
            return settings.find_change(session, number)

        made = await self.desk.read(by, Action.CHANGE_SETTINGS, find)
        if made is None:
            raise NotFound("no such change")
        await self.store(by, {made.key: made.before})

    async def store(self, by: Principal, values: Mapping[str, Any], action: Action = Action.CHANGE_SETTINGS) -> None:
        """Store values by their keys in one transaction; nothing unsets one."""

        def write(change: Change) -> None:
            for key, value in values.items():
                made = settings.change(change.session, _made(change, key, value))
                if made is not None:
                    change.audit(AuditAction.SETTING_CHANGED, key=key, value=value)

        await self.desk.change(by, action, write)
        await self.in_force.refresh()


def _made(change: Change, key: str, value: Any) -> SettingChange:
    return SettingChange(key=key, after=value, changed_at=change.at, changed_by=change.by, address=change.address)


def _known(name: str, among: Mapping[str, object]) -> None:
    if name not in among:
        raise NotFound(f"no setting {name!r}")
