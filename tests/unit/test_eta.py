"""Expected waits: calibrated by what came of earlier ones, and silent until enough is known."""

from __future__ import annotations

import json
import random
from uuid import UUID

import pytest

from chatui.domain.jobs import JobId, Priority
from chatui.scheduler.estimates import Estimates
from chatui.scheduler.eta import Calibration, Expected
from chatui.scheduler.mean import Mean
from tests.support.entries import AMBER, ANN, BASALT, BEN


def expected(seconds: float, spread: float = 1.0) -> Expected:
    return Expected(JobId(UUID(int=1)), seconds, spread, 1, 0)


def test_it_tells_no_interval_until_30_were_seen() -> None:
    calibration = Calibration()
    for _ in range(29):
        calibration.add(Priority.HIGH, expected(10.0), 20.0)
    assert calibration.interval(Priority.HIGH, expected(10.0)) is None
    assert calibration.centre(Priority.HIGH, expected(10.0)) == 10.0
    calibration.add(Priority.HIGH, expected(10.0), 20.0)
    assert calibration.interval(Priority.HIGH, expected(10.0)) is not None
    assert calibration.interval(Priority.LOW, expected(10.0)) is None, "classes are apart"


def test_a_constant_error_is_corrected() -> None:
    calibration = Calibration()
    for _ in range(50):
        calibration.add(Priority.NORMAL, expected(9.0), 19.0)
    assert calibration.centre(Priority.NORMAL, expected(9.0)) == pytest.approx(19.0)
    assert calibration.interval(Priority.NORMAL, expected(9.0)) == pytest.approx((19.0, 19.0))


def test_what_chance_explains_is_not_corrected() -> None:
    calibration, rng = Calibration(), random.Random(3)
    for _ in range(300):
        calibration.add(Priority.NORMAL, expected(99.0, 0.5), 100 * rng.lognormvariate(0, 0.5) - 1)
    assert calibration.centre(Priority.NORMAL, expected(40.0, 0.5)) == pytest.approx(40.0)


def test_the_interval_covers_eight_of_ten() -> None:
    calibration, rng = Calibration(), random.Random(7)
    hits = 0
    for number in range(2000):
        wait = expected(rng.uniform(5, 300), rng.uniform(0.2, 0.8))
        actual = wait.seconds * rng.lognormvariate(0.2, 1.3 * wait.spread)
        interval = calibration.interval(Priority.NORMAL, wait)
        hits += number >= 1000 and interval is not None and interval[0] <= actual <= interval[1]
        calibration.add(Priority.NORMAL, wait, actual)
    assert 750 <= hits <= 850


def test_a_wait_that_is_known_well_is_not_doubted_for_others() -> None:
    calibration, rng = Calibration(), random.Random(5)
    for _ in range(150):
        calibration.add(Priority.NORMAL, expected(9.0, 0.02), 9.0)
        calibration.add(Priority.NORMAL, expected(9.0, 1.0), 10 * rng.lognormvariate(0, 1.0) - 1)
    narrow, wide = (calibration.interval(Priority.NORMAL, expected(9.0, spread)) for spread in (0.02, 1.0))
    assert narrow is not None
    assert wide is not None
    assert narrow[1] - narrow[0] < 0.1 * (wide[1] - wide[0])


def test_what_was_seen_survives_a_restart() -> None:
    calibration, other = Calibration(), Calibration()
    for _ in range(40):
        calibration.add(Priority.LOW, expected(9.0), 19.0)
    other.learn(json.loads(json.dumps(calibration.learned())))
    assert other.interval(Priority.LOW, expected(9.0)) == calibration.interval(Priority.LOW, expected(9.0))


def test_a_moving_mean_begins_plain_and_then_follows() -> None:
    mean = Mean(0.0, share=0.5)
    mean.add(10.0)
    assert mean.value == 10.0
    mean.add(20.0)
    assert mean.value == 15.0
    mean.add(35.0)
    assert mean.value == 25.0


def test_lengths_are_learned_per_person_and_lean_on_the_model() -> None:
    estimates = Estimates(200.0, 10.0)
    assert estimates.output_tokens(ANN, AMBER) == 200.0
    for _ in range(50):
        estimates.saw_answer(ANN, AMBER, 1000)
        estimates.saw_answer(BEN, AMBER, 100)
    assert estimates.output_tokens(ANN, AMBER) > 800
    assert estimates.output_tokens(BEN, AMBER) < 200
    assert 300 < estimates.output_tokens(BEN, BASALT) < 700, "nothing is known of him here"


def test_costs_of_loads_and_tokens_survive_a_restart() -> None:
    estimates, other = Estimates(200.0, 10.0), Estimates(200.0, 10.0)
    estimates.saw_load("box", AMBER, 4.0)
    estimates.saw_speed("box", AMBER, (1.0, 100), (10.0, 200))
    estimates.saw_answer(ANN, AMBER, 50)
    other.learn(json.loads(json.dumps(estimates.learned())))
    assert other.load("box", AMBER) == 4.0
    assert other.seconds("box", AMBER, 100, 200) == 11.0
