"""What every command at the console shares: its parser, and the data directory that it works on."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from chatui.settings import OneLineParser, Settings, load_settings


class Verb(NamedTuple):
    """What a command can be told to do: in a few words, what adds its arguments to a parser, and the work itself."""

    text: str
    add_arguments: Callable[[OneLineParser], None]
    work: Callable[[Namespace], str]


def command_parser(name: str, description: str) -> OneLineParser:
    """Make the parser of a command, which knows `--data`."""
    parser = OneLineParser(prog=f"python app.py {name}", description=description)
    _add_data(parser)
    return parser


def data_of(given: Namespace) -> Path:
    """Tell the data directory that a command is about."""
    return settings_of(given).data


def settings_of(given: Namespace) -> Settings:
    """Tell what the app would start with beside a command."""
    return load_settings(["--data", given.data] if given.data else [])


def run_verb(name: str, description: str, verbs: Mapping[str, Verb], arguments: Sequence[str]) -> str:
    """Run `name verb ...` and give what it has to say; raises SettingsError for a wrong argument."""
    parser = OneLineParser(prog=f"python app.py {name}", description=description)
    choices = parser.add_subparsers(metavar="VERB", required=True)
    for verb_name, verb in verbs.items():
        chosen = choices.add_parser(verb_name, help=verb.text, description=verb.text)
        _add_data(chosen)
        verb.add_arguments(chosen)
        chosen.set_defaults(verb=verb)
    given = parser.parse_args(arguments)
    chosen_verb: Verb = given.verb
    return chosen_verb.work(given)


def _add_data(parser: OneLineParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="Directory of the database and its backups.")
