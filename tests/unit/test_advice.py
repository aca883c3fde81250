from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.operations.advice import GIB, Memory, advised_workers

SIZES = st.integers(1, 512).map(lambda gib: gib * GIB)


@pytest.mark.parametrize(
    ("total_gib", "model_gib", "least", "most"),
    [
        (8, 2.0, 3, 3),  # a 3 B model on a laptop
        (8, 4.9, 1, 3),  # an 8 B model just fits
        (16, 4.9, 4, 6),
        (32, 4.9, 8, 12),
        (64, 20.0, 12, 16),
        (8, 9.1, 1, 1),  # it does not fit at all
    ],
)
def test_machines_that_people_have(total_gib: int, model_gib: float, least: int, most: int) -> None:
    memory = Memory(total_gib * GIB, int(total_gib * GIB * 0.85))
    assert least <= advised_workers(memory, int(model_gib * GIB), 4096) <= most


def test_without_a_size_the_machine_alone_counts() -> None:
    assert advised_workers(Memory(8 * GIB, 6 * GIB), None, 4096) == 3
    assert advised_workers(Memory(2 * GIB, GIB), None, 4096) == 1


@given(SIZES, SIZES, st.integers(1, 200), st.sampled_from([2048, 4096, 32768, 131072]))
def test_more_context_never_allows_more(total: int, available: int, model_gib: int, context: int) -> None:
    memory = Memory(total, min(total, available))
    advised = advised_workers(memory, model_gib * GIB, context)
    assert 1 <= advised <= 16
    assert advised_workers(memory, model_gib * GIB, context * 2) <= advised
    assert advised_workers(memory, model_gib * GIB, context, loaded_bytes=model_gib * GIB) >= advised
