"""Retries: full jitter, bounded, only where another attempt may help, within a budget."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.domain.errors import BackendBusy, BackendError, ModelLoadFailed, ModelNotFound, OutOfMemory, PromptTooLong
from chatui.scheduler.retry import RetryBudget, RetryPolicy

POLICY = RetryPolicy()


@given(st.integers(1, 3), st.integers())
def test_a_delay_lies_between_nothing_and_the_doubling_cap(attempt: int, seed: int) -> None:
    delay = POLICY.next_delay(ModelLoadFailed("no"), attempt, random.Random(seed))
    assert delay is not None
    assert timedelta() <= delay <= timedelta(seconds=min(60, 2 * 2 ** (attempt - 1)))


def test_three_retries_and_no_more() -> None:
    rng = random.Random(1)
    assert [POLICY.next_delay(ModelLoadFailed(), attempt, rng) is None for attempt in range(1, 6)] == [
        False,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("error", [ModelNotFound("x"), PromptTooLong("x")])
def test_a_permanent_error_is_not_tried_again(error: BackendError) -> None:
    assert POLICY.next_delay(error, 1, random.Random(1)) is None


def test_memory_is_tried_once_more() -> None:
    rng = random.Random(1)
    assert POLICY.next_delay(OutOfMemory(), 1, rng) is not None
    assert POLICY.next_delay(OutOfMemory(), 2, rng) is None


@given(st.integers(0, 60), st.integers())
def test_what_the_server_asks_for_is_the_least_delay(seconds: int, seed: int) -> None:
    error = BackendBusy(retry_after=timedelta(seconds=seconds))
    delay = POLICY.next_delay(error, 1, random.Random(seed))
    assert delay is not None
    assert timedelta(seconds=seconds) <= delay <= timedelta(seconds=60)


def test_a_server_that_wants_more_than_a_minute_gets_no_retry() -> None:
    assert POLICY.next_delay(BackendBusy(retry_after=timedelta(seconds=61)), 1, random.Random(1)) is None


def test_retries_stay_within_a_fifth_of_the_attempts() -> None:
    budget = RetryBudget(share=0.2, spare=2.0)
    assert [budget.take(), budget.take(), budget.take()] == [True, True, False]
    for _ in range(5):
        budget.attempted()
    assert [budget.take(), budget.take()] == [True, False]


@given(st.lists(st.booleans(), max_size=400))
def test_no_burst_of_failures_passes_the_budget(failed: list[bool]) -> None:
    budget, retries = RetryBudget(share=0.2, spare=10.0), 0
    for attempts, fails in enumerate(failed, 1):
        budget.attempted()
        retries += fails and budget.take()
        assert retries <= 10 + 0.2 * attempts
