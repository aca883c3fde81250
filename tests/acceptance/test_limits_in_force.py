"""What admins change about people takes effect at once on what waits and runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlmodel import Session

from chatui.accounts.limits import GroupLimits
from chatui.conversations.journal import AnswerPlace
from chatui.conversations.question import Asked
from chatui.domain.errors import ModelForbidden, ModelLoadFailed, NotFound, QueueFull
from chatui.domain.jobs import JobState, Priority, Stage, Turn
from chatui.domain.messages import ModelName, UserId
from chatui.domain.people import AccountRole, Principal, User
from chatui.web.standing import Standing
from chatui.web.tab import Tab
from chatui.web.wording import wording_for
from storage.accounts import AccountFields, change_account
from storage.tables import Message, MessageState, Table
from tests.support.accounts import HOME, PASSWORD
from tests.support.assembly import assembled
from tests.support.faulty_ollama import MODEL, WHOLE, faulty_ollama
from tests.support.household import Household, open_household

KNOWN, OTHER = ModelName(MODEL), ModelName("another:1b")
Close = Callable[[Household, User], Awaitable[None]]


async def disable(house: Household, user: User) -> None:
    await house.accounts.admin.disable(house.ada, user.id)


async def delete(house: Household, user: User) -> None:
    await house.accounts.admin.delete(house.ada, user.id)


async def leave(house: Household, user: User) -> None:
    await house.accounts.own.delete(Principal(user, HOME.address), PASSWORD)


async def jobs_end(house: Household, *users: User) -> None:
    """Wait until nothing of these people waits or runs, and every end is written."""
    ids = {user.id for user in users}
    await house.parts.until(lambda: not any(job.submission.user in ids for job in house.parts.scheduler.jobs))
    await house.parts.journal.settle()


async def ended(house: Household, asked: Asked) -> Message:
    """The answer as it is kept, once it is over; others may go on."""
    job = house.parts.jobs[asked.answer]
    await house.parts.until(lambda: house.parts.scheduler.job(job.id) is None)
    return await house.parts.message(asked.answer)


async def rows_that_name(house: Household, user: UserId) -> dict[str, int]:
    """How many rows of each table name a person; entries of the audit log outlive everybody."""

    def count(session: Session) -> dict[str, int]:
        found: dict[str, int] = {}
        for table in Table.metadata.sorted_tables:
            rows = session.connection().execute(table.select())
            named = sum(any(value in (user, str(user)) for value in row) for row in rows)
            found |= {table.name: named} if named and table.name != "auditentry" else {}
        return found

    return await house.parts.database.read(count)


@pytest.mark.parametrize("close", [disable, delete, leave])
async def test_a_closed_account_has_nothing_that_runs_or_waits(
    data: Path, close: Close, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_household(data) as house:
        bob, cyd = await house.member("Bob"), await house.member("Cyd")
        running = await house.writing(bob)
        waiting = [await house.parts.ask(text, user=bob) for text in ("second", "third")]
        others = await house.parts.ask("mine", user=cyd)
        jobs = [house.parts.jobs[one.answer] for one in (running, *waiting)]
        await close(house, bob)
        await jobs_end(house, bob)
        assert [job.state for job in jobs] == [JobState.STOPPED] * 3
        (answer,) = await house.parts.over(others)
        assert answer.content == WHOLE, "the slot went to who was next"
        if close is disable:
            states = [(await house.parts.message(one.answer)).state for one in (running, *waiting)]
            assert states == [MessageState.STOPPED] * 3
        else:
            assert await rows_that_name(house, bob.id) == {}
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_late_ending_brings_no_row_of_a_deleted_account_back(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_household(data) as house:
        bob = await house.member("Bob")
        running = await house.writing(bob)
        job, journal = house.parts.jobs[running.answer], house.parts.journal
        await delete(house, bob)
        await jobs_end(house, bob)
        journal.follow(job.id, AnswerPlace(bob.id, running.conversation, running.answer))
        journal.started(job)
        journal.progressed(job)
        journal.failed(job, ModelLoadFailed("the kettle is cold"), Stage.LOADING)
        journal.requeued(job)
        assert job.outcome is not None
        await journal.finished(job, job.outcome)
        await journal.settle()
        assert await rows_that_name(house, bob.id) == {}
        assert await house.parts.failures() == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_question_that_was_on_its_way_when_the_account_was_closed_is_not_kept(data: Path) -> None:
    async with open_household(data) as house:
        bob = await house.member("Bob")
        await house.parts.database.write(lambda session: change_account(session, bob.id, state="disabled"))
        with pytest.raises(NotFound):
            await house.parts.ask("How many cups?", user=bob)
        assert await house.parts.job_rows() == []
        assert not house.parts.scheduler.jobs


async def test_a_group_that_loses_a_model_stops_what_waits_for_it(data: Path) -> None:
    async with open_household(data) as house:
        kitchen = await house.group()
        bob, cyd = await house.member("Bob", kitchen), await house.member("Cyd")
        running = await house.writing(bob)
        waiting, others = await house.parts.ask("second", user=bob), await house.parts.ask("mine", user=cyd)
        await house.accounts.groups.change(house.ada, kitchen.id, "Kitchen", GroupLimits(models=frozenset({OTHER})))
        stopped = await ended(house, waiting)
        assert (stopped.state, stopped.error_code) == (MessageState.STOPPED, "model_forbidden")
        said = house.parts.shown(stopped)["notice"]
        assert said == "Stopped: this account's group may not use the model any more."
        house.release.set()
        written, answer = await house.parts.over(running, others)
        assert written.state is answer.state is MessageState.COMPLETE, "what had begun went on to its end"
        with pytest.raises(ModelForbidden):
            await house.parts.ask("fourth", user=bob)


async def test_who_becomes_a_viewer_has_nothing_waiting(data: Path) -> None:
    async with open_household(data) as house:
        bob, cyd = await house.member("Bob"), await house.member("Cyd")
        await house.writing(cyd)
        waiting = await house.parts.ask("second", user=bob)
        await house.accounts.admin.set_role(house.ada, bob.id, AccountRole.VIEWER)
        stopped = await ended(house, waiting)
        assert (stopped.state, stopped.error_code) == (MessageState.STOPPED, "may_not_ask")
        assert house.parts.shown(stopped)["notice"] == "Stopped: this account may only read now."


MEANWHILE: list[tuple[AccountFields, MessageState, str | None]] = [
    (AccountFields(state="disabled"), MessageState.STOPPED, None),
    (AccountFields(role="viewer"), MessageState.STOPPED, "may_not_ask"),
    (AccountFields(name="Robert"), MessageState.COMPLETE, None),
]


@pytest.mark.parametrize(("change", "state", "code"), MEANWHILE)
async def test_what_changed_while_the_app_was_down_counts_at_the_start(
    data: Path, change: AccountFields, state: MessageState, code: str | None
) -> None:
    async with open_household(data) as house:
        bob = await house.member("Bob")
        house.parts.policy.control.pause()
        asked = await house.parts.ask("How many cups?", user=bob)
        await house.parts.database.write(lambda session: change_account(session, bob.id, **change))
    async with faulty_ollama() as server, assembled(data, server.url) as parts:
        parts.follow(asked)
        (message,) = await parts.over(asked)
        assert (message.state, message.error_code) == (state, code)
        asked_upstream = [call for call, _ in server.calls].count("chat")
        assert asked_upstream == (state is MessageState.COMPLETE)


async def test_caps_are_those_of_the_group_at_once_and_for_who_comes_later(data: Path) -> None:
    async with open_household(data) as house:
        cyd, kitchen = await house.member("Cyd"), await house.group(limits=GroupLimits(queued=1))
        bob = await house.member("Bob", kitchen)
        await house.writing(cyd)
        await house.parts.until(lambda: queued_of(house, bob) == 1)
        await house.parts.ask("first", user=bob)
        assert await refused(house, bob) == ("person", 1)
        await house.accounts.groups.change(house.ada, kitchen.id, "Kitchen", GroupLimits(queued=2, weight=3.0))
        await house.parts.until(lambda: queued_of(house, bob) == 2)
        await house.parts.ask("second", user=bob)
        assert await refused(house, bob) == ("person", 2)
        await house.accounts.admin.set_group(house.ada, bob.id, None)
        await house.parts.until(lambda: queued_of(house, bob) is None)
        await house.parts.ask("third", user=bob)
        house.release.set()


async def test_the_class_of_a_group_is_that_of_what_already_waits(data: Path) -> None:
    async with open_household(data) as house:
        kitchen = await house.group()
        bob, cyd, dot = (
            await house.member("Bob", kitchen),
            await house.member("Cyd"),
            await house.member("Dot", kitchen),
        )
        await house.writing(cyd)
        first, his, hers = [await house.parts.ask("mine", user=user) for user in (cyd, bob, dot)]
        job = house.parts.jobs[hers.answer]
        house.parts.scheduler.choose_turn(job.id, Turn.GIVING_WAY)
        assert order(house, first, his, hers) == [1, 2, 3]
        limits = GroupLimits(priority=Priority.HIGH)
        await house.accounts.groups.change(house.ada, kitchen.id, "Kitchen", limits)
        await house.parts.until(lambda: order(house, first, his, hers) == [2, 1, 3])
        # Who lets others pass goes on doing so, and may take it back.
        await house.parts.until(lambda: job.submission.priority is Priority.HIGH)
        await house.accounts.admin.set_group(house.ada, bob.id, None)
        await house.parts.until(lambda: order(house, first, his, hers) == [1, 2, 3])
        house.release.set()


def order(house: Household, *asked: Asked) -> list[int]:
    places = house.parts.scheduler.places()
    return [places[house.parts.jobs[one.answer].id].position for one in asked]


def queued_of(house: Household, user: User) -> int | None:
    return house.parts.policy._situation.accounts.limits_of(user.id).queued


async def refused(house: Household, user: User) -> tuple[str, int]:
    with pytest.raises(QueueFull) as refusal:
        await house.parts.ask("one too many", user=user)
    return refusal.value.scope, refusal.value.limit


async def test_the_page_offers_the_models_of_the_group_and_no_others(data: Path) -> None:
    async with open_household(data) as house:
        kitchen = await house.group(limits=GroupLimits(models=frozenset({OTHER})))
        bob, cyd = await house.member("Bob", kitchen), await house.member("Cyd")
        standing, changed = standing_of(house), asyncio.Event()
        house.parts.limits.subscribe(changed.set)
        await house.parts.limits.refresh()
        assert offered(standing, bob) == ([], None)
        assert offered(standing, cyd) == ([MODEL], MODEL)
        changed.clear()
        await house.accounts.groups.change(house.ada, kitchen.id, "Kitchen", GroupLimits(models=frozenset({KNOWN})))
        async with asyncio.timeout(60):
            await changed.wait()
        assert offered(standing, bob) == ([MODEL], MODEL)


def standing_of(house: Household) -> Standing:
    standing = Standing(house.parts.fleet)
    standing.models_of = house.parts.limits.models_of
    return standing


def offered(standing: Standing, user: User) -> tuple[list[str], str | None]:
    tab = Tab(Principal(user, HOME.address), wording_for("en"))
    models = next(frame for frame in standing.frames(tab) if frame["t"] == "models")
    return [item["name"] for item in models["items"]], models["default"]
