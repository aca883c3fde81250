"""A waiting job is changed while its turn comes, in every order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from chatui.domain.errors import NotFound, NotWaiting, StorageUnavailable
from chatui.domain.jobs import JobId, JobState, Turn
from chatui.domain.messages import ChatMessage, ChatRequest, Role
from chatui.scheduler.job import Job
from tests.unit.test_scheduler import Desk, desk, ended, when

__all__ = ["desk"]


def other_request(job: Job) -> ChatRequest:
    assert isinstance(job.request, ChatRequest)
    return replace(job.request, messages=(ChatMessage(Role.USER, "put better"),))


async def busy(desk: Desk) -> tuple[Job, Job]:
    """One job that writes and one that waits."""
    first, second = await desk.submit(), await desk.submit()
    await when(first, lambda: first.has_output)
    assert second.state is JobState.QUEUED
    return first, second


async def test_a_turn_that_comes_while_a_change_is_written_waits_for_it(desk: Desk) -> None:
    first, second = await busy(desk)
    written = asyncio.Event()

    async def keep() -> None:
        await written.wait()

    editing = asyncio.create_task(desk.scheduler.edit(second.id, other_request(second), 4, keep))
    await asyncio.sleep(0)
    await desk.scheduler.stop(first.id)
    assert second.state is JobState.RUNNING
    assert len(desk.backend.asked) == 1
    written.set()
    await editing
    desk.backend.finish.set()
    await ended(second)
    assert desk.backend.asked[1].messages[-1].content == "put better"
    assert desk.idle()


async def test_a_change_that_cannot_be_kept_leaves_the_job_as_it_was(desk: Desk) -> None:
    first, second = await busy(desk)

    async def keep() -> None:
        raise StorageUnavailable

    with pytest.raises(StorageUnavailable):
        await desk.scheduler.edit(second.id, other_request(second), 4, keep)
    desk.backend.finish.set()
    await ended(first)
    await ended(second)
    assert [asked.messages[-1].content for asked in desk.backend.asked] == ["hello", "hello"]


async def test_what_runs_or_is_over_is_not_changed(desk: Desk) -> None:
    first, _ = await busy(desk)

    async def keep() -> None:
        raise AssertionError("nothing is written")

    for job_id in (first.id, JobId(uuid4())):
        with pytest.raises(NotWaiting):
            await desk.scheduler.edit(job_id, other_request(first), 4, keep)
        with pytest.raises(NotWaiting):
            desk.scheduler.choose_turn(job_id, Turn.IDLE)
    with pytest.raises(NotWaiting):
        desk.scheduler.put_first(first.id)
    with pytest.raises(NotFound):
        desk.scheduler.put_first(JobId(uuid4()))


@pytest.mark.parametrize("turn", [Turn.GIVING_WAY, Turn.IDLE])
async def test_who_gives_way_is_last_until_that_is_taken_back(desk: Desk, turn: Turn) -> None:
    _, second = await busy(desk)
    third = await desk.submit()
    desk.scheduler.choose_turn(second.id, turn)
    assert order(desk) == [third.id, second.id]
    desk.scheduler.choose_turn(second.id, Turn.IN_TURN)
    assert order(desk) == [second.id, third.id]


async def test_from_idle_one_may_go_on_to_let_others_pass(desk: Desk) -> None:
    _, second = await busy(desk)
    desk.scheduler.choose_turn(second.id, Turn.IDLE)
    desk.scheduler.choose_turn(second.id, Turn.GIVING_WAY)
    assert desk.scheduler.places()[second.id].waits == "turn"
    assert second.submission.turn is Turn.GIVING_WAY


async def test_a_restored_job_keeps_what_its_person_chose(desk: Desk) -> None:
    _, second = await busy(desk)
    submission = replace(second.submission, job_id=JobId(uuid4()), turn=Turn.IDLE)
    restored = desk.scheduler.restore(submission, 0, 0)
    assert order(desk) == [second.id, restored.id]
    assert desk.scheduler.places()[restored.id].waits == "idle"


def order(desk: Desk) -> list[JobId]:
    return [place.job_id for place in sorted(desk.scheduler.places().values(), key=lambda place: place.position)]


async def test_put_first_goes_before_everybody(desk: Desk) -> None:
    _, second = await busy(desk)
    third = await desk.submit()
    desk.scheduler.put_first(third.id)
    assert order(desk) == [third.id, second.id]


async def test_a_closed_queue_opens_again_unless_the_app_ends(desk: Desk) -> None:
    first, second = await busy(desk)
    desk.scheduler.close()
    desk.backend.finish.set()
    await ended(first)
    assert second.state is JobState.QUEUED
    desk.scheduler.resume()
    await ended(second)
    assert desk.idle()


async def test_no_backend_of_that_name_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.scheduler.pause("nowhere")
    with pytest.raises(NotFound):
        desk.scheduler.resume("nowhere")
