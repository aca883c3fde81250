"""Keys with which programs act for people: made and revoked by their person, looked up by the hash of their secret."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change
from chatui.accounts.desk import Desk, require_active
from chatui.accounts.events import AccountEvent, KeysRevoked
from chatui.accounts.names import clean_name
from chatui.accounts.people import user_from
from chatui.accounts.tokens import LONGEST_TOKEN, digest
from chatui.domain.access import Action, Owned, require
from chatui.domain.errors import InvalidInput, NotFound, Refused
from chatui.domain.jobs import Priority
from chatui.domain.messages import UserId
from chatui.domain.people import AccountState, KeyId, KeyScope, Principal, User
from chatui.scheduler.tasks import Tasks
from storage import accounts, keys
from storage.errors import StorageError
from storage.key_tables import ApiKey

log = logging.getLogger(__name__)

KEY_MARK: Final = "sam_"
"""What every key begins with, so that whoever finds one in a file knows what it is."""

_SHOWN: Final = len(KEY_MARK) + 6
_MOST_REMEMBERED: Final = 4_096


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What a new key is to be. Raises InvalidInput for one that could do nothing.

    `priority` can only lower the class of its person's jobs; `most` is how many jobs of it may wait and run at once;
    `life` is None for a key that works until it is revoked.
    """

    name: str
    scopes: frozenset[KeyScope]
    life: timedelta | None = None
    priority: Priority | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if not self.scopes or (self.most is not None and self.most < 1):
            raise InvalidInput("a key that could do nothing")
        if self.life is not None and self.life <= timedelta():
            raise InvalidInput("a key that is over at once")


@dataclass(frozen=True, slots=True)
class KeyCard:
    """A key as its person sees it in a list."""

    id: KeyId
    name: str
    prefix: str
    scopes: frozenset[KeyScope]
    priority: Priority | None
    most: int | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was just made: its secret, shown this once."""

    token: str = field(repr=False)
    card: KeyCard


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who acts with a key, and what the key allows."""

    user: User
    card: KeyCard


class Keys:
    """Makes, finds and revokes keys. What it found it remembers for a moment; any event about accounts clears that."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rules = desk.rules.keys
        self._remembered: OrderedDict[str, tuple[KeyHolder, float]] = OrderedDict()
        self._generation = 0
        self._tasks = Tasks()

    async def create(self, by: Principal, wish: KeyWish) -> MadeKey:
        """Make a key for whoever asks; raises NameRefused, AccountNotActive, InvalidInput beyond the most of a person.

        What has expired makes room.
        """
        require(by.user, Action.KEEP_KEYS, Owned(by.user.id))
        name, token = clean_name(wish.name), KEY_MARK + self._desk.new_token()

        def create(change: Change) -> KeyCard:
            self._require_room(change, by.user.id)
            row = keys.add_key(change.session, _row(by.user.id, name, token, wish, change.at))
            change.audit(AuditAction.KEY_MADE, by.user.id, key=str(row.id), scopes=row.scopes)
            return _card(row)

        return MadeKey(token, await self._desk.changes.make(create, by.address, by.user.id))

    async def list(self, by: Principal) -> Sequence[KeyCard]:
        """List one's own keys, the newest first."""
        require(by.user, Action.KEEP_KEYS, Owned(by.user.id))
        rows = await self._desk.store.read(lambda session: keys.keys_of(session, by.user.id))
        return [_card(row) for row in rows]

    async def revoke(self, by: Principal, key: KeyId) -> None:
        """Let one of one's own keys work no more; raises NotFound for any other."""
        require(by.user, Action.KEEP_KEYS, Owned(by.user.id))

        def revoke(change: Change) -> None:
            if not keys.delete_key(change.session, by.user.id, key):
                raise NotFound("no such key")
            change.audit(AuditAction.KEY_REVOKED, by.user.id, key=str(key))
            change.tell(KeysRevoked(by.user.id, frozenset({key})))

        await self._desk.changes.make(revoke, by.address, by.user.id)

    async def find(self, token: str) -> KeyHolder | None:
        """Find who acts with a key; None for one that was revoked, has expired or never was. Cheap enough for all."""
        if not token.startswith(KEY_MARK) or len(token) > LONGEST_TOKEN:
            return None
        token_hash = digest(token)
        if (known := self._recall(token_hash)) is not None:
            return known
        generation = self._generation
        found = await self._desk.store.read(lambda session: keys.key_by_token(session, token_hash))
        if found is None or found[1].state != AccountState.ACTIVE or self._is_over(found[0]):
            return None
        row, account = found
        holder = KeyHolder(user_from(account), _card(row))
        # What was revoked while the read ran must not be remembered as it was before.
        if generation == self._generation:
            self._remember(token_hash, holder)
        self._note_use(row)
        return holder

    def heard(self, _event: AccountEvent) -> None:
        """Take in that something about accounts changed."""
        self._generation += 1
        self._remembered.clear()

    async def settle(self) -> None:
        """Return when no use is left to be noted."""
        await self._tasks.wait()

    def _require_room(self, change: Change, user: UserId) -> None:
        account = accounts.get_account(change.session, user)
        if account is None:
            raise NotFound("no such account")
        require_active(account)
        rows = keys.keys_of(change.session, user)
        for row in filter(self._is_over, rows):
            keys.delete_key(change.session, user, row.id)
        if len([row for row in rows if not self._is_over(row)]) >= self._rules.most:
            raise InvalidInput(f"at most {self._rules.most} keys")

    def _is_over(self, row: ApiKey) -> bool:
        return row.expires_at is not None and row.expires_at <= self._desk.clocks.now()

    def _recall(self, token_hash: str) -> KeyHolder | None:
        known, until = self._remembered.get(token_hash, (None, 0.0))
        return known if self._desk.clocks.monotonic() < until else None

    def _remember(self, token_hash: str, holder: KeyHolder) -> None:
        until = self._desk.clocks.monotonic() + self._rules.remembered.total_seconds()
        self._remembered[token_hash] = (holder, until)
        self._remembered.move_to_end(token_hash)
        while len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _note_use(self, row: ApiKey) -> None:
        now = self._desk.clocks.now()
        if row.used_at is None or now - row.used_at >= self._rules.touch_every:
            self._tasks.spawn(self._touch(row.id, now))

    async def _touch(self, key_id: UUID, at: datetime) -> None:
        def touch(session: Session) -> None:
            keys.touch_key(session, key_id, at)

        try:
            await self._desk.store.write(touch)
        except (StorageError, Refused) as error:
            # Programs can go on asking while nothing can be written.
            log.info("the use of a key was not noted: %s", error)


def revoke_keys(change: Change, user: UserId) -> None:
    """Let every key of a person work no more as a part of a change."""
    if gone := keys.delete_keys(change.session, user):
        change.tell(KeysRevoked(user, frozenset(map(KeyId, gone))))


def _row(user: UserId, name: str, token: str, wish: KeyWish, at: datetime) -> ApiKey:
    return ApiKey(
        account_id=user,
        name=name,
        prefix=token[:_SHOWN],
        token_hash=digest(token),
        scopes=sorted(wish.scopes),
        priority=None if wish.priority is None else int(wish.priority),
        most=wish.most,
        created_at=at,
        expires_at=None if wish.life is None else at + wish.life,
    )


def _card(row: ApiKey) -> KeyCard:
    return KeyCard(
        id=KeyId(row.id),
        name=row.name,
        prefix=row.prefix,
        scopes=frozenset(map(KeyScope, row.scopes)),
        priority=None if row.priority is None else Priority(row.priority),
        most=row.most,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
