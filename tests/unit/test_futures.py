"""What the futures are drawn from: lengths, paces, who asks, and evenly spread chances."""

from __future__ import annotations

import random
from itertools import islice
from statistics import mean
from uuid import UUID

import pytest

from chatui.domain.jobs import JobId, Priority
from chatui.scheduler.arrivals import Arrivals
from chatui.scheduler.chances import Chances
from chatui.scheduler.entry import Entry
from chatui.scheduler.lengths import Lengths
from chatui.scheduler.paces import Paces
from tests.support.entries import AMBER, ANN, BASALT, BEN


def asked(user_model: int, at: float) -> Entry:
    user, model = ((ANN, AMBER), (BEN, BASALT))[user_model]
    return Entry(JobId(UUID(int=round(at * 10) + 1)), user, model, Priority.HIGH, 1, at, 50)


def test_a_person_who_writes_long_is_expected_to() -> None:
    lengths, rng = Lengths(200.0), random.Random(1)
    for _ in range(60):
        lengths.saw(ANN, AMBER, round(800 * rng.lognormvariate(0, 0.5)))
        lengths.saw(BEN, AMBER, round(100 * rng.lognormvariate(0, 0.5)))
    assert lengths.left(ANN, AMBER, 0, 0.5) == pytest.approx(800, rel=0.3)
    assert lengths.left(BEN, AMBER, 0, 0.5) == pytest.approx(100, rel=0.3)
    assert lengths.left(ANN, BASALT, 0, 0.5) > 2 * lengths.left(BEN, BASALT, 0, 0.5), "a habit goes along"
    assert lengths.spread == pytest.approx(0.5, abs=0.15)


def test_what_was_written_is_known_of_an_answer() -> None:
    lengths = Lengths(200.0)
    assert lengths.left(ANN, AMBER, 0, 0.9) > lengths.left(ANN, AMBER, 0, 0.1)
    assert 1.0 <= lengths.left(ANN, AMBER, 150, 0.5) < lengths.left(ANN, AMBER, 0, 0.5)
    assert lengths.left(ANN, AMBER, 2000, 0.5) > 100, "who went on so long goes on"


def test_streams_that_share_a_machine_are_faster_alone() -> None:
    paces, rng = Paces(), random.Random(2)
    assert paces.pace("box", AMBER, 1) == 1.0
    for _ in range(100):
        streams = rng.uniform(2.5, 4.0)
        paces.saw("box", AMBER, streams, 0.03 + 0.02 * streams)
    assert paces.pace("box", AMBER, 1) / paces.pace("box", AMBER, 4) == pytest.approx(0.11 / 0.05, rel=0.1)


def test_streams_that_do_not_touch_each_other_keep_their_pace() -> None:
    paces = Paces()
    for number in range(50):
        paces.saw("box", AMBER, 1 + number % 4, 0.02)
    assert paces.pace("box", AMBER, 1) == paces.pace("box", AMBER, 8) == 1.0


def test_those_who_asked_lately_ask_again_as_often() -> None:
    arrivals, chances = Arrivals(), Chances(8, random.Random(3))
    for number in range(80):
        arrivals.asked(asked(int(number % 4 == 0), 10.0 * number), 10.0 * number)
    futures = [list(islice(arrivals.coming(800.0, chances.of(number)), 40)) for number in range(8)]
    assert mean(future[-1].arrived_at - 800 for future in futures) == pytest.approx(400, rel=0.05)
    assert mean(entry.user == ANN for future in futures for entry in future) == pytest.approx(0.75, abs=0.1)
    assert all(entry.arrived_at > 800 for future in futures for entry in future)


def test_nobody_is_expected_before_some_have_asked() -> None:
    arrivals = Arrivals()
    arrivals.asked(asked(0, 1.0), 1.0)
    assert not list(arrivals.coming(2.0, Chances(1, random.Random(1)).of(0)))


def test_futures_together_cover_the_whole_range() -> None:
    chances = Chances(5, random.Random(4))
    assert sorted(chances.of(number).of("it") for number in range(5)) == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])
    assert mean(chances.of(number).pause("it") for number in range(5)) == pytest.approx(1.0)
    assert Chances(1, random.Random(4)).of(0).of("it") == 0.5
