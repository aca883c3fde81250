"""In which order a measurement does its rounds, what ends it, and what it does when somebody comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.domain.errors import BackendError, BackendUnreachable, OutOfMemory
from chatui.domain.messages import ModelName
from chatui.operations.tuning.answers import TOKENS, Disturbed, RoundFailed, Target
from chatui.operations.tuning.knee import Bounds, Halt, Reading, knee, points_of
from chatui.operations.tuning.measurement import Measurement, NeverQuiet, Phase, Step

TARGET = Target(ModelName("qwen3:8b"), "ollama")


class Server:
    """Answers as fast as it is told to; `fails` by the number of workers."""

    def __init__(self, speed: Callable[[int], float]) -> None:
        self.speed = speed
        self.fails: dict[int, BackendError] = {}
        self.rounds: list[int] = []

    async def at_once(self, _: Target, workers: int, longest: timedelta, tokens: int = TOKENS) -> Reading:
        assert longest > timedelta()
        if tokens == TOKENS:
            self.rounds.append(workers)
        await asyncio.sleep(0)
        if workers in self.fails:
            raise RoundFailed(self.fails[workers])
        return Reading(workers, self.speed(workers), 0.2)


class House:
    """Who else is there: people come in the middle of the rounds named in `comes`, counted from 0."""

    def __init__(self, *comes: int) -> None:
        self.comes = set(comes)
        self.round = -1
        self.now = True
        self.waits = 0

    async def end(self) -> None:
        self.round += 1
        if self.round in self.comes:
            self.now = False
            return
        await asyncio.Event().wait()

    async def come(self) -> None:
        self.waits += 1
        self.now = True


def measurement(server: Server, people: House | None = None, maximum: int = 16) -> Measurement:
    return Measurement(server, people or House(), TARGET, Bounds(maximum), nullcontext)  # type: ignore[arg-type]


async def nobody_told(_: Step) -> None:
    pass


async def test_it_goes_up_then_down_then_up_again() -> None:
    server = Server(lambda workers: 40.0 * min(workers, 2))
    measured = measurement(server)
    assert await measured.run(nobody_told) is Halt.SPEED
    assert server.rounds == [1, 2, 1, 3, 1, 4, 1, 4, 1, 3, 1, 2, 1, 2, 1, 3, 1, 4, 1], "with one beside each"
    found = knee(points_of(measured.readings))
    assert found is not None
    assert (found.workers, found.rounds) == (2, 3)


async def test_what_differs_from_round_to_round_is_measured_again() -> None:
    """With two workers every round is disturbed differently: the median of seven counts."""
    server = Server(lambda workers: 40.0 if workers == 1 else 44.0 + 8 * (server.rounds.count(2) * 3 % 7))
    measured = measurement(server, maximum=2)
    await measured.run(nobody_told)
    assert server.rounds.count(2) == 7
    assert points_of(measured.readings)[1].tokens_per_second == pytest.approx(68.0)


@given(st.lists(st.floats(0.2, 1.0), min_size=20, max_size=20), st.integers(1, 6))
def test_what_slows_everything_down_for_a_while_moves_nothing(busy: list[float], full: int) -> None:
    """However much the machine does beside it, as long as that lasts for some rounds."""
    server = Server(lambda workers: 40.0 * min(workers, full) * busy[len(server.rounds) // 12 % len(busy)])
    measured = measurement(server)
    asyncio.run(measured.run(nobody_told))
    found = knee(points_of(measured.readings))
    assert found is not None
    assert abs(found.workers - full) <= 1


async def test_a_climb_that_one_bad_round_ended_goes_on() -> None:
    """Three and four look slow at first, as on a machine that was busy just then."""
    server = Server(lambda workers: 40.0 * min(workers, 5) * (0.5 if len(server.rounds) in {4, 6} else 1))
    measured = measurement(server)
    assert await measured.run(nobody_told) is Halt.SPEED
    found = knee(points_of(measured.readings))
    assert found is not None
    assert (found.workers, max(server.rounds)) == (5, 7)


async def test_a_server_without_memory_for_more_ends_the_climb() -> None:
    server = Server(lambda workers: 40.0 * workers)
    server.fails[3] = OutOfMemory("cudaMalloc failed: out of memory")
    measured = measurement(server)
    assert await measured.run(nobody_told) is Halt.MEMORY
    assert server.rounds[:4] == [1, 2, 1, 3]
    assert 3 not in server.rounds[4:]
    assert server.rounds.count(2) == 3


@pytest.mark.parametrize(
    ("workers", "error"), [(1, OutOfMemory("out of memory")), (2, BackendUnreachable("the server is gone"))]
)
async def test_a_server_that_fails_otherwise_fails_the_measurement(workers: int, error: BackendError) -> None:
    server = Server(lambda _: 40.0)
    server.fails[workers] = error
    with pytest.raises(RoundFailed) as failed:
        await measurement(server).run(nobody_told)
    assert failed.value.error is error


async def test_a_round_in_which_somebody_comes_is_done_again_when_it_is_quiet() -> None:
    server, people, steps = Server(lambda workers: 40.0 * workers), House(1, 2, 5), list[Step]()

    async def told(step: Step) -> None:
        steps.append(step)

    measured = measurement(server, people, maximum=2)
    assert await measured.run(told) is Halt.MAXIMUM
    assert people.waits == 3
    assert [reading.workers for reading in measured.readings] == [1, 2, 1, 2, 1, 2, 1]
    assert [step.phase for step in steps[:4]] == [Phase.LOADING, Phase.MEASURING, Phase.WAITING, Phase.MEASURING]
    assert steps[1] == steps[3] == Step(Phase.MEASURING, 1, 1)


async def test_it_waits_for_quiet_before_it_begins() -> None:
    people = House()
    people.now = False
    await measurement(Server(lambda _: 40.0), people).run(nobody_told)
    assert people.waits == 1


async def test_where_people_come_again_and_again_it_is_given_up() -> None:
    with pytest.raises(NeverQuiet):
        await measurement(Server(lambda _: 40.0), House(*range(1, 100))).run(nobody_told)


async def test_the_queue_lets_more_run_only_while_a_round_is_under_way() -> None:
    allowed: list[str] = []

    @contextmanager
    def workers_allowed() -> Iterator[None]:
        allowed.append("more")
        try:
            yield
        finally:
            allowed.append("as before")

    async def told(step: Step) -> None:
        allowed.append(step.phase)

    people = House(0)
    measured = Measurement(Server(lambda _: 40.0), people, TARGET, Bounds(1), workers_allowed)  # type: ignore[arg-type]
    await measured.run(told)
    assert allowed[:7] == ["loading", "more", "as before", "waiting", "loading", "more", "as before"]


async def test_a_round_that_is_given_up_is_over_when_somebody_else_goes_on() -> None:
    """Nothing of it is left in the queue."""
    under_way = 0

    class Slow(Server):
        async def at_once(self, *about: object, **more: object) -> Reading:
            nonlocal under_way
            async with _counted():
                await asyncio.Event().wait()
            raise Disturbed

    @asynccontextmanager
    async def _counted() -> AsyncIterator[None]:
        nonlocal under_way
        under_way += 1
        try:
            yield
        finally:
            await asyncio.sleep(0)
            under_way -= 1

    class Once(House):
        async def end(self) -> None:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert under_way == 1
            self.now = False

        async def come(self) -> None:
            assert under_way == 0
            await super().come()

    with pytest.raises(NeverQuiet):
        await measurement(Slow(lambda _: 40.0), Once()).run(nobody_told)
