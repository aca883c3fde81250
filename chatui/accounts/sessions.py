"""Who is signed in: sessions in the database, looked up by the hash of their token."""

from __future__ import annotations

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chatui.accounts.changes import Change, Store, Visit
from chatui.accounts.events import AccountEvent, SessionsRevoked
from chatui.accounts.people import SignedIn, user_from
from chatui.accounts.rules import SessionRules
from chatui.accounts.tokens import LONGEST_TOKEN, NewToken, digest, random_token
from chatui.domain.errors import Refused
from chatui.domain.messages import UserId
from chatui.domain.people import AccountState, SessionId, User
from chatui.scheduler.tasks import Tasks
from storage import sessions
from storage.database import Clocks
from storage.errors import StorageError
from storage.tables import Account, AccountSession

log = logging.getLogger(__name__)
_MOST_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class Known:
    """Whose session a token opens."""

    user: User
    session: SessionId


class Sessions:
    """Opens, finds and ends sessions. What it found it remembers for a moment; any event about accounts clears that."""

    def __init__(
        self, store: Store, clocks: Clocks, rules: Callable[[], SessionRules], new_token: NewToken = random_token
    ) -> None:
        self._store = store
        self._clocks = clocks
        self._rules = rules
        self._new_token = new_token
        self._remembered: OrderedDict[str, tuple[Known, float]] = OrderedDict()
        self._generation = 0
        self._tasks = Tasks()

    def open(self, change: Change, account: Account, visit: Visit) -> SignedIn:
        """Open a session as a part of a change; beyond the most that an account may have the oldest end."""
        token = self._new_token()
        row = AccountSession(
            token_hash=digest(token),
            account_id=account.id,
            address=visit.address,
            device=visit.device,
            created_at=change.at,
            used_at=change.at,
        )
        _tell_revoked(change, account.id, sessions.add_session(change.session, row, self._rules().most))
        return SignedIn(token, user_from(account), SessionId(row.id), change.at + self._rules().absolute)

    def close(self, change: Change, user: UserId, session: SessionId) -> bool:
        """End a session of a person as a part of a change; False when it is none of theirs."""
        closed = sessions.close_session(change.session, user, session)
        _tell_revoked(change, user, [session] if closed else [])
        return closed

    def close_all(self, change: Change, user: UUID, but: SessionId | None = None) -> int:
        """End the sessions of a person, all or all but one, as a part of a change; gives how many there were."""
        closed = sessions.close_sessions(change.session, user, but)
        _tell_revoked(change, user, closed)
        return len(closed)

    def purge(self, change: Change) -> int:
        """End the sessions that are too old as a part of a change; gives how many there were."""
        created, used = change.at - self._rules().absolute, change.at - self._rules().idle
        over: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for account_id, session_id in sessions.purge_sessions(change.session, created, used):
            over[account_id].append(session_id)
        for account_id, ids in over.items():
            _tell_revoked(change, account_id, ids)
        return sum(map(len, over.values()))

    async def find(self, token: str) -> Known | None:
        """Find whose session a token opens; None for a session that is over, or never was."""
        if not 0 < len(token) <= LONGEST_TOKEN:
            return None
        token_hash = digest(token)
        if (known := self._recall(token_hash)) is not None:
            return known
        generation = self._generation
        found = await self._store.read(lambda session: sessions.session_by_token(session, token_hash))
        if found is None or not self._is_valid(*found):
            return None
        row, account = found
        known = Known(user_from(account), SessionId(row.id))
        # What was revoked while the read ran must not be remembered as it was before.
        if generation == self._generation:
            self._remember(token_hash, known)
        self._note_use(row)
        return known

    def heard(self, _event: AccountEvent) -> None:
        """Take in that something about accounts changed."""
        self._generation += 1
        self._remembered.clear()

    async def settle(self) -> None:
        """Return when no use is left to be noted."""
        await self._tasks.wait()

    def _is_valid(self, row: AccountSession, account: Account) -> bool:
        now = self._clocks.now()
        young = now - row.created_at < self._rules().absolute and now - row.used_at < self._rules().idle
        return young and account.state == AccountState.ACTIVE

    def _recall(self, token_hash: str) -> Known | None:
        known, until = self._remembered.get(token_hash, (None, 0.0))
        return known if self._clocks.monotonic() < until else None

    def _remember(self, token_hash: str, known: Known) -> None:
        until = self._clocks.monotonic() + self._rules().remembered.total_seconds()
        self._remembered[token_hash] = (known, until)
        self._remembered.move_to_end(token_hash)
        while len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _note_use(self, row: AccountSession) -> None:
        now = self._clocks.now()
        if now - row.used_at >= self._rules().touch_every:
            self._tasks.spawn(self._touch(row.id, now))

    async def _touch(self, session_id: UUID, at: datetime) -> None:
        try:
            await self._store.write(lambda session: sessions.touch_session(session, session_id, at))
        except (StorageError, Refused) as error:
            # People can go on reading while nothing can be written.
            log.info("the use of a session was not noted: %s", error)


def _tell_revoked(change: Change, account_id: UUID, ids: Iterable[UUID]) -> None:
    if revoked := frozenset(SessionId(session_id) for session_id in ids):
        change.tell(SessionsRevoked(UserId(account_id), revoked))
