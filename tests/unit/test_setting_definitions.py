"""The table of settings: it agrees with what the app can be started with, and everything in it has its words."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chatui.applying import STEPS
from chatui.domain.messages import ModelName
from chatui.operations.settings.definitions import (
    BY_KEY,
    DEFINITIONS,
    MODEL_DEFINITIONS,
    Definition,
    ModelDefinition,
    Part,
    Section,
    option_of,
)
from chatui.operations.settings.kinds import Choice, Problem, Switch, Unfit
from chatui.settings import Settings
from chatui.web.pages import Say
from chatui.web.wording.admin import PARTS
from tests.support.setting_values import right_values, wrong_values

AT_THE_START = {
    "host",
    "port",
    "trusted_host",
    "proxy",
    "data",
    "backend",
    "backend_zone",
    "ollama_host",
    "embedded_threads",
    "metrics_token",
    "log_format",
}
"""What a running app cannot change of itself."""


def test_every_setting_is_in_the_table_or_belongs_to_the_start() -> None:
    assert {one.name for one in DEFINITIONS} == Settings.model_fields.keys() - AT_THE_START
    assert len(BY_KEY) == len(DEFINITIONS)


@pytest.mark.parametrize("one", DEFINITIONS, ids=lambda one: one.name)
def test_what_can_be_set_could_be_given_at_the_start(one: Definition) -> None:
    for text in right_values(one.kind):
        value = one.kind.read(text)
        assert getattr(Settings.told({one.name: text}), one.name) == value


@pytest.mark.parametrize("one", DEFINITIONS, ids=lambda one: one.name)
def test_what_cannot_be_set_could_not_be_given_at_the_start(one: Definition) -> None:
    for text in wrong_values(one.kind):
        with pytest.raises(Unfit):
            one.kind.read(text)
    with pytest.raises(ValidationError):
        Settings.told({one.name: "many"})


@pytest.mark.parametrize("one", MODEL_DEFINITIONS, ids=lambda one: one.name)
def test_options_of_models_are_read_and_found_by_their_keys(one: ModelDefinition) -> None:
    for text in right_values(one.kind):
        assert str(one.kind.read(text)) == text
    for text in wrong_values(one.kind):
        with pytest.raises(Unfit):
            one.kind.read(text)
    model = ModelName("hf.co/some:body/model.num_ctx:q4")
    assert option_of(one.key(model)) == (one, model)
    assert option_of("scheduler.learned") is None


def test_every_part_that_is_told_has_a_step() -> None:
    assert set(STEPS) == set(Part) == {part for one in DEFINITIONS for part in one.told}


@pytest.mark.parametrize("language", PARTS)
def test_everything_has_its_words(language: str) -> None:
    say = Say(language)
    for one in (*DEFINITIONS, *MODEL_DEFINITIONS):
        assert say(f"settings_{one.name}")
        assert say(f"settings_{one.name}_hint")
        assert not one.unit or say(f"settings_unit_{one.unit}")
        if isinstance(one.kind, Choice | Switch):
            assert all(f"settings_word_{word}" in say for word in one.kind.options)
    assert all(f"settings_section_{section}" in say for section in Section)
    assert all(f"settings_flaw_{problem}" in say for problem in Problem)


def test_where_a_value_comes_from_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMOVAR_RETRIES", "1")
    monkeypatch.setenv("SAMOVAR_QUEUE_TOTAL", "50")
    read = Settings.told({"queue_total": "60"})
    assert (read.retries, read.queue_total) == (1, 60)
    sources = [read.source_of(name) for name in ("retries", "queue_total", "workers")]
    assert sources == ["environment", "flag", "default"]
