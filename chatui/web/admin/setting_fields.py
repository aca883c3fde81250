"""Settings as a page shows them: fields with their values, sources and flaws, and changes in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chatui.domain.messages import ModelName
from chatui.operations.backend_list import PREFIX
from chatui.operations.settings.definitions import BY_KEY, DEFINITIONS, MODEL_DEFINITIONS, Section, option_of
from chatui.operations.settings.in_force import SettingsInForce
from chatui.operations.settings.kinds import Choice, Flaw, Kind, Switch
from chatui.web.pages import Say
from storage.setting_tables import SettingChange

Flaws = Mapping[str, Flaw]
Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting in a form. `options` are the values of a choice with their names; `start` is what it would be unset."""

    name: str
    label: str
    hint: str
    value: str
    unit: str
    source: str
    flaw: str
    options: Sequence[tuple[str, str]]
    start: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change of a setting in words; `by` is nothing for an account that is gone.

    `back` is the key of the word for putting back what was before: nothing where that holds already.
    """

    number: int
    at: datetime
    what: str
    before: str
    after: str
    by: str
    at_console: bool
    back: str


def sections(in_force: SettingsInForce, say: Say, typed: Typed, flaws: Flaws) -> dict[str, list[SettingField]]:
    """Give the fields of each section; what was `typed` and is no good stands in its field."""
    drawn: dict[str, list[SettingField]] = {section.value: [] for section in Section}
    for one in DEFINITIONS:
        value = shown(getattr(in_force.now, one.name))
        drawn[one.section.value].append(
            SettingField(
                name=one.name,
                label=say(f"settings_{one.name}"),
                hint=say(f"settings_{one.name}_hint"),
                value=typed.get(one.name, value),
                unit=say(f"settings_unit_{one.unit}") if one.unit else "",
                source=in_force.source_of(one.name),
                flaw=flaw_sentence(say, flaws.get(one.name)),
                options=_options(say, one.kind),
                start=value_in_words(say, getattr(in_force.start, one.name)),
            )
        )
    return drawn


def model_fields(
    in_force: SettingsInForce, say: Say, model: ModelName, typed: Typed, flaws: Flaws
) -> list[SettingField]:
    """Give the fields of a model's runner options; an empty one leaves the choice to the server."""
    options = in_force.options_set(model)
    return [
        SettingField(
            name=one.name,
            label=say(f"settings_{one.name}"),
            hint=say(f"settings_{one.name}_hint"),
            value=typed.get(one.name, shown(options.get(one.name, ""))),
            unit=say(f"settings_unit_{one.unit}") if one.unit else "",
            source="stored" if one.name in options else "",
            flaw=flaw_sentence(say, flaws.get(one.name)),
            options=[],
            start="",
        )
        for one in MODEL_DEFINITIONS
    ]


def change_lines(changes: Sequence[SettingChange], names: Mapping[UUID, str], say: Say) -> Iterator[ChangeLine]:
    """Tell changes in words, newest first."""
    now: dict[str, Any] = {}
    for made in changes:
        yield ChangeLine(
            number=made.id or 0,
            at=made.changed_at,
            what=name_of(say, made.key),
            before=value_in_words(say, made.before),
            after=value_in_words(say, made.after),
            by="" if made.changed_by is None else names.get(made.changed_by, ""),
            at_console=made.address == "console",
            back=_way_back(made, now),
        )
        now.setdefault(made.key, made.after)


def _way_back(made: SettingChange, now: Mapping[str, Any]) -> str:
    if made.before == now.get(made.key, made.after):
        return ""
    return "settings_put_back" if made.key in now else "settings_undo"


def name_of(say: Say, key: str) -> str:
    """Name the setting that is stored under a key."""
    if (option := option_of(key)) is not None:
        return say("settings_of_model", option=say(f"settings_{option[0].name}"), model=option[1])
    if key in BY_KEY:
        return say(f"settings_{BY_KEY[key].name}")
    return say("settings_of_server", name=key.removeprefix(PREFIX)) if key.startswith(PREFIX) else key


def value_in_words(say: Say, value: Any) -> str:
    """Say a stored value; nothing is what flags and environment decide."""
    if value is None:
        return say("settings_unset")
    if isinstance(value, dict):
        return say(f"settings_server_{value.get('state')}")
    word = f"settings_word_{shown(value)}"
    return say(word) if word in say else shown(value)


def flaw_sentence(say: Say, flaw: Flaw | None) -> str:
    """Say what is wrong with a value; nothing when nothing is."""
    return "" if flaw is None else say(f"settings_flaw_{flaw.problem}", **flaw.values)


def _options(say: Say, kind: Kind) -> Sequence[tuple[str, str]]:
    return [(word, say(f"settings_word_{word}")) for word in kind.options] if isinstance(kind, Choice | Switch) else []


def shown(value: Any) -> str:
    """Write a value as one types it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
