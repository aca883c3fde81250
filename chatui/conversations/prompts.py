"""The library of prompts: everybody's own, and those that everybody sees.

Every call names who acts. Whoever wrote a prompt may show it to the team; an admin may change and remove whatever the
team sees. What somebody keeps for themselves is not there for anybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change, Changes, Store
from chatui.accounts.events import Listeners
from chatui.conversations.prompt import MOST_OWN, MOST_SHARED, Prompt, PromptDraft, PromptFlaw
from chatui.domain.access import Action, Owned, may, require
from chatui.domain.errors import NotFound, PromptRefused
from chatui.domain.messages import UserId
from chatui.domain.people import Principal, User
from storage import accounts, prompts
from storage.database import Clocks
from storage.tables import Prompt as PromptRow

T = TypeVar("T")

TAKEN_BACK_WITHIN: Final = timedelta(seconds=30)
_THE_TEAM: Final = UserId(UUID(int=0))
"""Who owns what belongs to nobody."""


@dataclass(frozen=True, slots=True)
class _Removed:
    """A prompt that can be taken back for a while, by whoever removed it."""

    row: dict[str, Any]
    by: UserId
    at: datetime


class PromptLibrary:
    """Prompts of everybody."""

    def __init__(self, store: Store, clocks: Clocks) -> None:
        self._store = store
        self._clocks = clocks
        self._changes = Changes(store, clocks.now, Listeners())
        self._removed: dict[UUID, _Removed] = {}

    async def of(self, by: User) -> Sequence[Prompt]:
        """What a person can pick, by name."""
        require(by, Action.LIST_PROMPTS, Owned(by.id))
        rows = await self._store.read(lambda session: prompts.prompts_for(session, by.id))
        return [_shown(by, row, author) for row, author in rows]

    async def add(self, by: Principal, draft: PromptDraft) -> UUID:
        """Keep a prompt as the person's own, for everybody where it is shared. Raises `PromptRefused`."""
        return await self._add(by, draft, by.user.id)

    async def add_for_team(self, by: Principal, draft: PromptDraft) -> UUID:
        """Keep a prompt that belongs to the team and to nobody alone: for admins."""
        return await self._add(by, draft, None)

    async def change(self, by: Principal, prompt: UUID, draft: PromptDraft) -> bool:
        """Put another name, text or reach in the place of a prompt's; tells whether it concerns everybody.

        Raises `PromptRefused`, and `NotFound` for what the person cannot see.
        """

        def change(made: Change) -> bool:
            row = _theirs_to_change(made.session, by.user, prompt)
            was_shared = row.shared
            if draft.shared and not was_shared:
                require(by.user, Action.KEEP_TEAM_PROMPT, _owned(row))
            _require_room(made.session, row.account_id, draft, row)
            row.name, row.text, row.shared = draft.name, draft.text, draft.shared
            made.session.add(row)
            if row.shared or was_shared:
                _note(made, _what(was_shared, row.shared), row)
            return row.shared or was_shared

        return await self._make(change, by)

    async def remove(self, by: Principal, prompt: UUID) -> Prompt:
        """Remove a prompt and give what it was; it can be taken back for `TAKEN_BACK_WITHIN`. Raises `NotFound`."""

        def remove(made: Change) -> dict[str, Any]:
            row = _theirs_to_change(made.session, by.user, prompt)
            prompts.delete_prompt(made.session, prompt)
            if row.shared:
                _note(made, AuditAction.TEAM_PROMPT_REMOVED, row)
            return row.model_dump()

        row = await self._make(remove, by)
        self._forget()
        self._removed[prompt] = _Removed(row, by.user.id, self._clocks.now())
        return _shown(by.user, PromptRow(**row), None)

    async def take_back(self, by: Principal, prompt: UUID) -> bool:
        """Have a removed prompt back as it was; tells whether everybody sees it. Raises `NotFound` when too late."""
        self._forget()
        removed = self._removed.get(prompt)
        if removed is None or removed.by != by.user.id:
            raise NotFound

        def put_back(made: Change) -> bool:
            row = PromptRow(**removed.row)
            _require_may(by.user, row)
            if row.account_id is not None and accounts.get_account(made.session, row.account_id) is None:
                raise NotFound
            _require_room(made.session, row.account_id, PromptDraft(row.name, row.text, row.shared), None)
            made.session.add(row)
            made.session.flush()
            if row.shared:
                _note(made, AuditAction.TEAM_PROMPT_ADDED, row)
            return row.shared

        shared = await self._make(put_back, by)
        del self._removed[prompt]
        return shared

    async def _add(self, by: Principal, draft: PromptDraft, owner: UserId | None) -> UUID:
        row = PromptRow(account_id=owner, name=draft.name, shared=draft.shared, text=draft.text, created_at=self._now)
        require(by.user, Action.KEEP_PROMPT, Owned(by.user.id))
        if draft.shared:
            require(by.user, Action.KEEP_TEAM_PROMPT, Owned(_owned(row).owner, frozenset({by.user.id})))

        def add(made: Change) -> UUID:
            _require_room(made.session, owner, draft, None)
            made.session.add(row)
            made.session.flush()
            if row.shared:
                _note(made, AuditAction.TEAM_PROMPT_ADDED, row)
            return row.id

        return await self._make(add, by)

    async def _make(self, work: Callable[[Change], T], by: Principal) -> T:
        return await self._changes.make(work, by.address, by.user.id)

    @property
    def _now(self) -> datetime:
        return self._clocks.now()

    def _forget(self) -> None:
        """Forget what can no longer be taken back."""
        since = self._now - TAKEN_BACK_WITHIN
        self._removed = {key: removed for key, removed in self._removed.items() if removed.at >= since}


def _owned(row: PromptRow) -> Owned:
    return Owned(UserId(row.account_id) if row.account_id else _THE_TEAM)


def _theirs_to_change(session: Session, by: User, prompt: UUID) -> PromptRow:
    row = prompts.prompt_by_id(session, prompt)
    if row is None:
        raise NotFound
    _require_may(by, row)
    return row


def _require_may(by: User, row: PromptRow) -> None:
    """Return when somebody may change a prompt; what the team sees is no secret, anything else is."""
    owned = _owned(row)
    if row.shared:
        require(by, Action.KEEP_TEAM_PROMPT, Owned(owned.owner, frozenset({by.id})))
    else:
        require(by, Action.KEEP_PROMPT, owned)


def _require_room(session: Session, owner: UUID | None, draft: PromptDraft, row: PromptRow | None) -> None:
    """Return when a prompt can be kept under its name beside the others, in the place of `row` if there is one."""
    named = prompts.prompt_named(session, owner, draft.name)
    if named is not None and (row is None or named.id != row.id):
        raise PromptRefused(PromptFlaw.NAME_TAKEN)
    if row is None and owner is not None and prompts.count_of(session, owner) >= MOST_OWN:
        raise PromptRefused(PromptFlaw.TOO_MANY)
    if draft.shared and (row is None or not row.shared) and prompts.count_shared(session) >= MOST_SHARED:
        raise PromptRefused(PromptFlaw.TOO_MANY_SHARED)


def _what(was_shared: bool, is_shared: bool) -> AuditAction:  # noqa: FBT001 - what was and what is
    if was_shared and is_shared:
        return AuditAction.TEAM_PROMPT_CHANGED
    return AuditAction.TEAM_PROMPT_ADDED if is_shared else AuditAction.TEAM_PROMPT_REMOVED


def _note(made: Change, action: AuditAction, row: PromptRow) -> None:
    made.audit(action, row.account_id, prompt=row.name)


def _shown(by: User, row: PromptRow, author: str | None) -> Prompt:
    action = Action.KEEP_TEAM_PROMPT if row.shared else Action.KEEP_PROMPT
    is_own = row.account_id == by.id
    return Prompt(row.id, row.name, row.text, row.shared, author, is_own, may(by, action, _owned(row)))
