"""What the app notes of itself."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.operations.recorder.history import (
    DAY,
    LOOK_EVERY,
    MINUTE,
    MONTH,
    POINTS,
    QUARTER,
    History,
    Window,
    floor,
    thinned,
)
from chatui.operations.recorder.sample import Sample, as_json, from_json, merged
from chatui.operations.recorder.spans import class_of, percentile
from storage.database import Clocks, Database
from storage.metric_tables import MetricSample
from storage.metrics import put_samples, samples_since
from tests.support.app import tab
from tests.support.house import Guest, House
from tests.support.ollama_server import OllamaServer
from tests.support.rush import has_text, waits_at

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(st.lists(st.floats(0.1, 3_000), min_size=1, max_size=50), st.sampled_from([0.5, 0.95]))
def test_a_percentile_is_told_to_about_a_tenth(seconds: list[float], share: float) -> None:
    spans: dict[int, int] = {}
    for each in seconds:
        spans[class_of(each)] = spans.get(class_of(each), 0) + 1
    told = percentile(spans, share)
    true = next(each for number, each in enumerate(sorted(seconds), 1) if number >= share * len(seconds))
    assert told == pytest.approx(true, rel=0.13)


def test_there_is_no_percentile_of_nothing() -> None:
    assert percentile({}, 0.5) is None


def test_counts_are_added_and_means_are_meant() -> None:
    quiet = Sample(NOON, {"waiting": 0.0}, {"tokens": 5.0}, {"first": {3: 1}}, {"ada": 2.0})
    busy = Sample(NOON + MINUTE, {"waiting": 3.0, "gpu": 50.0}, {"tokens": 7.0}, {"first": {3: 1, 9: 2}}, looks=2)
    both = merged([quiet, busy], NOON)
    assert both == Sample(
        NOON, {"waiting": 2.0, "gpu": 50.0}, {"tokens": 12.0}, {"first": {3: 2, 9: 2}}, {"ada": 2.0}, 3
    )
    assert from_json(NOON, as_json(both)) == both


class Hands:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


async def test_a_restart_takes_no_more_than_the_minute_under_way(tmp_path: Path) -> None:
    hands = Hands()
    for _ in range(2):  # two runs of five minutes each
        database = await Database.open(tmp_path, clocks=Clocks(now=hands))
        history = History(database)
        await history.recall()
        for _ in range(61):
            await history.take(Sample(hands.at, {"waiting": 1.0}, {"tokens": 1.0}))
            hands.at += LOOK_EVERY
        await database.close()
    database = await Database.open(tmp_path, clocks=Clocks(now=hands))
    minutes = await database.read(lambda session: samples_since(session, 60, NOON))
    quarters = await database.read(lambda session: samples_since(session, 900, NOON))
    await database.close()
    assert [row.at for row in minutes] == [NOON + number * MINUTE for number in range(10)]
    assert sum(row.figures["c"]["tokens"] for row in minutes) == quarters[0].figures["c"]["tokens"] == 119
    assert [row.at for row in quarters] == [NOON]


def busy_sample(at: datetime, rng: random.Random, people: list[str]) -> Sample:
    """What half an office brings about."""
    gauges = {f"figure_{number}": rng.random() * 1e10 for number in range(20)}
    counts = {f"count_{number}": float(rng.randrange(10_000)) for number in range(12)}
    spans = {name: {rng.randrange(60): rng.randrange(1, 99) for _ in range(15)} for name in ("first", "a", "b", "c")}
    return Sample(at, gauges, counts, spans, {person: rng.random() * 100 for person in rng.sample(people, 25)})


async def test_a_month_is_kept_in_less_than_50_mb_and_drawn_by_few_points(tmp_path: Path) -> None:
    rng, people = random.Random(1), [str(uuid4()) for _ in range(50)]
    database = await Database.open(tmp_path, clocks=Clocks(now=lambda: NOON))
    history = History(database)
    for step, kept in ((MINUTE, DAY), (QUARTER, MONTH)):
        rows = [
            MetricSample(
                step_s=int(step.total_seconds()),
                at=NOON - number * step,
                figures=as_json(busy_sample(NOON, rng, people)),
            )
            for number in range(kept // step + 100)
        ]
        await database.write(lambda session, rows=rows: put_samples(session, rows))  # type: ignore[misc]
    points = {window: len(await history.points(window)) for window in Window}
    await history.purge()
    left = [len(await database.read(lambda session, s=s: samples_since(session, s, NOON - MONTH))) for s in (60, 900)]  # type: ignore[misc]
    await database.close()
    size = (tmp_path / "samovar.db").stat().st_size
    assert size < 50 * 1024**2, size
    assert left == [DAY // MINUTE + 1, MONTH // QUARTER + 1]
    assert all(count <= POINTS + 1 for count in points.values())
    assert points[Window.MONTH] > POINTS - 2


def test_points_begin_where_their_step_does() -> None:
    samples = [Sample(NOON + timedelta(seconds=90) * number, counts={"tokens": 1.0}) for number in range(8)]
    points = thinned(samples, timedelta(minutes=5))
    assert [point.at for point in points] == [NOON, NOON + timedelta(minutes=5), NOON + timedelta(minutes=10)]
    assert [point.counts["tokens"] for point in points] == [4, 3, 1]
    assert floor(NOON + timedelta(seconds=899), QUARTER) == NOON


async def test_what_people_ask_is_counted(home: House, ana: Guest, eve: Guest, ollama: OllamaServer) -> None:
    ollama.gate.clear()
    async with tab(ana) as hers, tab(eve) as other:
        await hers.ask("tokens=20")
        await hers.until(has_text)
        await other.ask("tokens=20")
        await other.until(waits_at(1))
        await home.core.recorder.look()
        under_way = home.core.recorder.history.newest
        assert under_way is not None
        assert (under_way.gauges["running"], under_way.gauges["waiting"]) == (1, 1)
        ollama.gate.set()
        await hers.answer()
        await other.answer()
    await home.core.recorder.look()
    seen = merged(list(home.core.recorder.history.recent), NOON)
    assert seen.counts["ended.done"] == 2
    assert seen.counts["tokens"] >= 40
    assert sum(seen.spans["first"].values()) == sum(seen.spans["wait_normal"].values()) == 2
    assert set(seen.people) == {str(ana.user.id), str(eve.user.id)}
    assert 0 < seen.gauges["memory_used"] < seen.gauges["memory_total"]
    assert seen.gauges["disk_free"] > 0


async def test_failures_are_counted_by_their_class(home: House, ana: Guest, ollama: OllamaServer) -> None:
    ollama.fail_loads(1)
    async with tab(ana) as hers:
        await hers.ask("tokens=3")
        assert (await hers.answer())["state"] == "complete"
    await home.core.recorder.look()
    seen = merged(list(home.core.recorder.history.recent), NOON)
    assert seen.counts["failure.model_load"] == 1
