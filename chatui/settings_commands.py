"""What can be done about settings at the console, also while the app runs: it takes them up within a second."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from uuid import UUID

from chatui.account_commands import acting_as_console, doing
from chatui.accounts.accounts import Accounts
from chatui.command_line import Verb, run_verb, settings_of
from chatui.domain.messages import ModelName
from chatui.operations.settings.definitions import BY_NAME, DEFINITIONS, MODEL_DEFINITIONS, option_of
from chatui.operations.settings.in_force import SettingsInForce
from chatui.operations.settings.kinds import Flaw
from chatui.operations.settings.service import SettingsService
from chatui.settings import OneLineParser, SettingsError
from chatui.web.admin.setting_fields import change_lines, flaw_sentence, shown
from chatui.web.pages import Say

_HISTORY: Final = 50
Work = Callable[[SettingsService, Accounts, Namespace], Awaitable[str]]


def settings(arguments: Sequence[str]) -> str:
    """Run `settings VERB`."""
    return run_verb("settings", "See and change settings, also while the app runs.", _VERBS, arguments)


def over_settings(work: Work) -> Callable[[Namespace], str]:
    """Make what a verb runs: the work over the settings in the data directory."""

    async def run(accounts: Accounts, given: Namespace) -> str:
        in_force = SettingsInForce(settings_of(given), accounts.desk.store)
        await in_force.refresh()
        return await work(SettingsService(accounts.desk, in_force), accounts, given)

    return doing(run)


async def _list(service: SettingsService, _: Accounts, __: Namespace) -> str:
    in_force = service.in_force
    lines = [
        "\t".join((one.name, shown(getattr(in_force.now, one.name)), in_force.source_of(one.name)))
        for one in DEFINITIONS
    ]
    for key, value in in_force.stored.items():
        if (found := option_of(key)) is not None:
            lines.append("\t".join((f"{found[0].name} {found[1]}", shown(value), "stored")))
    return "\n".join(lines)


async def _get(service: SettingsService, _: Accounts, given: Namespace) -> str:
    name = _named(given.name)
    return f"{shown(getattr(service.in_force.now, name))}\t{service.in_force.source_of(name)}"


async def _set(service: SettingsService, accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    if given.model:
        if given.name not in {one.name for one in MODEL_DEFINITIONS}:
            raise SettingsError(f"There is no option {given.name!r} of a model: {_names_of_options()}.")
        _refuse(await service.change_options(by, ModelName(given.model), {given.name: given.value}), given)
        return f"{given.name} of {given.model} is {given.value} now"
    name = _named(given.name)
    _refuse(await service.change(by, {name: given.value}), given)
    return f"{name} is {shown(getattr(service.in_force.now, name))} now"


async def _unset(service: SettingsService, accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    if given.model:
        await service.change_options(by, ModelName(given.model), {given.name: ""})
        return f"{given.name} of {given.model} is the server's choice now"
    name = _named(given.name)
    await service.unset(by, name)
    return f"{name} is {shown(getattr(service.in_force.now, name))} now"


async def _history(service: SettingsService, accounts: Accounts, _: Namespace) -> str:
    by = await acting_as_console(accounts)
    names: dict[UUID, str] = {person.id: person.name for person in await accounts.admin.people(by)}
    lines = change_lines(await service.history(by, _HISTORY), names, Say("en"))
    return "\n".join(
        "\t".join((f"{line.at:%Y-%m-%d %H:%M}", line.what, f"{line.before} -> {line.after}", line.by)) for line in lines
    )


def _named(name: str) -> str:
    known = name.replace("-", "_")
    if known not in BY_NAME:
        raise SettingsError(f"There is no setting {name!r}. See: python app.py settings list")
    return known


def _names_of_options() -> str:
    return ", ".join(one.name for one in MODEL_DEFINITIONS)


def _refuse(flaws: Mapping[str, Flaw], given: Namespace) -> None:
    for flaw in flaws.values():
        raise SettingsError(f"{given.name} {given.value!r}: {flaw_sentence(Say('en'), flaw)}")


def _nothing(_: OneLineParser) -> None:
    """Take no arguments."""


def _name(parser: OneLineParser) -> None:
    parser.add_argument("name", metavar="NAME", help="Name of the setting, as `settings list` shows it.")


def _name_and_model(parser: OneLineParser) -> None:
    _name(parser)
    parser.add_argument("--model", metavar="MODEL", help=f"Only for this model: {_names_of_options()}.")


def _name_and_value(parser: OneLineParser) -> None:
    _name_and_model(parser)
    parser.add_argument("value", metavar="VALUE", help="What it is from now on.")


_VERBS: Final = MappingProxyType(
    {
        "list": Verb("List every setting: name, value, where it comes from.", _nothing, over_settings(_list)),
        "get": Verb("Tell one setting and where its value comes from.", _name, over_settings(_get)),
        "set": Verb("Set one; it wins over flags and environment.", _name_and_value, over_settings(_set)),
        "unset": Verb("Have flags and environment decide again.", _name_and_model, over_settings(_unset)),
        "history": Verb("List what was changed, newest first.", _nothing, over_settings(_history)),
    }
)
