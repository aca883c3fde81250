"""The simulation and its figures, in small."""

from __future__ import annotations

import pytest

from benchmarks.scheduling.contenders import CONTENDERS
from benchmarks.scheduling.measures import figures, jain, max_min, quantile
from benchmarks.scheduling.simulation import Simulation, World
from benchmarks.scheduling.workload import Crowd
from tests.support.entries import ANN, BEN, CID


def test_shares_are_max_min_fair() -> None:
    assert max_min({ANN: 10.0, BEN: 100.0, CID: 100.0}, 90.0) == {ANN: 10.0, BEN: 40.0, CID: 40.0}


def test_jain_is_one_for_equals_and_a_share_for_one_who_has_all() -> None:
    assert jain([3.0, 3.0]) == 1.0
    assert jain([4.0, 0.0]) == 0.5


def test_a_quantile_is_a_value_of_the_sample() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([], 0.5) == 0.0


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_contender_answers_everybody(name: str) -> None:
    crowd = Crowd(seconds=600.0)
    run = Simulation(CONTENDERS[name](), World(crowd.asks(1), snapshot_at=crowd.seconds), 1).run()
    asked = sum(record.ask.output_tokens for record in run.records.values())
    assert all(record.ended_at is not None for record in run.records.values())
    assert run.server.tokens == asked, "every token once"


def test_ours_is_faster_and_fairer_than_first_come_first_served() -> None:
    crowd = Crowd(seconds=2400.0)
    ours, fifo = (
        figures(Simulation(CONTENDERS[name](), World(crowd.asks(3), snapshot_at=crowd.seconds), 3).run())
        for name in ("ours", "strict FIFO")
    )
    assert ours.tokens_per_second > 1.5 * fifo.tokens_per_second
    assert ours.light_p95 < 0.2 * fifo.light_p95
    assert ours.swaps < 0.25 * fifo.swaps
    assert ours.jain > fifo.jain
