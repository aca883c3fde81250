"""The stages of an attempt on the monotonic clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chatui.backends.deadlines import StageTimer
from chatui.domain.errors import DeadlineExceeded

SHORT = timedelta(milliseconds=20)
LONG = timedelta(seconds=30)


async def test_what_is_in_time_is_returned() -> None:
    assert await StageTimer("load", LONG).wait(asyncio.sleep(0, "loaded")) == "loaded"


async def test_a_stage_that_takes_too_long_is_named_with_its_limit() -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        await StageTimer("load", SHORT).wait(asyncio.Event().wait())

    assert (caught.value.stage, caught.value.limit) == ("load", SHORT)


async def test_the_whole_ends_before_the_stage() -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        await StageTimer("load", LONG, total=SHORT).wait(asyncio.Event().wait())

    assert caught.value.stage == "total"


async def test_a_new_stage_has_its_own_time() -> None:
    timer = StageTimer("load", SHORT)
    timer.enter("progress", LONG)

    assert await timer.wait(asyncio.sleep(2 * SHORT.total_seconds(), "late")) == "late"


async def test_waits_within_one_stage_share_its_time() -> None:
    timer = StageTimer("first_token", SHORT)

    async def drip() -> None:
        while True:
            await timer.wait(asyncio.sleep(SHORT.total_seconds() / 4))

    with pytest.raises(DeadlineExceeded):
        await drip()


async def test_a_timeout_of_the_awaited_itself_is_its_own() -> None:
    async def times_out() -> None:
        raise TimeoutError("not ours")

    with pytest.raises(TimeoutError, match="not ours"):
        await StageTimer("load", LONG).wait(times_out())


async def test_being_cancelled_is_no_deadline() -> None:
    waiting = asyncio.create_task(StageTimer("load", LONG).wait(asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_earlier_stage_after_a_longer_one_ends_in_its_own_time() -> None:
    timer = StageTimer("load", LONG)
    await timer.wait(asyncio.sleep(0))
    timer.enter("progress", SHORT)

    with pytest.raises(DeadlineExceeded) as caught:
        await timer.wait(asyncio.Event().wait())

    assert caught.value.stage == "progress"


async def test_a_deadline_takes_back_its_cancellation() -> None:
    timer = StageTimer("load", SHORT)
    with pytest.raises(DeadlineExceeded):
        await timer.wait(asyncio.Event().wait())

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    timer.enter("progress", LONG)
    assert await timer.wait(asyncio.sleep(0, "goes on")) == "goes on"


async def test_a_cancellation_behind_the_deadline_is_not_lost() -> None:
    cleaning = asyncio.Event()

    async def takes_long_to_end() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cleaning.set()
            await asyncio.Event().wait()

    waiting = asyncio.create_task(StageTimer("load", SHORT).wait(takes_long_to_end()))
    await cleaning.wait()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_timer_that_is_left_leaves_no_alarm() -> None:
    with StageTimer("load", LONG) as timer:
        await timer.wait(asyncio.sleep(0))

    assert not [handle for handle in asyncio.get_running_loop()._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
