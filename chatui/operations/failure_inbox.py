"""Failures that nobody has seen to yet: grouped by cause, seen to, written out for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chatui.accounts.changes import Store
from chatui.domain.access import Action, require
from chatui.domain.errors import NotFound
from chatui.domain.jobs import JobId, JobState
from chatui.domain.messages import ModelName, UserId
from chatui.domain.people import User
from chatui.operations.failure_advice import Advice, advice_for
from chatui.operations.spreadsheet import harmless
from storage import accounts, failures
from storage.tables import Failure

MOST: Final = 500
"""So many attempts are looked at; older ones are in the record all the same."""
_COLUMNS: Final = (
    *("at", "person", "cause", "model", "server", "attempt", "stage", "detail"),
    *("memory_available_bytes", "load_average", "tokens", "duration_ms", "job"),
)

SizeOf = Callable[[ModelName], int | None]


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job and its failed attempts, the newest first. `replayable` says that it ended so, and may be asked again."""

    job: JobId | None
    person: str | None
    model: str
    backend: str
    attempts: Sequence[Failure]
    replayable: bool

    @property
    def last(self) -> Failure:
        """The newest attempt."""
        return self.attempts[0]


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Everything that failed for one cause, the newest first, and what can be done about it."""

    code: str
    jobs: Sequence[FailedJob]
    advice: Advice

    @property
    def attempts(self) -> int:
        """How many attempts failed."""
        return sum(len(job.attempts) for job in self.jobs)

    @property
    def last_at(self) -> datetime:
        """When the newest one failed."""
        return self.jobs[0].last.created_at


class FailureInbox:
    """Reads the record of failures. `size_of` tells the size of a model's file in bytes."""

    def __init__(self, store: Store, size_of: SizeOf, now: Callable[[], datetime]) -> None:
        self._store = store
        self._size_of = size_of
        self._now = now

    async def groups(self, by: User) -> list[FailureGroup]:
        """List the causes, that of the newest failure first."""
        require(by, Action.READ_FAILURES)
        found = await self._store.read(lambda session: failures.open_failures(session, MOST))
        names = await self._names()
        by_code: dict[str, list[tuple[Failure, str | None]]] = {}
        for failure, state in found:
            by_code.setdefault(failure.code, []).append((failure, state))
        return [self._group(code, rows, names) for code, rows in by_code.items()]

    async def resolve(self, by: User, *, code: str | None = None, job: JobId | None = None) -> None:
        """Take a cause or a job out of the inbox; raises NotFound when it is not in there."""
        require(by, Action.READ_FAILURES)
        if code is None and job is None:
            raise NotFound
        now = self._now()
        if not await self._store.write(lambda session: failures.resolve_failures(session, now, code=code, job_id=job)):
            raise NotFound

    async def export(self, by: User) -> str:
        """Write the newest failures as CSV, those that were seen to included; a spreadsheet computes nothing of it."""
        require(by, Action.READ_FAILURES)
        rows = await self._store.read(lambda session: failures.recent_failures(session, MOST))
        names = await self._names()
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        writer.writerows(_cells(row, names) for row in rows)
        return out.getvalue()

    async def _names(self) -> Mapping[UserId, str]:
        people = await self._store.read(accounts.list_accounts)
        return {UserId(account.id): account.name for account in people}

    def _group(
        self, code: str, rows: Sequence[tuple[Failure, str | None]], names: Mapping[UserId, str]
    ) -> FailureGroup:
        by_job: dict[object, list[tuple[Failure, str | None]]] = {}
        for failure, state in rows:
            by_job.setdefault(failure.job_id or failure.id, []).append((failure, state))
        newest = rows[0][0]
        needed = self._size_of(ModelName(newest.model))
        about = {"model": newest.model, "backend": newest.backend}
        advice = advice_for(code, newest.detail, newest.memory_available, needed, about)
        return FailureGroup(code, [_job(each, names) for each in by_job.values()], advice)


def _job(rows: Sequence[tuple[Failure, str | None]], names: Mapping[UserId, str]) -> FailedJob:
    last, state = rows[0]
    return FailedJob(
        JobId(last.job_id) if last.job_id else None,
        names.get(UserId(last.account_id)) if last.account_id else None,
        last.model,
        last.backend,
        [failure for failure, _ in rows],
        replayable=state == JobState.FAILED,
    )


def _cells(row: Failure, names: Mapping[UserId, str]) -> Sequence[object]:
    person = names.get(UserId(row.account_id), "") if row.account_id else ""
    model, backend, stage, detail = map(harmless, (row.model, row.backend, row.stage, row.detail))
    machine = (row.memory_available, row.load_average, row.tokens_received, row.duration_ms)
    where = (model, backend, row.attempt_number, stage, detail)
    return (row.created_at.isoformat(), harmless(person), row.code, *where, *machine, row.job_id or "")
