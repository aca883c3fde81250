"""How a conversation is to be answered, as somebody tells it."""

from __future__ import annotations

import pytest

from chatui.conversations.manner import PLAIN, Manner, manner_from, manner_json
from chatui.domain.errors import InvalidInput
from chatui.domain.messages import Think

WHOLE = Manner("Be brief.", 0.5, 0.9, 100, 7, ("END",), Think.LOW)


def test_what_was_chosen_is_read_as_it_was_written() -> None:
    assert manner_from(manner_json(WHOLE)) == WHOLE
    assert manner_json(PLAIN) == {}
    assert manner_from(None) == manner_from({}) == PLAIN


def test_a_temperature_and_a_seed_of_nothing_are_choices() -> None:
    assert manner_json(Manner(temperature=0.0, seed=0)) == {"temperature": 0.0, "seed": 0}


@pytest.mark.parametrize(
    "told",
    [
        "warm",
        {"num_ctx": 4096},
        {"options": {}},
        {"temperature": 2.1},
        {"temperature": float("nan")},
        {"temperature": True},
        {"top_p": -0.1},
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"seed": 2**31},
        {"stop": "END"},
        {"stop": ["a", "b", "c", "d", "e"]},
        {"stop": ["x" * 101]},
        {"system": "x" * 20_001},
        {"system": 3},
        {"think": "hard"},
    ],
)
def test_what_no_server_takes_and_what_is_the_runners_is_refused(told: object) -> None:
    with pytest.raises(InvalidInput):
        manner_from(told)
