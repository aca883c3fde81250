"""How fast several answers are written at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.operations.tuning.meter import Meter


@given(st.integers(1, 8), st.integers(2, 40), st.floats(0.01, 1), st.floats(0, 3))
def test_what_comes_while_all_are_being_written_counts(streams: int, length: int, gap: float, apart: float) -> None:
    """However far apart they begin, as long as all are under way before the first one ends."""
    meter = Meter(streams, 100.0)
    apart = min(apart, gap * (length - 1) / streams)
    coming = [
        (100 + 2 + apart * stream + gap * number, stream, number + 1)
        for stream in range(streams)
        for number in range(length)
    ]
    end = min(at for at, _, number in coming if number == length)
    for at, stream, number in sorted(coming):
        if at <= end:
            meter.wrote(stream, number, at)
    assert meter.first_token(end) == pytest.approx(2 + apart * (streams - 1))
    counted = (end - 100 - 2 - apart * (streams - 1)) / gap
    if counted >= 3:  # else a token more or less is much of it
        assert meter.tokens_per_second(end) == pytest.approx(streams / gap, rel=1 / counted + 0.01)


def test_answers_that_wait_for_each_other_count_as_what_is_written() -> None:
    """A server that answers one at a time: the others have no first token when the first answer ends."""
    meter = Meter(3, 0.0)
    for number in range(1, 11):
        meter.wrote(0, number, 1.0 + 0.1 * number)
    assert meter.tokens_per_second(2.0) == pytest.approx(10)
    assert meter.first_token(2.0) == 2.0


def test_answers_of_one_token_are_counted_over_all() -> None:
    meter = Meter(2, 0.0)
    meter.wrote(0, 1, 1.0)
    meter.wrote(1, 1, 1.5)
    assert meter.tokens_per_second(2.0) == 1.0
    assert meter.tokens == 2
    assert Meter(1, 0.0).tokens_per_second(0.0) == 0.0
