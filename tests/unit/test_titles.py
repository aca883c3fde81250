"""Titles: made of a question, found by a model, typed by a person."""

from __future__ import annotations

import pytest

from chatui.backends.base import ModelInfo
from chatui.conversations.title_writer import can_write_titles
from chatui.conversations.titles import ask_for_title, title_in
from chatui.domain.messages import ModelName


@pytest.mark.parametrize(
    ("reply", "title"),
    [
        ("Monthly sums in a spreadsheet", "Monthly sums in a spreadsheet"),
        ('"Monthly sums"\n', "Monthly sums"),
        ("**Title: Monthly sums.**", "Monthly sums"),
        ("标题：按月求和", "按月求和"),  # noqa: RUF001 - a Chinese colon
        ("# Monthly   sums", "Monthly sums"),
    ],
)
def test_a_title_is_found_under_what_models_put_around_it(reply: str, title: str) -> None:
    assert title_in(reply) == title


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "?",
        "1234",
        "Here is a title:\nMonthly sums",
        "I would suggest that you call this conversation something like monthly sums in a sheet",
        "x" * 61,
    ],
)
def test_what_is_no_title_is_none(reply: str) -> None:
    assert title_in(reply) is None


@pytest.mark.parametrize(
    ("parameters", "can"),
    [("135M", False), ("1.2B", False), ("1.5B", True), ("8.0B", True), ("70B", True), (None, False)],
)
def test_only_models_that_are_large_enough_write_titles(parameters: str | None, *, can: bool) -> None:
    assert can_write_titles(ModelInfo(ModelName("m"), parameters=parameters)) == can
    assert not can_write_titles(None)


def test_a_long_conversation_costs_no_more_than_its_beginning() -> None:
    assert len(ask_for_title("q" * 10_000, "a" * 10_000)) < 2_000
