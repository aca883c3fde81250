"""What can be done on the command line beside serving: accounts, keys, settings, tuning, warm-ups, backups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from chatui.account_commands import account, admin
from chatui.backend_commands import backend
from chatui.command_line import command_parser, data_of
from chatui.import_command import import_conversations
from chatui.key_commands import key
from chatui.prompt_commands import prompt
from chatui.settings import SettingsError
from chatui.settings_commands import settings
from chatui.tuning_commands import tune
from chatui.warm_up_commands import warm_up
from storage.backup import backup_of
from storage.database import now_utc
from storage.restoring import restore


def run_command(arguments: Sequence[str]) -> str:
    """Run the command that the first argument names and give what it has to say.

    Raises `SettingsError` for a wrong argument, and a `StorageError` when nothing came of it.
    """
    name, *rest = arguments
    return COMMANDS[name](rest)


def _back_up(arguments: Sequence[str]) -> str:
    parser = command_parser("backup", "Copy the database to a dated file among its backups, also while the app runs.")
    file = backup_of(data_of(parser.parse_args(arguments)), now_utc())
    return f"Backed up to {file}"


def _restore(arguments: Sequence[str]) -> str:
    parser = command_parser("restore", "Put a backup in the place of the database. The app must not be running.")
    parser.add_argument("file", type=Path, metavar="FILE", help="The backup; it stays.")
    given = parser.parse_args(arguments)
    if not given.file.is_file():
        raise SettingsError(f"There is no backup {given.file}.")
    replaced = restore(data_of(given), given.file, now_utc())
    return f"Restored from {given.file}\nWhat was there before is kept as {replaced}"


COMMANDS: Mapping[str, Callable[[Sequence[str]], str]] = MappingProxyType(
    {
        "account": account,
        "admin": admin,
        "backend": backend,
        "backup": _back_up,
        "import": import_conversations,
        "key": key,
        "prompt": prompt,
        "restore": _restore,
        "settings": settings,
        "tune": tune,
        "warm-up": warm_up,
    }
)
