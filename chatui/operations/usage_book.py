"""What people took of the models, summed by person, group or model, and as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session

from chatui.accounts.audit import AuditAction
from chatui.accounts.changes import Change
from chatui.accounts.desk import Desk
from chatui.domain.access import Action
from chatui.domain.people import Principal
from chatui.operations.spreadsheet import harmless
from storage import usage
from storage.tables import TokenUsage


class UsageBy(StrEnum):
    """What usage is summed by."""

    PERSON = "person"
    GROUP = "group"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Took:
    """What one person took of one model on one day; `group` is empty for people without one."""

    day: date
    person: str
    group: str
    model: str
    answers: int
    prompt_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What was taken in all by one person, one group, or of one model."""

    name: str
    answers: int
    prompt_tokens: int
    output_tokens: int

    @property
    def tokens(self) -> int:
        """Read and written together."""
        return self.prompt_tokens + self.output_tokens


class UsageBook:
    """Reads what was taken. Raises Forbidden for those who do not run the app."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def taken(self, by: Principal, first: date, last: date) -> Sequence[Took]:
        """List what was taken from the `first` day of UTC to the `last`, by day, person and model."""

        def read(session: Session) -> Sequence[Took]:
            return [_took(*row) for row in usage.usage_between(session, first, last)]

        return await self._desk.read(by, Action.READ_USAGE, read)

    async def export(self, by: Principal, first: date, last: date) -> str:
        """Give the same as CSV, of which no cell is a formula, and note in the audit log that it was taken."""
        taken = await self.taken(by, first, last)

        def note(change: Change) -> None:
            change.audit(AuditAction.USAGE_EXPORTED, first=first.isoformat(), last=last.isoformat())

        await self._desk.change(by, Action.READ_USAGE, note)
        return as_csv(taken)


def sums(taken: Sequence[Took], by: UsageBy) -> list[Sum]:
    """Sum by person, group or model; whoever took most comes first."""
    name: Callable[[Took], str] = {
        UsageBy.PERSON: lambda took: took.person,
        UsageBy.GROUP: lambda took: took.group,
        UsageBy.MODEL: lambda took: took.model,
    }[by]
    parts: defaultdict[str, list[Took]] = defaultdict(list)
    for took in taken:
        parts[name(took)].append(took)
    found = [_sum(key, part) for key, part in parts.items()]
    return sorted(found, key=lambda one: (-one.tokens, one.name))


def as_csv(taken: Sequence[Took]) -> str:
    """Write one line for each day, person and model, below a line of heads."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["day", "person", "group", "model", "answers", "prompt_tokens", "output_tokens"])
    for took in taken:
        texts = map(harmless, (took.person, took.group, took.model))
        writer.writerow([took.day.isoformat(), *texts, took.answers, took.prompt_tokens, took.output_tokens])
    return out.getvalue()


def _took(row: TokenUsage, person: str, group: str | None) -> Took:
    return Took(row.day, person, group or "", row.model, row.answers, row.prompt_tokens, row.output_tokens)


def _sum(name: str, part: Sequence[Took]) -> Sum:
    return Sum(
        name,
        sum(took.answers for took in part),
        sum(took.prompt_tokens for took in part),
        sum(took.output_tokens for took in part),
    )
