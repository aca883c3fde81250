"""The library of prompts over the real database: whose a prompt is, who sees it, who may change it, what is noted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from chatui.accounts.export import export_pieces
from chatui.conversations.prompt import MOST_OWN, PromptDraft, PromptFlaw
from chatui.conversations.prompts import TAKEN_BACK_WITHIN, PromptLibrary
from chatui.domain.errors import Forbidden, NotFound, PromptRefused
from chatui.domain.people import AccountRole, Principal, User
from storage import accounts
from storage.database import Clocks
from storage.tables import AuditEntry
from tests.support.assembly import Assembly
from tests.support.rows import every_row

pytestmark = pytest.mark.asyncio
SUMMARY = PromptDraft("Summary", "Sum up {{text}}", shared=False)
FOR_ALL = PromptDraft("Reply", "Reply to {{name}}", shared=True)


def acting(user: User) -> Principal:
    return Principal(user, "127.0.0.1")


def as_role(user: User, role: AccountRole) -> Principal:
    return acting(User(user.id, user.name, role, user.group))


@pytest.fixture
def library(parts: Assembly) -> PromptLibrary:
    return parts.services.prompts


async def audited(parts: Assembly) -> list[tuple[str, Any]]:
    def read(session: Session) -> list[tuple[str, Any]]:
        return [(entry.action, entry.detail) for entry in session.exec(select(AuditEntry).order_by("id"))]

    return [entry for entry in await parts.database.read(read) if entry[0].startswith("team_prompt")]


async def names(library: PromptLibrary, user: User) -> list[str]:
    return [prompt.name for prompt in await library.of(user)]


async def test_what_is_kept_for_oneself_is_there_for_nobody_else(
    library: PromptLibrary, parts: Assembly, ada: User, ben: User
) -> None:
    kept = await library.add(acting(ada), SUMMARY)
    assert await names(library, ada) == ["Summary"]
    assert await names(library, ben) == []
    before = await parts.database.read(every_row)
    for by in (acting(ben), as_role(ben, AccountRole.ADMIN), as_role(ben, AccountRole.VIEWER)):
        for attempt in (library.change(by, kept, FOR_ALL), library.remove(by, kept), library.take_back(by, kept)):
            with pytest.raises(NotFound):
                await attempt
    assert await parts.database.read(every_row) == before
    assert await audited(parts) == []


async def test_what_is_shown_to_the_team_is_changed_by_its_author_and_by_admins_alone(
    library: PromptLibrary, parts: Assembly, ada: User, ben: User
) -> None:
    kept = await library.add(as_role(ada, AccountRole.MEMBER), FOR_ALL)
    (seen,) = await library.of(ben)
    assert (seen.name, seen.author, seen.is_own, seen.can_change) == ("Reply", ada.name, False, False)
    member, admin = as_role(ben, AccountRole.MEMBER), as_role(ben, AccountRole.ADMIN)
    with pytest.raises(Forbidden):
        await library.change(member, kept, SUMMARY)
    with pytest.raises(Forbidden):
        await library.remove(member, kept)
    assert await library.change(admin, kept, PromptDraft("Answer", "Answer {{name}}", shared=True))
    assert await library.change(as_role(ada, AccountRole.MEMBER), kept, PromptDraft("Answer", "mine", shared=False))
    assert await names(library, ben) == []
    with pytest.raises(NotFound):  # it is hers alone again
        await library.change(admin, kept, FOR_ALL)
    assert await audited(parts) == [
        ("team_prompt_added", {"prompt": "Reply"}),
        ("team_prompt_changed", {"prompt": "Answer"}),
        ("team_prompt_removed", {"prompt": "Answer"}),
    ]


async def test_what_is_the_teams_belongs_to_nobody_alone(library: PromptLibrary, ada: User, ben: User) -> None:
    admin = as_role(ada, AccountRole.ADMIN)
    kept = await library.add_for_team(admin, FOR_ALL)
    (seen,) = await library.of(ben)
    assert (seen.author, seen.is_own, seen.can_change) == (None, False, False)
    with pytest.raises(Forbidden):
        await library.add_for_team(as_role(ben, AccountRole.MEMBER), FOR_ALL)
    with pytest.raises(PromptRefused) as refused:
        await library.add_for_team(admin, FOR_ALL)
    assert refused.value.flaw == PromptFlaw.NAME_TAKEN
    assert (await library.remove(admin, kept)).name == "Reply"


async def test_who_only_reads_keeps_nothing(library: PromptLibrary, ada: User) -> None:
    with pytest.raises(Forbidden):
        await library.add(as_role(ada, AccountRole.VIEWER), SUMMARY)
    assert await library.of(as_role(ada, AccountRole.VIEWER).user) == []


async def test_what_is_removed_comes_back_as_it_was_for_a_while(
    library: PromptLibrary, parts: Assembly, ada: User
) -> None:
    by = acting(ada)
    kept = await library.add(by, FOR_ALL)
    before = (await parts.database.read(every_row))["prompt"]
    await library.remove(by, kept)
    assert (await parts.database.read(every_row))["prompt"] == []
    assert await library.take_back(by, kept)
    assert (await parts.database.read(every_row))["prompt"] == before
    with pytest.raises(NotFound):
        await library.take_back(by, kept)
    shift = [timedelta()]
    late = PromptLibrary(parts.watch, Clocks(now=lambda: parts.database.clocks.now() + shift[0]))
    await late.remove(by, kept)
    shift[0] = TAKEN_BACK_WITHIN + timedelta(seconds=1)
    with pytest.raises(NotFound):
        await late.take_back(by, kept)


async def test_what_is_removed_does_not_come_back_in_the_place_of_another(library: PromptLibrary, ada: User) -> None:
    kept = await library.add(acting(ada), SUMMARY)
    await library.remove(acting(ada), kept)
    await library.add(acting(ada), SUMMARY)
    with pytest.raises(PromptRefused):
        await library.take_back(acting(ada), kept)


async def test_one_person_keeps_so_many_and_each_name_once(library: PromptLibrary, ada: User, ben: User) -> None:
    kept = await library.add(acting(ada), SUMMARY)
    with pytest.raises(PromptRefused) as taken:
        await library.add(acting(ada), SUMMARY)
    assert taken.value.flaw == PromptFlaw.NAME_TAKEN
    for number in range(MOST_OWN - 1):
        await library.add(acting(ada), PromptDraft(f"Prompt {number}", "x", shared=False))
    with pytest.raises(PromptRefused) as many:
        await library.add(acting(ada), PromptDraft("One more", "x", shared=False))
    assert many.value.flaw == PromptFlaw.TOO_MANY
    await library.change(acting(ada), kept, PromptDraft("Summary", "other words", shared=False))
    with pytest.raises(PromptRefused):
        await library.change(acting(ada), kept, PromptDraft("Prompt 7", "x", shared=False))
    await library.add(acting(ben), SUMMARY)


async def test_ones_own_are_in_the_export_and_go_with_the_account(
    library: PromptLibrary, parts: Assembly, ada: User, ben: User
) -> None:
    await library.add(acting(ben), SUMMARY)
    await library.add(acting(ben), FOR_ALL)
    await library.add(acting(ada), PromptDraft("Hers", "x", shared=True))
    pieces = [piece async for piece in export_pieces(parts.watch, ben.id, parts.database.clocks.now())]
    exported = json.loads("".join(pieces))["prompts"]
    assert [prompt["name"] for prompt in exported] == ["Reply", "Summary"]
    await parts.database.write(lambda session: accounts.delete_account(session, ben.id))
    assert await names(library, ada) == ["Hers"]
    assert [row["name"] for row in (await parts.database.read(every_row))["prompt"]] == ["Hers"]


async def test_what_is_not_there_is_not_found(library: PromptLibrary, ada: User) -> None:
    nothing: UUID = uuid4()
    for attempt in (library.change(acting(ada), nothing, SUMMARY), library.remove(acting(ada), nothing)):
        with pytest.raises(NotFound):
            await attempt
